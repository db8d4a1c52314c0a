#include "deepq/agent/exploration.h"

#include <gtest/gtest.h>

#include <algorithm>

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

}  // namespace
}  // namespace deepq
