// The exact values against what a hand can compute, and against the equation that they are the solution of.
#include "web/core/exact.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deepq/env/grid_world.h"
#include "deepq/env/registry.h"
#include "deepq/env/tabular_env.h"

namespace deepq::web {
namespace {

TEST(Exact, InACorridorTheGoalIsWorthLessByGammaForEachStep) {
  const GridWorld corridor({.rows = 1, .columns = 5});
  const std::vector<double> q = exact_values(corridor, 0.9);
  ASSERT_EQ(q.size(), 20u);
  for (size_t cell = 0; cell < 4; ++cell)  // right is action 1
    EXPECT_NEAR(q[cell * 4 + 1], std::pow(0.9, 3 - static_cast<double>(cell)), 1e-12) << cell;
  EXPECT_NEAR(q[0 * 4 + 3], 0.9 * std::pow(0.9, 3), 1e-12) << "against the wall: a step is lost";
  EXPECT_EQ(q[4 * 4], 0) << "the goal";
}

TEST(Exact, SolvesBellmansEquation) {
  for (const char* const id : {"FrozenLake-v1", "CliffWalking-v1", "Taxi-v3"}) {
    constexpr double kGamma = 0.95;
    const auto env = find_env(id)();
    const auto& table = dynamic_cast<const TabularEnv&>(*env);
    const std::vector<double> q = exact_values(*env, kGamma);
    const int64_t actions = env->spec().action_count;
    for (int64_t state = 0; state < env->spec().observation_space.states(); ++state)
      for (int64_t action = 0; action < actions; ++action) {
        double target = 0;
        for (const Outcome& next : table.outcomes(state, action)) {
          const auto row = q.begin() + next.next_state * actions;
          target +=
              next.probability * (next.reward + (next.terminated ? 0 : kGamma * *std::max_element(row, row + actions)));
        }
        ASSERT_NEAR(q[static_cast<size_t>(state * actions + action)], target, 1e-9) << id << " " << state;
      }
  }
}

TEST(Exact, OtherWorldsHaveNone) { EXPECT_TRUE(exact_values(*find_env("CartPole-v1")(), 0.9).empty()); }

}  // namespace
}  // namespace deepq::web
