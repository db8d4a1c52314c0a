// Compiled for WebAssembly with SIMD128, which has no fused multiply-add: fast and strict are one table.
#include "deepq/nn/kernels/isa/wasm.h"

namespace deepq {
namespace {

constexpr bool kStrict = true;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kWasmKernels;
constinit const Kernels kWasmKernels = vector_kernels("wasm");

}  // namespace deepq
