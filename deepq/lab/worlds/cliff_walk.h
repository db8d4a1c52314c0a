// The blind cliff walk of Schaul et al. 2016, section 3.1 and appendix B.1: n states in a row; in each the right action
// leads to the next state and the wrong one ends the episode, and only the right action of the last one is rewarded,
// with 1. The replay memory holds the transitions of all 2^n sequences of actions, each played until its end: 2^(n+1) -
// 2 of them, of which one has the reward. A table learns from them by Q-learning, one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/replay/sampler.h"

namespace deepq::lab {

struct CliffStep {
  int64_t state = 0;
  bool right = false;
};

std::vector<CliffStep> cliff_walk_memory(int64_t states);

// gamma is 1 - 1/n, so that values have the same scale for all n; of the right actions, state by state. Those of the
// wrong ones are 0.
std::vector<double> cliff_walk_values(int64_t states);

// Updates of step size 1/4 until the mean squared error of the 2 n action values, at first drawn with standard
// deviation 0.1, is below 0.001; NaN when `most` are not enough. Each takes one transition from the sampler, which has
// seen none yet, and gives it back its error. A batch of one has no importance weights: divided by their largest they
// are 1.
double cliff_walk_updates(int64_t states, Sampler& sampler, Random& random, int64_t most);

}  // namespace deepq::lab
