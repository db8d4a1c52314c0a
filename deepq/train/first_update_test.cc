#include <gtest/gtest.h>

#include "deepq/config/run_config.h"
#include "deepq/core/random.h"
#include "deepq/env/registry.h"
#include "deepq/train/trainer.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

// The first update is where it is said to be: one step less makes none.
TEST(FirstUpdate, ComesWhenItIsSaid) {
  Random random(7);
  for (int64_t round = 0; round < 60; ++round) {
    const auto draw = [&](int64_t most) { return 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(most))); };
    RunConfig config;
    config.network.hidden_sizes = {2};
    config.env.count = draw(5);
    config.agent.batch_size = draw(12);
    config.train = {.env_steps = 1'000,
                    .learning_starts_env_steps = draw(30),
                    .update_every_env_steps = draw(9),
                    .overlap = draw(2) == 1};
    if (round % 5 == 0) config.agent.algorithm = AlgorithmKind::kPqn, config.train.overlap = false;
    if (round % 5 == 0) config.pqn = {.rollout_steps = draw(9), .minibatches = 1};
    Trainer trainer(config, find_env("CartPole-v1"));
    while (trainer.algorithm().updates() == 0) trainer.step();
    const int64_t first = trainer.env_steps();
    config.train.env_steps = first;
    EXPECT_EQ(error_of([&] { require_updates(config, 0); }), "no error") << round;
    if (first == config.env.count) continue;  // a run has at least one step
    config.train.env_steps = first - config.env.count;
    EXPECT_NE(error_of([&] { require_updates(config, 0); }), "no error") << round;
  }
}

}  // namespace
}  // namespace deepq
