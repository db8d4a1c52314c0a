// WebAssembly's SIMD128: as many registers of 4 lanes as the machine below has, which is 16 on x86-64; no fused
// multiply-add. See avx512.h for what these say. Tiles of six rows would be no faster, and 2 kB more of a page.
#pragma once

#include "deepq/nn/kernels/isa/list.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 4;
constexpr int kMaxTileVectors = 2;
constexpr int tile_rows(int) { return 4; }

}  // namespace
}  // namespace deepq
