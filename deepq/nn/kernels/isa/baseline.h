// What any machine can do that compiles generic vectors: registers of 4 lanes, as x86-64's SSE2 has 16 of, and no fused
// multiply-add. See avx512.h for what these say.
#pragma once

#include "deepq/nn/kernels/isa/list.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 4;
constexpr int kMaxTileVectors = 2;
constexpr int tile_rows(int) { return 6; }

}  // namespace
}  // namespace deepq
