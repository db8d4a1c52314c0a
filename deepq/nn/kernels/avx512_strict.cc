// Compiled for x86-64-v4, without fused multiply-add: the bits of every other strict table.
#include "deepq/nn/kernels/isa/avx512.h"

namespace deepq {
namespace {

constexpr bool kStrict = true;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kAvx512StrictKernels;
constinit const Kernels kAvx512StrictKernels = vector_kernels("avx512_strict");

}  // namespace deepq
