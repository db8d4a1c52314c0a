// NEON, as every aarch64 has it: 32 registers of 4 lanes. See avx512.h for what these say.
#pragma once

#include "deepq/nn/kernels/isa/list.h"

namespace deepq {
namespace {

constexpr int64_t kLanes = 4;
constexpr int kMaxTileVectors = 4;
constexpr int tile_rows(int vectors) { return vectors >= 3 ? 6 : 12; }

}  // namespace
}  // namespace deepq
