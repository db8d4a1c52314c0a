#include <array>

#include "deepq/nn/kernels/kernels.h"

namespace deepq {

#ifdef DEEPQ_VECTOR_KERNELS
extern const Kernels kAvx512Kernels, kAvx512StrictKernels, kAvx2Kernels, kAvx2StrictKernels;
extern const Kernels kNeonKernels, kNeonStrictKernels, kWasmKernels, kBaselineKernels;
#endif

namespace {

// The tables of one set of instructions, and whether this CPU has them.
struct Candidate {
  const Kernels *fast, *strict;
  bool (*is_here)();
};

#if !defined(DEEPQ_VECTOR_KERNELS)
constexpr std::array<Candidate, 0> kCandidates{};
#elif defined(__x86_64__)
// The levels of x86-64 that the tables are compiled for. Clang 16 does not know them by name, nor all of their parts:
// what it cannot ask for (MOVBE, LZCNT, F16C) came with or before AVX2 and BMI2.
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
constexpr std::array kCandidates{Candidate{&kAvx512Kernels, &kAvx512StrictKernels, has_avx512_level},
                                 Candidate{&kAvx2Kernels, &kAvx2StrictKernels, has_avx2_level},
                                 Candidate{&kBaselineKernels, &kBaselineKernels, [] { return true; }}};
#elif defined(__aarch64__)
constexpr std::array kCandidates{Candidate{&kNeonKernels, &kNeonStrictKernels, [] { return true; }}};
#elif defined(__wasm_simd128__)
constexpr std::array kCandidates{Candidate{&kWasmKernels, &kWasmKernels, [] { return true; }}};
#else
constexpr std::array kCandidates{Candidate{&kBaselineKernels, &kBaselineKernels, [] { return true; }}};
#endif

}  // namespace

std::vector<const Kernels*> vector_kernels_here(Arithmetic arithmetic) {
  std::vector<const Kernels*> found;
  for (const Candidate& candidate : kCandidates)
    if (candidate.is_here()) found.push_back(arithmetic == Arithmetic::kStrict ? candidate.strict : candidate.fast);
  return found;
}

const Kernels& kernels_for(Engine engine, Arithmetic arithmetic) {
  if (engine == Engine::kPlain) return kPlainKernels;
  for (const Candidate& candidate : kCandidates)
    if (candidate.is_here()) return arithmetic == Arithmetic::kStrict ? *candidate.strict : *candidate.fast;
  return kPlainKernels;
}

}  // namespace deepq
