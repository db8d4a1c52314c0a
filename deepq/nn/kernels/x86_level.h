// The level of x86-64 that this CPU and its operating system have: 4 has AVX-512, 3 AVX2 and fused multiply-add, 2
// SSE4.2, 1 SSE2 alone. The CPU itself is asked, for __builtin_cpu_supports is the work of a compiler's runtime
// library: Clang 16's does not know all parts of a level, and that of PyPI's ziglang says no to everything. Source:
// System V ABI, AMD64 supplement, 3.1.1 (the levels); Intel's manual, volume 1, 14.3 and 15.2 (what the system saves).
#pragma once

#include <cpuid.h>

#include <cstdint>

namespace deepq {

inline int x86_level() {
  struct {
    unsigned a = 0, b = 0, c = 0, d = 0;  // stay 0 where the CPU has no such leaf
  } basic, more, extended;
  __get_cpuid(1, &basic.a, &basic.b, &basic.c, &basic.d);
  __get_cpuid_count(7, 0, &more.a, &more.b, &more.c, &more.d);
  __get_cpuid(0x80000001, &extended.a, &extended.b, &extended.c, &extended.d);
  const auto has = [](unsigned bits, unsigned all) { return (bits & all) == all; };
  if (!has(basic.c, bit_CMPXCHG16B | bit_POPCNT | bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2) ||
      !has(extended.c, bit_LAHF_LM))
    return 1;
  if (!has(basic.c, bit_AVX | bit_F16C | bit_FMA | bit_MOVBE | bit_OSXSAVE) || !has(extended.c, bit_LZCNT) ||
      !has(more.b, bit_AVX2 | bit_BMI | bit_BMI2))
    return 2;
  uint32_t saved = 0, high = 0;  // the registers that the system keeps when it changes threads
  asm volatile("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
  constexpr uint32_t kYmm = 0x6, kZmm = 0xE6;
  if (!has(saved, kYmm)) return 2;
  const bool avx512 = has(more.b, bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL);
  return avx512 && has(saved, kZmm) ? 4 : 3;
}

}  // namespace deepq
