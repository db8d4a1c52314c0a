#include <gtest/gtest.h>

#include "deepq/env/registry.h"
#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/replay_table.h"
#include "deepq/lab/probes/solve_watch.h"

namespace deepq::lab {
namespace {

// A grid of two cells, the start below the goal: the first action, up, ends the episode with 1.
EnvFactory two_cells() {
  EnvOptions options;
  options.grid_world.rows = 2;
  options.grid_world.columns = 1;
  options.grid_world.goals = {0};
  return find_env("GridWorld-v0", options);
}

std::vector<double> values_of_up(const ReplayTableSettings& settings, const EnvFactory& env) {
  std::vector<double> values;
  run_replay_table(settings, env, 1,
                   [&](int64_t, Policy& policy) { values.push_back(policy.q_values(std::array{1.0f})[0]); });
  return values;
}

TEST(ReplayTable, ByHand) {
  const auto without = values_of_up({.epsilon = 0, .replays_per_step = 0, .env_steps = 2}, two_cells());
  EXPECT_NEAR(without[0], 0.1, 1e-15);
  EXPECT_NEAR(without[1], 0.19, 1e-15);
  // Each step's transition is the same, so each replay is too: 1 - 0.9^k after k updates.
  const auto with = values_of_up({.epsilon = 0, .replays_per_step = 2, .env_steps = 2}, two_cells());
  EXPECT_NEAR(with[0], 0.271, 1e-15);
  EXPECT_NEAR(with[1], 0.468559, 1e-15);
}

// Three cells, greedy from the bottom: the value of the first step is gamma times the second's.
TEST(ReplayTable, ReplayCarriesValuesBack) {
  EnvOptions options;
  options.grid_world.rows = 3;
  options.grid_world.columns = 1;
  options.grid_world.goals = {0};
  options.grid_world.starts = {2};
  std::vector<double> last(2);
  run_replay_table({.learning_rate = 1, .gamma = 0.5, .epsilon = 0, .replays_per_step = 20, .env_steps = 2},
                   find_env("GridWorld-v0", options), 1, [&](int64_t, Policy& policy) {
                     const double above = policy.q_values(std::array{int64_t{1}})[0];
                     last = {above, policy.q_values(std::array{int64_t{2}})[0]};
                   });
  EXPECT_EQ(last[0], 1);
  EXPECT_EQ(last[1], 0.5);  // without replay it would be 0 until the next episode
}

JobResult watched(const std::vector<double>& returns) {
  SolveWatch watch(two_cells(), 1, 100 * static_cast<int64_t>(returns.size()));
  for (const double value : returns) watch.add(value);
  JobResult result;
  watch.write(result);
  return result;
}

TEST(SolveWatch, SolvedAtTheFirstOfFiveInARow) {
  EXPECT_EQ(watched({0, 1, 1, 1, 1, 1, 0}).values.at("steps_to_solve"), 200);
  EXPECT_EQ(watched({1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1}).values.at("steps_to_solve"), 600);
  EXPECT_EQ(watched({1, 1, 1, 1, 0, 1, 1}).values.at("steps_to_solve"), 700);  // never: the whole run
  EXPECT_EQ(watched({1, 1, 1, 1, 0, 1, 1}).values.at("solved"), 0);
  EXPECT_EQ(watched({1, 1, 1, 1, 1}).values.at("solved"), 1);
}

TEST(SolveWatch, PlaysTheGreedyPolicy) {
  SolveWatch watch(two_cells(), 1, 200);
  const std::vector<double> up_in_both = {1, 0, 0, 0, 1, 0, 0, 0}, down_in_both = {0, 0, 1, 0, 0, 0, 1, 0}, no_second;
  const ObservationSpace cells = ObservationSpace::discrete(2);
  TableValues up(up_in_both, no_second, cells, 4, 1), down(down_in_both, no_second, cells, 4, 1);
  Policy goes_up(up, cells, 4), goes_down(down, cells, 4);
  watch.see(99, goes_up);
  watch.see(100, goes_up);
  watch.see(200, goes_down);
  JobResult result;
  watch.write(result);
  EXPECT_EQ(result.curves.at("greedy").y, (std::vector<double>{1, 0}));
}

Finding conclude_with(double few_updates, double many_updates, double table, double dqn) {
  return fake_finding(
      "replay-ratio",
      fake_job({"mean_return", "last_return", "eval_return", "solved", "steps_to_solve", "seconds"},
               {"return", "greedy"}, [=](const std::string& setting, const std::string& value) {
                 if (value == "mean_return")
                   return setting == "ratio-1-16" ? few_updates : setting == "ratio-8" ? many_updates : 100;
                 return setting == "grid-table-replay" || setting == "grid-dqn" ? dqn : table;
               }));
}

TEST(ReplayRatio, TheVerdictFollowsTheNumbers) {
  EXPECT_EQ(verdict(conclude_with(50, 150, 5000, 1000).checks), Verdict::kHolds);
  EXPECT_EQ(verdict(conclude_with(150, 50, 1000, 5000).checks), Verdict::kFails);
  EXPECT_EQ(verdict(conclude_with(50, 50, 5000, 1000).checks), Verdict::kPart);
}

}  // namespace
}  // namespace deepq::lab
