// The observations of a rollout, while it is collected and learnt from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "deepq/core/archive.h"

namespace deepq {

class RolloutObservations {
 public:
  // `bytes`: all numbers are whole ones from 0 to 255, and a quarter of the memory is enough.
  RolloutObservations(int64_t rows, int64_t size, bool bytes);

  // Rows from `first` on, [n, size]. Throws deepq::Error, and has stored nothing, for numbers that are no bytes where
  // all are to be.
  void put(int64_t first, std::span<const float> observations);

  // `size` numbers.
  void copy(int64_t row, float* to) const;

  // The first `rows` of them.
  void serialize(Archive& archive, int64_t rows);

  static int64_t bytes(int64_t rows, int64_t size, bool bytes) {
    return rows * size * static_cast<int64_t>(bytes ? sizeof(uint8_t) : sizeof(float));
  }

 private:
  int64_t size_;
  // One of them, [rows, size].
  std::vector<uint8_t> bytes_;
  std::vector<float> floats_;
};

}  // namespace deepq
