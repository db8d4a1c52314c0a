#include "deepq/env/frozen_lake.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/discrete_replay.h"
#include "tests/test_support.h"
#include "tests/value_iteration.h"

namespace deepq {
namespace {

constexpr FrozenLakeOptions kFirm{.is_slippery = false};

EnvFactory factory(const FrozenLakeOptions& options, FrozenLake::Variant variant = FrozenLake::Variant::kFrozenLake) {
  return [=] { return std::make_unique<FrozenLake>(options, variant); };
}

TEST(FrozenLake, EqualsGymnasium) {
  const test::Golden golden("frozen_lake.safetensors");
  const std::vector<std::pair<std::string, EnvFactory>> cases{
      {"default", factory({})},
      {"firm", factory(kFirm)},
      {"tuned", factory({.success_rate = 0.75, .goal_reward = 2, .hole_reward = -1, .frozen_reward = -0.25})},
      {"map8x8", factory({.map = FrozenLakeOptions::Map::k8x8})},
      {"8x8", factory({}, FrozenLake::Variant::kFrozenLake8x8)},
  };
  for (const auto& [name, make] : cases) {
    test::replay_discrete_seeds(golden, name, make);
    test::compare_table(golden, name, dynamic_cast<const TabularEnv&>(*make()));
  }
}

TEST(FrozenLake, SpecIsGymnasiums) {
  const FrozenLake small, map_8x8({.map = FrozenLakeOptions::Map::k8x8}),
      large({}, FrozenLake::Variant::kFrozenLake8x8);
  EXPECT_EQ(small.spec().id, "FrozenLake-v1");
  EXPECT_EQ(small.spec().observation_space.shape(), std::vector<int64_t>{1});
  EXPECT_EQ(small.spec().action_count, 4);
  EXPECT_EQ(small.spec().observation_space.states(), 16);
  EXPECT_EQ(small.spec().max_episode_steps, 100);
  EXPECT_EQ(small.spec().solved_return, 0.70);
  EXPECT_EQ(map_8x8.spec().id, "FrozenLake-v1");
  EXPECT_EQ(map_8x8.spec().observation_space.states(), 64);
  EXPECT_EQ(map_8x8.spec().max_episode_steps, 100);
  EXPECT_EQ(large.spec().id, "FrozenLake8x8-v1");
  EXPECT_EQ(large.spec().observation_space.states(), 64);
  EXPECT_EQ(large.spec().max_episode_steps, 200);
  EXPECT_EQ(large.spec().solved_return, 0.85);
  EXPECT_TRUE(small.spec().has_solved_return && map_8x8.spec().has_solved_return && large.spec().has_solved_return);
  for (const FrozenLakeOptions& other :
       std::vector<FrozenLakeOptions>{{.goal_reward = 100}, {.hole_reward = -1}, {.frozen_reward = -0.01}})
    EXPECT_FALSE(FrozenLake(other).spec().has_solved_return) << "0.70 is of Gymnasium's rewards";
}

double best_start_value(const FrozenLake& env, double gamma) {
  const auto q = test::value_iteration(env.spec().observation_space.states(), 4, gamma,
                                       [&](int64_t state, int64_t action) { return env.outcomes(state, action); });
  return test::best_value(q, 4, 0);
}

// Known in closed form: without a time limit 14 of 17 episodes reach the goal on the small slippery lake, all on the
// large one (its left column and top row lead round the holes); on firm ice the way is 6 and 14 steps.
TEST(FrozenLake, BestValuesAreTheKnownOnes) {
  EXPECT_NEAR(best_start_value(FrozenLake(), 1), 14.0 / 17.0, 1e-9);
  EXPECT_NEAR(best_start_value(FrozenLake({}, FrozenLake::Variant::kFrozenLake8x8), 1), 1, 1e-9);
  EXPECT_NEAR(best_start_value(FrozenLake(kFirm), 0.9), std::pow(0.9, 5), 1e-12);
  EXPECT_NEAR(best_start_value(FrozenLake(kFirm, FrozenLake::Variant::kFrozenLake8x8), 0.9), std::pow(0.9, 13), 1e-12);
}

TEST(FrozenLake, RefusesWhatIsNoProbability) {
  const auto refusal = [](double rate) { return test::error_of([=] { FrozenLake({.success_rate = rate}); }); };
  EXPECT_EQ(refusal(1.5), "frozen_lake.success_rate is 1.5; allowed: 0 to 1");
  EXPECT_EQ(refusal(-0.5), "frozen_lake.success_rate is -0.5; allowed: 0 to 1");
  EXPECT_EQ(refusal(std::nan("")), "frozen_lake.success_rate is nan; allowed: 0 to 1");
  EXPECT_EQ(refusal(1), "no error");
}

TEST(FrozenLake, TextShowsTheLakeAndWhereOneStands) {
  FrozenLake env(kFirm);
  env.reset(0);
  env.step(1);
  EXPECT_EQ(env.render_text(), " S  F  F  F \n[F] H  F  H \n F  F  F  H \n H  F  F  G \n");
}

}  // namespace
}  // namespace deepq
