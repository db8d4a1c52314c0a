#include "deepq/env/acrobot.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>

#include "tests/env_golden.h"

namespace deepq {
namespace {

constexpr double kPi = std::numbers::pi;

TEST(Acrobot, EqualsGymnasiumBitForBit) {
  const test::Golden golden("acrobot.safetensors");
  for (uint64_t seed = 0; seed < 20; ++seed) test::replay_episodes<Acrobot>(golden, std::to_string(seed), seed);
}

TEST(Acrobot, SingleStepsEqualGymnasiums) {
  test::replay_single_steps<Acrobot>(test::Golden("acrobot.safetensors"), "single");
}

TEST(Acrobot, FirstObservationsComeFromFloat32FunctionsAsInGymnasium) {
  const test::Golden golden("acrobot.safetensors");
  const auto seeds = golden.longs("resets.seeds");
  const auto observations = golden.floats("resets.observations");
  Acrobot env;
  for (size_t i = 0; i < seeds.size(); ++i)
    EXPECT_TRUE(
        test::same_bits<float>(env.reset(static_cast<uint64_t>(seeds[i])), test::row(observations, i, seeds.size())))
        << "seed " << seeds[i];
}

TEST(Acrobot, SpecIsGymnasiums) {
  const Acrobot env;
  EXPECT_EQ(env.spec().id, "Acrobot-v1");
  EXPECT_EQ(env.spec().observation_space.shape(), std::vector<int64_t>{6});
  EXPECT_EQ(env.spec().action_count, 3);
  EXPECT_EQ(env.spec().max_episode_steps, 500);
  EXPECT_TRUE(env.spec().has_solved_return);
  EXPECT_EQ(env.spec().solved_return, -100);
}

// Hanging and standing upright are the equilibria: without a torque nothing moves.
TEST(Acrobot, RestsWhereItIsInEquilibrium) {
  for (const double angle : {0.0, kPi}) {
    Acrobot env;
    env.reset(0);
    test::set_state(env, std::array<double, 4>{angle, 0, 0, 0});
    const Step step = env.step(1);
    EXPECT_NEAR(env.state()[0], angle, 1e-14);
    EXPECT_NEAR(env.state()[1], 0, 1e-14);
    EXPECT_EQ(step.terminated, angle > 0) << "upright is above the goal, hanging is not";
    EXPECT_EQ(step.reward, angle > 0 ? 0 : -1);
  }
}

// What an observation restored right after a reset must be: that of the reset, not the float64 one of its state.
TEST(Acrobot, RestoresTheObservationOfAReset) {
  Acrobot env, restored;
  const auto observation = env.reset(835);  // one that float64 functions do not give
  Archive saved;
  env.serialize(saved);
  const auto other = restored.reset(1);
  Archive loaded(saved.tensors());
  restored.serialize(loaded);
  EXPECT_TRUE(test::same_bits<float>(observation, other)) << "a view of the environment's own memory";
}

TEST(Acrobot, RefusesASavedStateThatNoEpisodeReaches) {
  Acrobot env;
  env.reset(0);
  for (size_t i = 0; i < 4; ++i)
    for (const double value : {30.0, -1e100, std::nan("")}) {
      std::array<double, 4> state{};
      state[i] = value;
      EXPECT_THROW(test::set_state(env, state), Error) << "state[" << i << "] = " << value;
    }
  EXPECT_NO_THROW(test::set_state(env, std::array<double, 4>{kPi, -kPi, 4 * kPi, -9 * kPi}));
}

TEST(Acrobot, RendersTheLinksAndTheGoal) {
  Acrobot env;
  env.reset(0);
  test::set_state(env, std::array<double, 4>{2, 0.5, 0, 0});
  EXPECT_EQ(env.render_text(),
            "\n"
            "\n"
            "                      *\n"
            ".....................*.....\n"
            "                   **\n"
            "                ##o\n"
            "             +##\n"
            "\n"
            "\n"
            "\n"
            "\n"
            "\n"
            "\n");
}

}  // namespace
}  // namespace deepq
