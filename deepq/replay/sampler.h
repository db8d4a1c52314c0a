// Which transitions a batch is made of. Uniform, with or without replacement.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "deepq/core/random.h"

namespace deepq {

class UniformSampler {
 public:
  UniformSampler(int64_t batch_size, bool with_replacement);

  // Fills `indices` (as many as the batch size) from 0 ... population - 1. Without replacement, population must be at
  // least the batch size: every subset is equally likely (Floyd's algorithm, Bentley and Floyd 1987); the order within
  // is not random. Costs the same for any population.
  void sample(int64_t population, Random& random, std::span<int64_t> indices);

 private:
  bool insert(int64_t index);  // false when it is there already

  bool with_replacement_;
  // A hash set that is emptied by raising `round_`: an entry counts when its stamp is the current round.
  struct Slot {
    int64_t index = 0;
    uint64_t round = 0;
  };
  std::vector<Slot> slots_;  // power of two, at least four times the batch
  uint64_t round_ = 0;
};

}  // namespace deepq
