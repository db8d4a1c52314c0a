// Compiled for x86-64-v3, with fused multiply-add: the bits of avx512.cc.
#include "deepq/nn/kernels/isa/avx2.h"

namespace deepq {
namespace {

constexpr bool kStrict = false;

}  // namespace
}  // namespace deepq

#include "deepq/nn/kernels/vector.inc"

namespace deepq {

extern const Kernels kAvx2Kernels;
constinit const Kernels kAvx2Kernels = vector_kernels("avx2");

}  // namespace deepq
