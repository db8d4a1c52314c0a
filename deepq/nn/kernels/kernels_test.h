// What the tests of the kernels share: the engines of this CPU and matrices with poisoned padding.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/random.h"
#include "deepq/nn/kernels/kernels.h"
#include "tests/closeness.h"

namespace deepq {
namespace test {

// Every vector table that this CPU runs.
inline std::vector<const Kernels*> engines_here() {
  std::vector<const Kernels*> engines = vector_kernels_here(Arithmetic::kFast);
  for (const Kernels* strict : vector_kernels_here(Arithmetic::kStrict))
    if (std::ranges::find(engines, strict) == engines.end()) engines.push_back(strict);
  return engines;
}

// Pairs of them that give the same bits: the strict ones, and the fast ones with fused multiply-add.
inline std::vector<std::pair<const Kernels*, const Kernels*>> twins_here() {
  std::vector<std::pair<const Kernels*, const Kernels*>> twins;
  const std::vector<const Kernels*> strict = vector_kernels_here(Arithmetic::kStrict);
  for (const Arithmetic arithmetic : {Arithmetic::kFast, Arithmetic::kStrict}) {
    const std::vector<const Kernels*> tables = vector_kernels_here(arithmetic);
    for (const Kernels* table : tables)
      if (table != tables[0] && (arithmetic == Arithmetic::kStrict || table != strict.back()))
        twins.emplace_back(tables[0], table);
  }
  return twins;
}

// A matrix in padded rows whose padding is poisoned: a kernel that reads it as a value gives a NaN.
class Matrix {
 public:
  Matrix(int64_t rows, int64_t columns, Random& random)
      : rows_(rows), columns_(columns), data_(static_cast<size_t>(rows * padded_size(columns) + kPadFloats)) {
    for (float& value : data_.span()) value = std::numeric_limits<float>::quiet_NaN();
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) at(r, c) = static_cast<float>(random.uniform(-1, 1));
  }
  float& at(int64_t r, int64_t c) { return data_[static_cast<size_t>(r * padded_size(columns_) + c)]; }
  float* data() { return data_.data(); }
  std::vector<float> values() {
    std::vector<float> all;
    for (int64_t r = 0; r < rows_; ++r)
      for (int64_t c = 0; c < columns_; ++c) all.push_back(at(r, c));
    return all;
  }

 private:
  int64_t rows_, columns_;
  AlignedBuffer<float> data_;
};

inline std::vector<float> random_vector(int64_t n, Random& random) {
  std::vector<float> values(static_cast<size_t>(n + kPadFloats), std::numeric_limits<float>::quiet_NaN());
  for (int64_t i = 0; i < n; ++i) values[static_cast<size_t>(i)] = static_cast<float>(random.uniform(-1, 1));
  return values;
}

inline std::vector<float> first(const std::vector<float>& values, int64_t n) {
  return {values.begin(), values.begin() + n};
}

class KernelsTest : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& fast() { return *GetParam(); }
  const Kernels& plain() { return kPlainKernels; }
};

}  // namespace test
}  // namespace deepq
