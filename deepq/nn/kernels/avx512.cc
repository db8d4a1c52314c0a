// Compiled for x86-64-v4, with fused multiply-add.
#include "deepq/nn/kernels/isa/avx512.h"

namespace deepq {
namespace {

constexpr bool kStrict = false;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kAvx512Kernels;
constinit const Kernels kAvx512Kernels = vector_kernels("avx512");

}  // namespace deepq
