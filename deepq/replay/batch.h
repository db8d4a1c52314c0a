// A batch of transitions as the learner sees it: numbers only. Episodes, time limits and n-step windows are already in
// `discounts` (gamma^k, or 0 where nothing follows).
#pragma once

#include <cstdint>
#include <span>

namespace deepq {

struct Transition {
  std::span<const float> observation;
  int64_t action = 0;
  float reward = 0;    // sum over the window, discounted
  float discount = 0;  // of the next observation's value
  std::span<const float> next_observation;
};

// Where a batch is gathered to: memory that belongs to others (the networks' own input buffers among it). Row i of an
// observation matrix begins at data + i * stride.
struct BatchBuffers {
  float* observations;
  float* next_observations;
  int64_t observation_stride;
  std::span<int32_t> actions;
  std::span<float> rewards;
  std::span<float> discounts;
};

}  // namespace deepq
