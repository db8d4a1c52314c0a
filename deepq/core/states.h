// States of a world that has so many and no more (Gymnasium's Discrete), as the one number that such an observation is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace deepq {

// Beyond what any machine has a table for, and few enough that its size is a number.
inline constexpr int64_t kMostStates = int64_t{1} << 40;

// The largest number that `count` consecutive ones may begin with, so that the last is below 2^63.
inline constexpr int64_t largest_start(int64_t count) {
  return std::numeric_limits<int64_t>::max() - std::max<int64_t>(0, count - 1);
}

// "the observation is 7; allowed: 0 to 4"
[[noreturn]] void throw_no_state(double observation, int64_t states);

// Which of `states` states an observation is that comes as a float. Throws deepq::Error for one that is none of them:
// below 0, beyond the last, no whole number.
inline int64_t state_of(float observation, int64_t states) {
  const double number = observation;  // a float would round the number of states
  if (!(number >= 0 && number < static_cast<double>(states))) throw_no_state(number, states);
  const auto state = static_cast<int64_t>(number);
  if (static_cast<double>(state) != number) throw_no_state(number, states);
  return state;
}

// Throws deepq::Error unless it is one of them.
inline void require_state(int64_t state, int64_t states) {
  if (state < 0 || state >= states) throw_no_state(static_cast<double>(state), states);
}

}  // namespace deepq
