#include "deepq/env/cliff_walking.h"

#include <gtest/gtest.h>

#include "tests/discrete_replay.h"
#include "tests/value_iteration.h"

namespace deepq {
namespace {

EnvFactory factory(const CliffWalkingOptions& options,
                   CliffWalking::Variant variant = CliffWalking::Variant::kCliffWalking) {
  return [=] { return std::make_unique<CliffWalking>(options, variant); };
}

TEST(CliffWalking, EqualsGymnasium) {
  const test::Golden golden("cliff_walking.safetensors");
  const std::vector<std::pair<std::string, EnvFactory>> cases{
      {"default", factory({})},
      {"argument", factory({.is_slippery = true})},
      {"slippery", factory({}, CliffWalking::Variant::kSlippery)},
  };
  for (const auto& [name, make] : cases) {
    test::replay_discrete_seeds(golden, name, make);
    test::compare_table(golden, name, dynamic_cast<const TabularEnv&>(*make()));
  }
}

TEST(CliffWalking, SpecIsGymnasiums) {
  const CliffWalking env, argument({.is_slippery = true}), slippery({}, CliffWalking::Variant::kSlippery);
  EXPECT_EQ(env.spec().id, "CliffWalking-v1");
  EXPECT_EQ(env.spec().observation_space.shape(), std::vector<int64_t>{1});
  EXPECT_EQ(env.spec().action_count, 4);
  EXPECT_EQ(env.spec().observation_space.states(), 48);
  EXPECT_EQ(env.spec().max_episode_steps, 0);
  EXPECT_FALSE(env.spec().has_solved_return);
  EXPECT_EQ(argument.spec().id, "CliffWalking-v1");
  EXPECT_EQ(slippery.spec().id, "CliffWalkingSlippery-v1");
}

// The book's figure: the best path, along the edge, is 13 steps.
TEST(CliffWalking, TheBestPathIsThirteenSteps) {
  const CliffWalking env;
  const auto q = test::value_iteration(env.spec().observation_space.states(), 4, 1,
                                       [&](int64_t state, int64_t action) { return env.outcomes(state, action); });
  EXPECT_EQ(test::best_value(q, 4, 36), -13);
}

TEST(CliffWalking, TextShowsTheCliffAndWhereOneStands) {
  CliffWalking env;
  env.reset(0);
  const std::string free_row = " .  .  .  .  .  .  .  .  .  .  .  . \n";
  EXPECT_EQ(env.render_text(), free_row + free_row + free_row + "[S] C  C  C  C  C  C  C  C  C  C  G \n");
  env.step(0);
  EXPECT_EQ(env.render_text().substr(2 * free_row.size(), 6), "[.] . ");
}

}  // namespace
}  // namespace deepq
