#include "web/core/exact.h"

#include <algorithm>
#include <cmath>

#include "deepq/env/grid_world.h"
#include "deepq/env/tabular_env.h"

namespace deepq::web {
namespace {

// `outcomes(state, action)`: what may follow; nothing where a state is never acted in.
template <class Outcomes>
std::vector<double> iterate(int64_t states, int64_t actions, double gamma, const Outcomes& outcomes) {
  constexpr int64_t kMost = 100'000;  // sweeps; with gamma 1 a world without an end would never come to rest
  std::vector<double> q(static_cast<size_t>(states * actions)), best(static_cast<size_t>(states));
  double moved = 1;
  for (int64_t sweep = 0; sweep < kMost && moved > 1e-12; ++sweep) {
    moved = 0;
    for (int64_t state = 0; state < states; ++state) {
      for (int64_t action = 0; action < actions; ++action) {
        double value = 0;
        for (const Outcome& next : outcomes(state, action))
          value += next.probability *
                   (next.reward + (next.terminated ? 0 : gamma * best[static_cast<size_t>(next.next_state)]));
        double& old = q[static_cast<size_t>(state * actions + action)];
        moved = std::max(moved, std::abs(value - old));
        old = value;
      }
      const auto row = q.begin() + state * actions;
      // At once and not after the sweep: it comes to rest in about half as many.
      best[static_cast<size_t>(state)] = *std::max_element(row, row + actions);
    }
  }
  return q;
}

}  // namespace

std::vector<double> exact_values(const Env& env, double gamma) {
  const int64_t actions = env.spec().action_count;
  if (const auto* table = dynamic_cast<const TabularEnv*>(&env))
    return iterate(env.spec().observation_space.states(), actions, gamma,
                   [&](int64_t state, int64_t action) { return table->outcomes(state, action); });
  if (const auto* grid = dynamic_cast<const GridWorld*>(&env))
    return iterate(grid->cell_count(), actions, gamma, [&](int64_t cell, int64_t action) {
      std::vector<Outcome> following;
      if (!grid->is_wall(cell) && !grid->is_goal(cell)) following.push_back(grid->outcomes(cell, action)[0]);
      return following;
    });
  return {};
}

}  // namespace deepq::web
