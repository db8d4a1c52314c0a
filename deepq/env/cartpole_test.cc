#include "deepq/env/cartpole.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/env_golden.h"

namespace deepq {
namespace {

TEST(CartPole, EqualsGymnasiumBitForBit) {
  const test::Golden golden("cartpole.safetensors");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    test::replay_episodes<CartPole>(golden, "random." + std::to_string(seed), seed);
    test::replay_episodes<CartPole>(golden, "balance." + std::to_string(seed), seed);
  }
}

TEST(CartPole, SpecIsTheChapters) {
  const CartPole env;
  EXPECT_EQ(env.spec().id, "CartPole-v1");
  EXPECT_EQ(env.spec().observation_space.shape(), std::vector<int64_t>{4});
  EXPECT_EQ(env.spec().action_count, 2);
  EXPECT_EQ(env.spec().max_episode_steps, 500);
  EXPECT_TRUE(env.spec().has_solved_return);
  EXPECT_EQ(env.spec().solved_return, 195);
}

TEST(CartPole, MayHideItsVelocities) {
  CartPole whole, hidden({.hide_velocities = true});
  EXPECT_EQ(hidden.spec().observation_space.shape(), std::vector<int64_t>{2});
  const auto all = whole.reset(3);
  const auto seen = hidden.reset(3);
  ASSERT_EQ(seen.size(), 2u);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(seen[0], all[0]);
    EXPECT_EQ(seen[1], all[2]);
    EXPECT_EQ(whole.step(i % 2).observation.data(), all.data());
    hidden.step(i % 2);
  }
  EXPECT_EQ(hidden.state(), whole.state());
}

TEST(CartPole, EveryEndIsOutOfBoundsAndPaysOne) {
  constexpr double kTwelveDegrees = 12 * M_PI / 180;
  CartPole env;
  env.reset(7);
  for (int episode = 0; episode < 50; ++episode) {
    Step step;
    do {
      const auto before = env.state();
      EXPECT_LE(std::abs(before[0]), 2.4);
      EXPECT_LE(std::abs(before[2]), kTwelveDegrees);
      step = env.step(episode % 2);
      EXPECT_EQ(step.reward, 1.0);
    } while (!step.terminated);
    EXPECT_TRUE(std::abs(env.state()[0]) > 2.4 || std::abs(env.state()[2]) > kTwelveDegrees);
    env.reset(std::nullopt);
  }
}

// A cart that is moved off the track, which the golden policies never do: they fail by the angle.
TEST(CartPole, LeavingTheTrackEndsTheEpisode) {
  const auto fails_at = [](double position) {
    CartPole env;
    env.reset(0);
    test::set_state(env, std::array<double, 4>{position, 0, 0, 0});
    return env.step(1).terminated;  // the velocity is 0, so this step does not move the cart
  };
  EXPECT_TRUE(fails_at(std::nextafter(2.4, 3)));
  EXPECT_TRUE(fails_at(std::nextafter(-2.4, -3)));
  EXPECT_FALSE(fails_at(2.4));
  EXPECT_FALSE(fails_at(-2.4));
}

TEST(CartPole, RendersCartAndPole) {
  CartPole env;
  env.reset(0);
  test::set_state(env, std::array<double, 4>{1, 0, 0.8, 0});
  EXPECT_EQ(env.render_text(),
            "\n"
            "\n"
            "                                       |||\n"
            "                                      |\n"
            "                                    ||\n"
            "                                  ||\n"
            "                               #######\n"
            "-------------------------------------------------\n");
}

}  // namespace
}  // namespace deepq
