#include "deepq/env/cartpole.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tests/golden.h"

namespace deepq {
namespace {

// Equal as bits, so that -0 and 0 differ and no tolerance hides a drift.
template <class T>
bool same_bits(std::span<const T> got, std::span<const T> expected) {
  return std::ranges::equal(std::as_bytes(got), std::as_bytes(expected));
}

// Plays one golden case (`reset(seed)`, then `reset()` after each end) and compares every number that Gymnasium gave.
void replay(const test::Golden& golden, const std::string& name, uint64_t seed) {
  SCOPED_TRACE(name);
  const auto actions = golden.ints(name + ".actions");
  const auto observations = golden.floats(name + ".observations");
  const auto reset_states = golden.doubles(name + ".reset_states");
  const auto states = golden.doubles(name + ".states");
  const auto rewards = golden.floats(name + ".rewards");
  const auto terminated = golden.bytes(name + ".terminated");
  const auto truncated = golden.bytes(name + ".truncated");
  CartPole env;
  size_t episode = 0, row = 0;
  const auto start = [&](std::optional<uint64_t> with_seed) {
    const auto observation = env.reset(with_seed);
    EXPECT_TRUE(same_bits<float>(observation, observations.subspan(4 * row++, 4))) << "reset of episode " << episode;
    EXPECT_TRUE(same_bits<double>(env.state(), reset_states.subspan(4 * episode++, 4)));
  };
  start(seed);
  for (size_t t = 0; t < actions.size(); ++t) {
    const Step step = env.step(actions[t]);
    ASSERT_TRUE(same_bits<double>(env.state(), states.subspan(4 * t, 4))) << "step " << t;
    ASSERT_TRUE(same_bits<float>(step.observation, observations.subspan(4 * row++, 4))) << "step " << t;
    ASSERT_EQ(step.reward, static_cast<double>(rewards[t])) << "step " << t;
    ASSERT_EQ(step.terminated, terminated[t] != 0) << "step " << t;
    ASSERT_FALSE(step.truncated) << "the time limit is VectorEnv's";
    if ((terminated[t] || truncated[t]) && t + 1 < actions.size()) start(std::nullopt);
  }
  EXPECT_EQ(4 * row, observations.size());
  EXPECT_EQ(4 * episode, reset_states.size());
}

TEST(CartPole, EqualsGymnasiumBitForBit) {
  const test::Golden golden("cartpole.safetensors");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    replay(golden, "random." + std::to_string(seed), seed);
    replay(golden, "balance." + std::to_string(seed), seed);
  }
}

TEST(CartPole, SpecIsTheChapters) {
  const CartPole env;
  EXPECT_EQ(env.spec().id, "CartPole-v1");
  EXPECT_EQ(env.spec().observation_shape, std::vector<int64_t>{4});
  EXPECT_EQ(env.spec().action_count, 2);
  EXPECT_EQ(env.spec().max_episode_steps, 500);
  EXPECT_TRUE(env.spec().has_solved_return);
  EXPECT_EQ(env.spec().solved_return, 195);
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
    Archive saved;
    env.serialize(saved);
    const std::array<double, 4> state{position, 0, 0, 0};
    TensorMap tensors = saved.tensors();
    tensors.at("state").bytes = std::as_bytes(std::span(state));
    Archive loaded(tensors);
    env.serialize(loaded);
    return env.step(1).terminated;  // the velocity is 0, so this step does not move the cart
  };
  EXPECT_TRUE(fails_at(std::nextafter(2.4, 3)));
  EXPECT_TRUE(fails_at(std::nextafter(-2.4, -3)));
  EXPECT_FALSE(fails_at(2.4));
  EXPECT_FALSE(fails_at(-2.4));
}

}  // namespace
}  // namespace deepq
