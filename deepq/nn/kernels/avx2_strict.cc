// Compiled for x86-64-v3, without fused multiply-add.
#include "deepq/nn/kernels/isa/avx2.h"

namespace deepq {
namespace {

constexpr bool kStrict = true;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kAvx2StrictKernels;
constinit const Kernels kAvx2StrictKernels = vector_kernels("avx2_strict");

}  // namespace deepq
