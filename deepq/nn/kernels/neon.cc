// Compiled for aarch64, with fused multiply-add.
#include "deepq/nn/kernels/isa/neon.h"

namespace deepq {
namespace {

constexpr bool kStrict = false;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kNeonKernels;
constinit const Kernels kNeonKernels = vector_kernels("neon");

}  // namespace deepq
