// The primitive of the register sets that cannot compress a vector: one lane after the other, without a branch.
#pragma once

#include <cstdint>

namespace deepq {
namespace {

// Writes k + i to `list` for each of the lanes i that is neither 0 nor -0, and any numbers after them, one for each
// lane at most; returns how many.
template <class Words>
inline int64_t list_nonzero(Words words, int64_t k, uint16_t* list) {
  constexpr auto kLanesOfWords = static_cast<int64_t>(sizeof(Words) / sizeof(int32_t));
  int64_t live = 0;
  for (int64_t i = 0; i < kLanesOfWords; ++i) {
    list[live] = static_cast<uint16_t>(k + i);
    live += (words[i] & 0x7fffffff) != 0;
  }
  return live;
}

}  // namespace
}  // namespace deepq
