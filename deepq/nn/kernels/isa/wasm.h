// WebAssembly's SIMD128: as many registers of 4 lanes as the machine below has, which is 16 on x86-64; no fused
// multiply-add. See avx512.h for what these say.
#pragma once

#include "deepq/nn/kernels/isa/list.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 4;
constexpr int kMaxTileVectors = 2;
constexpr int tile_rows(int) { return 6; }

template <class Words>
inline int64_t list_nonzero(Words words, int64_t k, uint16_t* list) {
  return list_nonzero_lanes<kLanes>(words, k, list);
}

}  // namespace
}  // namespace deepq
