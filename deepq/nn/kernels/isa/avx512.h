// AVX-512, x86-64-v4: 32 registers of 16 lanes. What a header of this folder says: how many lanes a register has, how
// many vectors a tile of sums is wide at most and how many rows it has then, and how the lanes that are not zero are
// listed. All else is vector.inc's, one source for all.
#pragma once

#include <immintrin.h>  // its functions are always inline

#include <cstdint>

namespace deepq {
namespace {

constexpr int64_t kLanes = 16;
constexpr int kMaxTileVectors = 4;

// As many sums as fit the registers beside a row of B.
constexpr int tile_rows(int vectors) { return vectors >= 3 ? 6 : 12; }

// As list.h has it: one instruction instead of sixteen steps.
template <class Words>
inline int64_t list_nonzero(Words words, int64_t k, uint16_t* list) {
  const __mmask16 live = _mm512_test_epi32_mask(reinterpret_cast<__m512i>(words), _mm512_set1_epi32(0x7fffffff));
  const Words number = Words{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} + static_cast<int32_t>(k);
  const __m512i chosen = _mm512_maskz_compress_epi32(live, reinterpret_cast<__m512i>(number));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(list), _mm512_maskz_cvtepi32_epi16(0xffff, chosen));
  return __builtin_popcount(live);
}

}  // namespace
}  // namespace deepq
