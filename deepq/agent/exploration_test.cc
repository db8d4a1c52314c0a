#include "deepq/agent/exploration.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace deepq {
namespace {

TEST(Epsilon, ExponentialIsTheChapters) {
  const ExplorationConfig config;  // 1 -> .01 times .995 per update
  EXPECT_EQ(epsilon_at(config, 0, 0), 1.0);
  double epsilon = 1.0;
  for (int64_t update = 1; update < 1500; ++update) {
    epsilon = std::max(0.01, epsilon * 0.995);
    ASSERT_NEAR(epsilon_at(config, update, update), epsilon, 1e-12);
  }
}

TEST(Epsilon, LinearCountsFromTheEndOfWarmUp) {
  const ExplorationConfig config{.schedule = EpsilonSchedule::kLinear, .epsilon_end = 0.1, .anneal_env_steps = 1000};
  EXPECT_EQ(epsilon_at(config, 0, -5), 1.0);
  EXPECT_EQ(epsilon_at(config, 0, 0), 1.0);
  EXPECT_NEAR(epsilon_at(config, 7, 500), 0.55, 1e-12);
  EXPECT_NEAR(epsilon_at(config, 7, 1000), 0.1, 1e-12);
  EXPECT_NEAR(epsilon_at(config, 7, 1'000'000), 0.1, 1e-12);
}

TEST(EpsilonGreedy, TakesTheFirstOfTheLargest) {
  EXPECT_EQ(greedy_action(std::array<float, 4>{1, 3, 3, 2}), 1);
  Random random(1);
  EXPECT_EQ(epsilon_greedy_action(std::array<float, 3>{0, 1, 2}, 0.0, random), 2);
  const std::array<double, 3> table{999'999'995, 999'999'996, 999'999'994};  // one and the same float
  EXPECT_EQ(greedy_action(table), 1);
  EXPECT_EQ(epsilon_greedy_action(table, 0.0, random), 1);
}

TEST(EpsilonGreedy, ExploresAsOftenAsItSays) {
  Random random(2);
  constexpr int kDraws = 100'000;
  std::array<int, 4> counts{};
  for (int i = 0; i < kDraws; ++i)
    ++counts[static_cast<size_t>(epsilon_greedy_action(std::array<float, 4>{0, 9, 1, 2}, 0.2, random))];
  // The greedy action: 1 - epsilon + epsilon / 4; each other: epsilon / 4. Five standard deviations of a share of
  // 100,000.
  EXPECT_NEAR(counts[1], 0.85 * kDraws, 5 * std::sqrt(kDraws * 0.85 * 0.15));
  for (const size_t other : {0, 2, 3}) EXPECT_NEAR(counts[other], 0.05 * kDraws, 5 * std::sqrt(kDraws * 0.05 * 0.95));
}

}  // namespace
}  // namespace deepq
