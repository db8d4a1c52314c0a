// AVX2 and FMA, x86-64-v3: 16 registers of 8 lanes. See avx512.h for what these say.
#pragma once

#include "deepq/nn/kernels/isa/list.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 8;
constexpr int kMaxTileVectors = 2;
constexpr int tile_rows(int) { return 6; }

}  // namespace
}  // namespace deepq
