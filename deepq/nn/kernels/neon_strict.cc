// Compiled for aarch64, without fused multiply-add.
#include "deepq/nn/kernels/isa/neon.h"

namespace deepq {
namespace {

constexpr bool kStrict = true;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kNeonStrictKernels;
constinit const Kernels kNeonStrictKernels = vector_kernels("neon_strict");

}  // namespace deepq
