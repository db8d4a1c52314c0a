#include "deepq/env/tabular_env.h"

#include <gtest/gtest.h>

#include "tests/test_support.h"

namespace deepq {
namespace {

// From state 0 or 1, one action leads to states 0, 1, 2 with the given probabilities, the other to state 2.
class Lottery : public TabularEnv {
 public:
  Lottery(std::vector<double> start_weights, std::array<double, 3> chances, int64_t state_count = 3)
      : TabularEnv(
            {.id = "Lottery-v0", .observation_space = ObservationSpace::discrete(state_count), .action_count = 2},
            start_weights, [&](int64_t, int64_t action) -> std::vector<Outcome> {
              if (action == 1) return {{.reward = 5, .next_state = 2, .terminated = true}};
              return {{.probability = chances[0], .next_state = 0},
                      {.probability = chances[1], .next_state = 1},
                      {.probability = chances[2], .next_state = 2}};
            }) {}
};

TEST(TabularEnv, DrawsWithTheGivenProbabilities) {
  Lottery env({1, 3, 0}, {0.2, 0.5, 0.3});
  constexpr int kDraws = 20000;
  std::array<int, 3> starts{}, steps{};
  env.reset(1);
  for (int i = 0; i < kDraws; ++i) {
    ++starts[static_cast<size_t>(env.reset(std::nullopt)[0])];
    ++steps[static_cast<size_t>(env.step(0).observation[0])];
  }
  // Four standard deviations of a fraction are 4 * sqrt(0.25 / 20000) = 0.014 at most.
  const std::array<double, 3> expected_starts{0.25, 0.75, 0}, expected_steps{0.2, 0.5, 0.3};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(static_cast<double>(starts[i]) / kDraws, expected_starts[i], 0.014);
    EXPECT_NEAR(static_cast<double>(steps[i]) / kDraws, expected_steps[i], 0.014);
  }
  EXPECT_EQ(starts[2], 0);
}

TEST(TabularEnv, ACertainStepTakesOneDrawToo) {
  Lottery env({1, 0, 0}, {0.2, 0.5, 0.3});
  Random random(7);
  env.reset(7);
  random.uniform();
  for (int i = 0; i < 20; ++i) {
    env.step(1);
    random.uniform();
    const double draw = random.uniform();
    EXPECT_EQ(env.step(0).observation[0], draw < 0.2 ? 0 : draw < 0.7 ? 1 : 2) << draw;
  }
}

// As the reference does, whose argmax over nothing but falses is 0.
TEST(TabularEnv, WhereNoProbabilityIsReachedTheFirstOutcomeIsTaken) {
  Lottery env({1, 0, 0}, {0, 0, 1e-300});
  env.reset(0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(env.step(0).observation[0], 0);
}

TEST(TabularEnv, SharesItsTable) {
  const Lottery env({1, 0, 0}, {0.2, 0.5, 0.3});
  ASSERT_EQ(env.outcomes(1, 0).size(), 3u);
  EXPECT_EQ(env.outcomes(1, 0)[1].probability, 0.5);
  ASSERT_EQ(env.outcomes(2, 1).size(), 1u);
  EXPECT_EQ(env.outcomes(2, 1)[0].reward, 5);
  EXPECT_TRUE(env.outcomes(2, 1)[0].terminated);
}

// A checkpoint of a larger world, for example of FrozenLake with another map.
TEST(TabularEnv, RefusesASavedStateOutsideTheTable) {
  Lottery large({0, 0, 0, 0, 1}, {1, 0, 0}, 5), small({1, 0, 0}, {1, 0, 0});
  large.reset(0);
  Archive saved;
  large.serialize(saved);
  Archive loaded(saved.tensors());
  EXPECT_EQ(test::error_of([&] { small.serialize(loaded); }), "the saved state's 'state' is 4; allowed: 0 to 2");
}

}  // namespace
}  // namespace deepq
