// A batch of transitions as the learner sees it: numbers only. Episodes, time limits and n-step windows are already in
// `discounts` (gamma^k, or 0 where nothing follows).
#pragma once

#include <cstdint>
#include <span>

#include "deepq/core/observation_rows.h"

namespace deepq {

// Observations are rows as the environment's space lays them out or, where replay keeps frames, handles that stand for
// them: who copies them does not ask.
struct Transition {
  ObservationRow observation;
  int64_t action = 0;
  float reward = 0;    // sum over the window, discounted
  float discount = 0;  // of the next observation's value
  ObservationRow next_observation;
  int64_t steps = 1;  // to it: how many rewards are summed
};

// Where a batch is gathered to: memory that belongs to others, the networks' own input buffers among it.
struct BatchBuffers {
  InputRows observations, next_observations;
  std::span<int64_t> actions;
  std::span<float> rewards;
  std::span<float> discounts;
};

}  // namespace deepq
