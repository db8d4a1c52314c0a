#include "deepq/nn/kernels/kernels.h"

namespace deepq {

#ifdef DEEPQ_VECTOR_KERNELS
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx2Kernels;

namespace {

// The levels of x86-64 that avx512.cc and avx2.cc are compiled for. Clang 16 does not know them by name, nor all of
// their parts: what it cannot ask for (MOVBE, LZCNT, F16C) came with or before AVX2 and BMI2.
#ifdef __clang__
bool has_avx2_level() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("fma");
}
bool has_avx512_level() {
  return has_avx2_level() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#else
bool has_avx2_level() { return __builtin_cpu_supports("x86-64-v3"); }
bool has_avx512_level() { return __builtin_cpu_supports("x86-64-v4"); }
#endif

}  // namespace

const Kernels& kernels_for(Engine engine) {
  if (engine == Engine::kPlain) return kPlainKernels;
  if (has_avx512_level()) return kAvx512Kernels;
  if (has_avx2_level()) return kAvx2Kernels;
  return kPlainKernels;
}
#else
const Kernels& kernels_for(Engine) { return kPlainKernels; }
#endif

}  // namespace deepq
