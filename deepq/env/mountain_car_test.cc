#include "deepq/env/mountain_car.h"

#include <gtest/gtest.h>

#include "tests/env_golden.h"

namespace deepq {
namespace {

TEST(MountainCar, EqualsGymnasiumBitForBit) {
  const test::Golden golden("mountain_car.safetensors");
  for (uint64_t seed = 0; seed < 20; ++seed) test::replay_episodes<MountainCar>(golden, std::to_string(seed), seed);
}

TEST(MountainCar, SingleStepsEqualGymnasiums) {
  test::replay_single_steps<MountainCar>(test::Golden("mountain_car.safetensors"), "single");
}

TEST(MountainCar, SpecIsGymnasiums) {
  const MountainCar env;
  EXPECT_EQ(env.spec().id, "MountainCar-v0");
  EXPECT_EQ(env.spec().observation_space.shape(), std::vector<int64_t>{2});
  EXPECT_EQ(env.spec().action_count, 3);
  EXPECT_EQ(env.spec().max_episode_steps, 200);
  EXPECT_TRUE(env.spec().has_solved_return);
  EXPECT_EQ(env.spec().solved_return, -110);
}

TEST(MountainCar, OnlyACarThatDoesNotRollBackHasArrived) {
  const auto arrives_with = [](double position, double velocity) {
    MountainCar env;
    env.reset(0);
    test::set_state(env, std::array<double, 2>{position, velocity});
    return env.step(1).terminated;
  };
  EXPECT_TRUE(arrives_with(0.49, 0.02));
  EXPECT_FALSE(arrives_with(0.45, 0.02));
  EXPECT_FALSE(arrives_with(0.58, -0.02));
}

TEST(MountainCar, TheWallTakesAllSpeed) {
  MountainCar env;
  env.reset(0);
  test::set_state(env, std::array<double, 2>{-1.18, -0.05});
  env.step(0);
  EXPECT_EQ(env.state(), (std::array<double, 2>{-1.2, 0}));
  env.step(2);
  EXPECT_GT(env.state()[0], -1.2);
}

TEST(MountainCar, RendersTheHillAndTheCar) {
  MountainCar env;
  env.reset(0);
  test::set_state(env, std::array<double, 2>{-0.5, 0});
  EXPECT_EQ(env.render_text(),
            "                                  P\n"
            "                               ......\n"
            "                            ...\n"
            "..                        ..\n"
            "  ..                    ..\n"
            "    ..                ..\n"
            "      ..            ..\n"
            "        ....    ....\n"
            "            ..o.\n");
}

}  // namespace
}  // namespace deepq
