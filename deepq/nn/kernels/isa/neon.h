// NEON, as every aarch64 has it: 32 registers of 4 lanes. See avx512.h for what these say.
#pragma once

#include "deepq/nn/kernels/isa/list.h"
#include "deepq/nn/kernels/kernels.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 4;
// Who only acts has few rows: half of the tiles, and half of the code. Whatever the tiles, the bits are the same.
constexpr int kMaxTileVectors = kLearns ? 4 : 2;
constexpr int tile_rows(int vectors) { return vectors >= 3 || !kLearns ? 6 : 12; }

}  // namespace
}  // namespace deepq
