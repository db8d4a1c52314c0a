// Compiled for any machine of its kind, without fused multiply-add: fast and strict are one table. On x86-64 without
// AVX2 it is SSE2.
#include "deepq/nn/kernels/isa/baseline.h"

namespace deepq {
namespace {

constexpr bool kStrict = true;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kBaselineKernels;
constinit const Kernels kBaselineKernels = vector_kernels("baseline");

}  // namespace deepq
