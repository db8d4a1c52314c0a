#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "deepq/env/cliff_walking.h"
#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/cliff_learner.h"

namespace deepq::lab {
namespace {

constexpr int64_t kStart = 36, kGoal = 47;  // bottom left and bottom right of 4 x 12

double discounted_steps(int64_t steps, double gamma) {  // each costs 1
  return -(1 - std::pow(gamma, static_cast<double>(steps))) / (1 - gamma);
}

TEST(CliffValues, TheBestWayGoesAlongTheEdge) {
  const QTable best = best_values(CliffWalking(), 0.9);
  const double* start = &best[kStart * 4];
  EXPECT_NEAR(start[0], discounted_steps(13, 0.9), 1e-7);               // up, 11 to the right, down
  EXPECT_NEAR(start[1], -100 + 0.9 * discounted_steps(13, 0.9), 1e-7);  // over the edge, and from the start again
  EXPECT_NEAR(best[(kGoal - 12) * 4 + 2], -1, 1e-12);                   // the last step
}

TEST(CliffValues, GreedyPolicyOfTheBestValuesHasThem) {
  const CliffWalking env;
  const QTable best = best_values(env, 0.9), same = policy_values(env, best, 0, 0.9);
  for (size_t i = 0; i < best.size(); ++i) EXPECT_NEAR(same[i], best[i], 1e-7);
  EXPECT_LT(policy_values(env, best, 0.1, 0.9)[kStart * 4], best[kStart * 4] - 10);  // exploring, it falls
}

TEST(CliffValues, VisitsOfTheBestPolicy) {
  const CliffWalking env;
  const QTable fractions = visit_fractions(env, best_values(env, 0.9), 0, 0.9, kStart);
  EXPECT_NEAR(std::accumulate(fractions.begin(), fractions.end(), 0.0), 1, 1e-12);
  EXPECT_NEAR(fractions[kStart * 4], (1 - 0.9) / (1 - std::pow(0.9, 13)), 1e-9);
  EXPECT_NEAR(fractions[24 * 4 + 1] / fractions[kStart * 4], 0.9, 1e-9);  // right, a step later
  EXPECT_EQ(fractions[kStart * 4 + 1], 0);
}

// A window of three over 1, 2, ... 8 holds the three newest after every push, also just after it is full.
TEST(CliffMemory, HoldsTheLast) {
  CliffMemory memory(3);
  for (int64_t i = 1; i <= 8; ++i) {
    memory.push({.state = i});
    std::vector<int64_t> held, newest;
    for (size_t k = 0; k < memory.size(); ++k) held.push_back(memory[k].state);
    std::sort(held.begin(), held.end());
    for (int64_t k = std::max<int64_t>(1, i - 2); k <= i; ++k) newest.push_back(k);
    EXPECT_EQ(held, newest);
  }
}

double last_bias(const CliffSettings& settings) {
  const CliffRun run = run_cliff(settings, 1);
  double sum = 0;
  for (size_t i = 45; i < 50; ++i) sum += run.errors[i].bias / 5;
  return sum;
}

TEST(CliffLearner, QLearningFindsTheBestValuesFromReplay) {
  const CliffRun run =
      run_cliff({.target = CliffTarget::kGreedyAction, .replay_capacity = 10'000, .steps = 20'000, .gamma = 0.9}, 1);
  EXPECT_EQ(run.at.size(), 50u);
  EXPECT_EQ(run.at.back(), 20'000);
  EXPECT_LT(run.errors.back().error, 0.01);
}

TEST(CliffLearner, SarsaFindsItsOwnValuesUnlessOldActionsAreReplayed) {
  EXPECT_GT(last_bias({.steps = 20'000}), -6);
  EXPECT_LT(last_bias({.replay_capacity = 10'000, .steps = 20'000}), -15);
  EXPECT_GT(last_bias({.target = CliffTarget::kPresentAction, .replay_capacity = 10'000, .steps = 20'000}), -6);
}

TEST(SarsaReplay, ConcludesFromTheErrors) {
  const auto verdict_of = [](double bias, double replay_error, double q_learning_error) {
    return fake_verdict("sarsa-replay", [=](const std::string& setting, double nudge) {
      const bool blamed = setting == "sarsa-replay";
      const double error = blamed ? replay_error : setting.starts_with("q-") ? q_learning_error : 5;
      return JobResult{.values = {{"bias", (blamed ? bias : 0) + nudge}, {"error", error + nudge}, {"value", -20}},
                       .curves = {{"bias", {{1, 2}, {0, 0}}}, {"error", {{1, 2}, {0, 0}}}}};
    });
  };
  EXPECT_EQ(verdict_of(-10, 20, 1), Verdict::kHolds);
  EXPECT_EQ(verdict_of(-10, 3, 1), Verdict::kPart);
  EXPECT_EQ(verdict_of(10, 3, 4), Verdict::kFails);
}

}  // namespace
}  // namespace deepq::lab
