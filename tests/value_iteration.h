// Optimal action values of worlds that tell their outcomes (TabularEnv, GridWorld), against which agents and
// environments are checked. For an agent that bootstraps through time limits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "deepq/core/error.h"

namespace deepq::test {

// Q*, [states, actions]. `outcomes(state, action)` is any range of deepq::Outcome. Sweeps until no value changes by
// more than `tolerance`; throws deepq::Error where they do not settle, as with gamma = 1 and no end of the rewards.
template <class Outcomes>
std::vector<double> value_iteration(int64_t state_count, int64_t action_count, double gamma, const Outcomes& outcomes,
                                    double tolerance = 1e-13) {
  const auto actions = static_cast<size_t>(action_count);
  std::vector<double> q(static_cast<size_t>(state_count) * actions), values(static_cast<size_t>(state_count));
  double change = tolerance + 1;
  for (int sweep = 0; change > tolerance; ++sweep) {
    if (sweep == 100000) throw Error::of("value iteration still changes by ", change, " after ", sweep, " sweeps");
    change = 0;
    for (size_t state = 0; state < values.size(); ++state) {
      for (size_t action = 0; action < actions; ++action) {
        double value = 0;
        for (const auto& outcome : outcomes(static_cast<int64_t>(state), static_cast<int64_t>(action)))
          value +=
              outcome.probability *
              (outcome.reward + (outcome.terminated ? 0 : gamma * values[static_cast<size_t>(outcome.next_state)]));
        q[state * actions + action] = value;
      }
      const double best = *std::max_element(&q[state * actions], &q[state * actions] + actions);
      change = std::max(change, std::abs(best - values[state]));
      values[state] = best;
    }
  }
  return q;
}

// max over the actions of one state.
inline double best_value(const std::vector<double>& q, int64_t action_count, int64_t state) {
  const double* const row = &q[static_cast<size_t>(state * action_count)];
  return *std::max_element(row, row + action_count);
}

}  // namespace deepq::test
