// AVX2 and FMA, x86-64-v3: 16 registers of 8 lanes. See avx512.h for what these say.
#pragma once

#include "deepq/nn/kernels/isa/list.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 8;
constexpr int kMaxTileVectors = 2;
constexpr int tile_rows(int) { return 6; }

template <class Words>
inline int64_t list_nonzero(Words words, int64_t k, uint16_t* list) {
  return list_nonzero_lanes<kLanes>(words, k, list);
}

}  // namespace
}  // namespace deepq
