// The exact action values of a world that is one table, for comparison with those that are learnt: value iteration
// (Sutton and Barto 2018, section 4.4) until nothing moves by more than 1e-12.
#pragma once

#include <vector>

#include "deepq/env/env.h"

namespace deepq::web {

// [states, actions]: the largest discounted return that follows. Empty where the world is no table (GridWorld is one,
// whatever its observations are). At walls and goals, where nothing is ever done, 0. gamma is below 1, or every policy
// that is best ends.
std::vector<double> exact_values(const Env& env, double gamma);

}  // namespace deepq::web
