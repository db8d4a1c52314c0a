#include <gtest/gtest.h>

#include <cmath>

#include "deepq/lab/lab.h"
#include "deepq/lab/worlds/maximization_bias.h"

namespace deepq::lab {
namespace {

double mean_of(int runs, const std::function<double()>& run) {
  double sum = 0;
  for (int i = 0; i < runs; ++i) sum += run() / runs;
  return sum;
}

// The mean of the larger of two normal numbers is its standard deviation / sqrt(pi); of ten, 1.5388 of them (Harter
// 1961).
TEST(MaxBias, OfBareNoiseIsWhatOrderStatisticsSay) {
  Random random(1);
  const double standard_deviation = 1 / std::sqrt(10.0);
  const auto bias = [&](Backup backup, int64_t arms) {
    return mean_of(20'000, [&] { return backed_up_noise(backup, arms, random); });
  };
  EXPECT_NEAR(bias(Backup::kMax, 1), 0, 0.01);
  EXPECT_NEAR(bias(Backup::kMax, 2), standard_deviation / std::sqrt(M_PI), 0.01);
  EXPECT_NEAR(bias(Backup::kMax, 10), 1.5388 * standard_deviation, 0.01);
  EXPECT_NEAR(bias(Backup::kMin, 10), -1.5388 * standard_deviation, 0.01);
  EXPECT_NEAR(bias(Backup::kDouble, 10), 0, 0.015);
}

TEST(MaxBias, OfTheBooksWorldHasTheBackupsSign) {
  Random random(2);
  const auto error = [&](Backup backup) {
    return mean_of(200, [&] {
      return run_maximization_bias({.backup = backup, .epsilon = 1, .episodes = 1'000}, random).going_left -
             kTrueValueOfB;
    });
  };
  EXPECT_GT(error(Backup::kMax), 0.2);
  EXPECT_LT(error(Backup::kMin), -0.2);
  EXPECT_NEAR(error(Backup::kDouble), 0, 0.05);
}

TEST(MaxBias, BehaviorExploresByEpsilon) {
  Random random(3);
  const auto left = [&](double epsilon) {
    return mean_of(300, [&] {
      const BiasRun run = run_maximization_bias({.epsilon = epsilon, .episodes = 100}, random);
      return static_cast<double>(std::count(run.went_left.begin(), run.went_left.end(), 1)) / 100;
    });
  };
  EXPECT_NEAR(left(1), 0.5, 0.02);
  EXPECT_GT(left(0.1), 0.2);  // the bias at work
}

TEST(MaxBias, WorldForAgents) {
  MaximizationBias world;
  world.reset(5);
  const Step right = world.step(4);
  EXPECT_TRUE(right.terminated);
  EXPECT_EQ(right.reward, 0);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    world.reset({});
    EXPECT_FALSE(world.step(3).terminated);
    const Step end = world.step(i % kActionsInB);
    EXPECT_TRUE(end.terminated);
    sum += end.reward;
  }
  EXPECT_NEAR(sum / 10'000, kTrueValueOfB, 0.03);
}

// 20 seeds for each setting, as the claim has it or the other way round.
Results made_up(bool as_claimed) {
  const double bias = as_claimed ? 0.4 : -0.4, left_over = as_claimed ? 0.01 : 0.3;
  const std::map<std::string, std::map<std::string, double>> values = {
      {"noise-max", {{"bias", bias}}},
      {"noise-min", {{"bias", -bias}}},
      {"noise-double", {{"bias", left_over}}},
      {"figure-max",
       {{"left_fraction", as_claimed ? 0.3 : 0.02}, {"error", bias}, {"lowest", -bias}, {"highest", bias}}},
      {"figure-min", {{"left_fraction", 0.05}, {"error", -bias}, {"lowest", -bias}, {"highest", bias}}},
      {"figure-double", {{"left_fraction", 0.1}, {"error", left_over}, {"lowest", -bias}, {"highest", bias}}},
      {"table", {{"error", bias}}},
      {"table-double", {{"error", 0.1}}},
      {"dqn", {{"error", bias}}},
      {"dqn-double", {{"error", 0.1}}},
      {"dqn-small-replay", {{"error", bias}}},
      {"dqn-small-replay-double", {{"error", 0.1}}}};
  Results results;
  for (const auto& [setting, of_setting] : values) {
    for (int64_t seed = 0; seed < 20; ++seed) {
      JobResult job{.values = of_setting, .curves = {{"bias", {{1, 2}, {0, 0.1}}}, {"left", {{1, 2}, {0.5, 0.1}}}}};
      for (auto& [name, value] : job.values) value += 0.0001 * static_cast<double>(seed);
      results.jobs[setting].push_back(job);
    }
    results.settings.push_back(setting);
  }
  return results;
}

TEST(MaxBias, ConcludesFromTheNumbers) {
  const Experiment& experiment = find_experiment("max-bias");
  const Finding holds = conclude(experiment, made_up(true)), fails = conclude(experiment, made_up(false));
  for (const Check& check : holds.checks) EXPECT_EQ(check.answer(), Answer::kHolds) << check.text();
  EXPECT_EQ(verdict(holds.checks), Verdict::kHolds);
  for (const Check& check : fails.checks) EXPECT_EQ(check.answer(), Answer::kFails) << check.text();
  EXPECT_EQ(verdict(fails.checks), Verdict::kFails);
  // What order statistics say is no part of the verdict, whatever the numbers.
  EXPECT_EQ(holds.checks.size(), 8u);
  EXPECT_EQ(holds.facts.size(), 4u);
  EXPECT_EQ(holds.charts.size(), 2u);
  EXPECT_EQ(holds.tables.at(0).rows.size(), 3u);
}

}  // namespace
}  // namespace deepq::lab
