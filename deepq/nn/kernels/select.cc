#include <array>

#include "deepq/core/error.h"
#include "deepq/nn/kernels/kernels.h"
#ifdef __x86_64__
#include "deepq/nn/kernels/x86_level.h"
#endif

namespace deepq {

extern const Kernels kAvx512Kernels, kAvx512StrictKernels, kAvx2Kernels, kAvx2StrictKernels;
extern const Kernels kNeonKernels, kNeonStrictKernels, kWasmKernels, kBaselineKernels;

namespace {

// The tables of one set of instructions, and whether this CPU has them.
struct Candidate {
  const Kernels *fast, *strict;
  bool (*is_here)();
};

#if !defined(DEEPQ_VECTOR_KERNELS)  // strict arithmetic is the same everywhere, in a build with plain loops too
constexpr std::array kCandidates{Candidate{&kPlainKernels, &kBaselineKernels, [] { return true; }}};
#elif defined(__x86_64__)
constexpr Candidate kBaseline{&kBaselineKernels, &kBaselineKernels, [] { return true; }};
#ifdef DEEPQ_ONLY_ACTS  // the same bits, without 400 KB of tables
constexpr std::array kCandidates{Candidate{&kAvx2Kernels, &kBaselineKernels, [] { return x86_level() >= 3; }},
                                 kBaseline};
#else
constexpr std::array kCandidates{Candidate{&kAvx512Kernels, &kAvx512StrictKernels, [] { return x86_level() >= 4; }},
                                 Candidate{&kAvx2Kernels, &kAvx2StrictKernels, [] { return x86_level() >= 3; }},
                                 kBaseline};
#endif
#elif defined(__aarch64__)
constexpr std::array kCandidates{Candidate{&kNeonKernels, &kNeonStrictKernels, [] { return true; }}};
#elif defined(__wasm_simd128__)
constexpr std::array kCandidates{Candidate{&kWasmKernels, &kWasmKernels, [] { return true; }}};
#else
constexpr std::array kCandidates{Candidate{&kBaselineKernels, &kBaselineKernels, [] { return true; }}};
#endif

constexpr Candidate kPlain{&kPlainKernels, &kPlainKernels, [] { return true; }};

const Candidate& best_here() {
  for (const Candidate& candidate : kCandidates)
    if (candidate.is_here()) return candidate;
  return kPlain;
}

const Candidate* chosen = nullptr;  // by use_kernels()

const Kernels& table(const Candidate& candidate, Arithmetic arithmetic) {
  return arithmetic == Arithmetic::kStrict ? *candidate.strict : *candidate.fast;
}

}  // namespace

std::vector<const Kernels*> vector_kernels_here(Arithmetic arithmetic) {
  std::vector<const Kernels*> found;
  for (const Candidate& candidate : kCandidates)
    if (candidate.is_here()) found.push_back(&table(candidate, arithmetic));
  std::erase(found, &kPlainKernels);
  return found;
}

const Kernels& kernels_for(Numerics numerics) {
  if (numerics.engine == Engine::kPlain) return kPlainKernels;
  static const Candidate& kBest = best_here();
  return table(chosen ? *chosen : kBest, numerics.arithmetic);
}

void use_kernels(std::string_view name) {
  std::string names;
  const auto take = [&](const Candidate& candidate) {
    if (!candidate.is_here()) return false;
    names += std::string(candidate.fast->name) + ", ";
    if (candidate.fast->name == name) chosen = &candidate;
    return candidate.fast->name == name;
  };
  for (const Candidate& candidate : kCandidates)
    if (take(candidate)) return;
  if (take(kPlain)) return;
  throw Error::of("kernels '", name, "' are not to be had here; allowed: ", names.substr(0, names.size() - 2));
}

}  // namespace deepq
