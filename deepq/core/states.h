// States of a world that has so many and no more (Gymnasium's Discrete), as the one number that such an observation is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace deepq {

// The number is a float in observations, replay and checkpoints. Floats tell all whole numbers apart up to here.
inline constexpr int64_t kMostStates = int64_t{1} << 24;

// The largest number that `count` consecutive ones may begin with, so that the last is below 2^63.
inline constexpr int64_t largest_start(int64_t count) {
  return std::numeric_limits<int64_t>::max() - std::max<int64_t>(0, count - 1);
}

[[noreturn]] void throw_no_state(float observation, int64_t states);

// Which of `states` states, at most kMostStates, an observation is. Throws deepq::Error for one that is none of them:
// below 0, beyond the last, no whole number.
inline int64_t state_of(float observation, int64_t states) {
  if (!(observation >= 0 && observation < static_cast<float>(states))) throw_no_state(observation, states);
  const auto state = static_cast<int64_t>(observation);
  if (static_cast<float>(state) != observation) throw_no_state(observation, states);
  return state;
}

}  // namespace deepq
