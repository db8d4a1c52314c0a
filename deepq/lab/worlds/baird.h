// Baird's star (Baird 1995, "Residual Algorithms", section 3; Sutton and Barto 2018, section 11.2): seven states, two
// actions, every reward 0, so every value is 0. The behaviour takes the dashed action (to one of the six outer states)
// with probability 6/7 and the solid one (to the inner state) with 1/7. Semi-gradient TD(0) for the policy that always
// takes the solid action diverges when it approximates the values by 8 weights, bootstraps and learns off-policy.
#pragma once

#include <cstdint>
#include <vector>

namespace deepq::lab {

struct BairdSettings {
  bool approximation = true;  // false: one weight for each state, a table
  bool bootstrapping = true;  // false: towards the true return, which is 0
  bool off_policy = true;     // false: the behaviour itself is evaluated
  int64_t steps = 10'000;
  double step_size = 0.01, gamma = 0.99;
};

struct BairdRun {
  double first_error = 0;     // root mean square of the values of the seven states at the first weights
  std::vector<double> error;  // the same later, 200 times, evenly spread
};

// Overflowing weights become infinite and stay so.
BairdRun run_baird(const BairdSettings& settings, uint64_t seed);

}  // namespace deepq::lab
