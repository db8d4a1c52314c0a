// Sums over an array of weights, for draws in proportion to them (Schaul et al. 2016, appendix B.2.2). Every node has
// eight children, which fill one cache line: a million weights are seven levels, not twenty. Searches go down level by
// level, all of a batch together, so that their cache misses overlap. A sum is always made from its children anew:
// nothing drifts, and the same weights give the same sums whatever came before. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "deepq/core/aligned_buffer.h"

namespace deepq {

class SumTree {
 public:
  explicit SumTree(int64_t capacity);  // at least 1; all weights 0

  int64_t capacity() const { return sizes_[0]; }
  double total() const { return *nodes(top_); }
  double operator[](int64_t index) const { return nodes(0)[index]; }

  // Weights are finite and at least 0. Where `indices` name one twice, the last value counts. Ascending indices are
  // the fastest. No allocation.
  void set(int64_t index, double weight);
  void set(std::span<const int64_t> indices, std::span<const double> weights);

  // For each target from 0 to total() (which must not be 0): the index at which the running sum of the weights passes
  // it, so that an even target finds an index with probability weight / total(). Never one of weight 0, whatever the
  // rounding. Uses `targets` as scratch. No allocation.
  void find(std::span<double> targets, std::span<int64_t> indices) const;

  // To save and restore: the first `count` weights. New values count after sum_up(count).
  std::span<double> weights(int64_t count) { return {nodes(0), static_cast<size_t>(count)}; }
  void sum_up(int64_t count);

  static int64_t bytes(int64_t capacity);

 private:
  static constexpr int64_t kFan = 8;
  static constexpr size_t kMaxLevels = 22;  // 8^21 = 2^63
  static constexpr size_t kFew = 256;       // updates that go up together

  double* nodes(size_t level) { return nodes_.data() + offsets_[level]; }
  const double* nodes(size_t level) const { return nodes_.data() + offsets_[level]; }
  void set_few(std::span<const int64_t> indices, std::span<const double> weights);

  // Level 0 holds the weights, the top one a single node. Each begins on a cache line and is padded with zeros.
  std::array<int64_t, kMaxLevels> sizes_{}, offsets_{};
  size_t top_ = 0;
  AlignedBuffer<double> nodes_;
};

}  // namespace deepq
