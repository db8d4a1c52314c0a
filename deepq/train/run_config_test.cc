#include "deepq/train/run_config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

RunConfig valid() {
  RunConfig config;
  config.train.env_steps = 1000;
  return config;
}

// What validate says after one change to a valid config.
template <class Change>
std::string refusal(Change change) {
  RunConfig config = valid();
  change(config);
  return error_of([&] { validate(config); });
}

TEST(RunConfig, TheDefaultsNeedOnlyALimit) {
  EXPECT_EQ(refusal([](RunConfig&) {}), "no error");
  EXPECT_EQ(refusal([](RunConfig& c) { c.train.env_steps = 0; }),
            "train.env_steps and train.episodes are both 0; one of them must be above 0");
  EXPECT_EQ(refusal([](RunConfig& c) { c.train = {.episodes = 5}; }), "no error");
}

TEST(RunConfig, ABatchFitsIntoTheBuffer) {
  EXPECT_EQ(refusal([](RunConfig& c) { c.replay.capacity = 63; }),
            "agent.batch_size is 64; allowed: up to replay.capacity, which is 63");
  EXPECT_EQ(refusal([](RunConfig& c) { c.replay.capacity = 64; }), "no error");
}

TEST(RunConfig, TheTargetHasOnePeriod) {
  EXPECT_EQ(refusal([](RunConfig& c) { c.target.sync_every_updates = 0; }),
            "target.sync_every_updates and target.sync_every_env_steps are both 0; one of them must be above 0");
  EXPECT_EQ(refusal([](RunConfig& c) { c.target.sync_every_env_steps = 50; }),
            "target.sync_every_updates is 100 and target.sync_every_env_steps is 50; one of them must be 0");
  EXPECT_EQ(refusal([](RunConfig& c) {
              c.target.sync_every_updates = 0;
              c.target.sync_every_env_steps = 50;
            }),
            "no error");
}

TEST(RunConfig, EpsilonDoesNotRise) {
  EXPECT_EQ(refusal([](RunConfig& c) { c.exploration.epsilon_start = 0.005; }),
            "exploration.epsilon_end is 0.01; allowed: up to exploration.epsilon_start, which is 0.005");
  EXPECT_EQ(refusal([](RunConfig& c) { c.exploration.epsilon_start = 0.01; }), "no error");
}

TEST(RunConfig, LearningOfAWholeRunStartsBeforeItsEnd) {
  const auto refusal_of_run = [](const TrainConfig& train) {
    RunConfig config;
    config.train = train;
    EXPECT_EQ(error_of([&] { validate(config); }), "no error") << "a sitting may be shorter";
    return error_of([&] { validate_run(config); });
  };
  EXPECT_EQ(refusal_of_run({.env_steps = 1000, .learning_starts_env_steps = 1000}),
            "train.learning_starts_env_steps is 1000; allowed: below train.env_steps, which is 1000");
  EXPECT_EQ(refusal_of_run({.env_steps = 1000, .learning_starts_env_steps = 999}), "no error");
  EXPECT_EQ(refusal_of_run({.episodes = 5, .learning_starts_env_steps = 1000}), "no error");
}

TEST(RunConfig, ValuesSetInCodeAreCheckedToo) {
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.gamma = 1.5; }), "agent.gamma is 1.5; allowed: 0 to 1");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.gamma = std::nan(""); }), "agent.gamma is nan; allowed: 0 to 1");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.optimizer.learning_rate = INFINITY; }),
            "agent.learning_rate is inf; allowed: above 0");
  EXPECT_EQ(refusal([](RunConfig& c) { c.env.count = 0; }), "env.count is 0; allowed: 1 to 4096");
  EXPECT_EQ(refusal([](RunConfig& c) {
              c.network.hidden_sizes = {4, -1};
            }),
            "network.hidden_sizes is -1; allowed: 1 to 65536");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.loss = static_cast<Loss>(7); }), "agent.loss is 7; allowed: 0 to 1");
  EXPECT_EQ(refusal([](RunConfig& c) { c.version = 2; }), "version is 2; allowed: up to 1, a newer deepq is needed");
}

TEST(RunConfig, VariantsFitTogether) {
  const auto with = [](AlgorithmKind kind, auto change) {
    return refusal([&](RunConfig& c) {
      c.agent.algorithm = kind;
      change(c);
    });
  };
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.munchausen = c.agent.double_q = true; }),
            "agent.double is true; allowed with agent.munchausen: false (its target averages over the policy, so there "
            "is no greedy action to choose)");
  EXPECT_EQ(with(AlgorithmKind::kPqn, [](RunConfig& c) { c.agent.value.representation = Representation::kImplicit; }),
            "value.representation is implicit; allowed with agent.algorithm pqn: scalar (lambda-returns are "
            "expectations)");
  EXPECT_EQ(with(AlgorithmKind::kSarsa, [](RunConfig& c) { c.replay.prioritized = true; }),
            "replay.prioritized is true; allowed with a tabular agent.algorithm: false (there is no replay)");
  EXPECT_EQ(with(AlgorithmKind::kPqn, [](RunConfig& c) { c.pqn.minibatches = 5; }),
            "pqn.minibatches is 5; allowed: divisors of pqn.rollout_steps times env.count, which is 32");
  for (const AlgorithmKind kind : {AlgorithmKind::kDqn, AlgorithmKind::kPqn, AlgorithmKind::kDoubleQLearning})
    EXPECT_EQ(with(kind, [](RunConfig&) {}), "no error");
}

TEST(Presets, EveryOneIsValidAndSaysItsName) {
  ASSERT_FALSE(preset_names().empty());
  EXPECT_TRUE(std::ranges::is_sorted(preset_names()));
  for (const std::string& name : preset_names()) {
    const RunConfig config = preset(name);
    EXPECT_EQ(error_of([&] { validate(config); }), "no error") << name;
    EXPECT_EQ(config.preset, name);
    EXPECT_EQ(preset_source(name).front(), '#') << name << " begins with its source and its deviations";
  }
}

// Row 9 of the chapter.
TEST(Presets, ChapterIsTheChaptersAgent) {
  const RunConfig c = preset("chapter");
  EXPECT_EQ(c.env.id, "CartPole-v1");
  EXPECT_EQ(c.env.count, 1);
  EXPECT_EQ(c.network.hidden_sizes, (std::vector<int64_t>{64, 64}));
  EXPECT_EQ(c.agent.optimizer.kind, OptimizerKind::kAdam);
  EXPECT_EQ(c.agent.optimizer.learning_rate, 1e-3);
  EXPECT_EQ(c.agent.gamma, 0.99);
  EXPECT_EQ(c.agent.batch_size, 64);
  EXPECT_EQ(c.agent.loss, Loss::kMse);
  EXPECT_FALSE(c.agent.double_q);
  EXPECT_FALSE(c.agent.bootstrap_at_truncation);
  EXPECT_EQ(c.target.tau, 1.0);
  EXPECT_EQ(c.target.sync_every_updates, 100);
  EXPECT_EQ(c.replay.capacity, 10'000);
  EXPECT_FALSE(c.replay.with_replacement);
  EXPECT_EQ(c.exploration.schedule, EpsilonSchedule::kExponential);
  EXPECT_EQ(c.exploration.epsilon_start, 1.0);
  EXPECT_EQ(c.exploration.epsilon_end, 0.01);
  EXPECT_EQ(c.exploration.decay_per_update, 0.995);
  EXPECT_EQ(c.train.episodes, 500);
  EXPECT_EQ(c.train.env_steps, 0);
  EXPECT_EQ(c.train.learning_starts_env_steps, 0);
  EXPECT_EQ(c.train.update_every_env_steps, 1);
  EXPECT_EQ(c.train.updates_per_round, 1);
  EXPECT_EQ(c.log.console_every_episodes, 20);
}

TEST(Presets, UnknownNamesTheNearest) {
  const std::string expected = "unknown preset 'chaptr'; did you mean 'chapter'?; presets: " + join(preset_names());
  EXPECT_EQ(error_of([] { preset("chaptr"); }), expected);
  EXPECT_EQ(error_of([] { preset_source("chaptr"); }), expected);
}

}  // namespace
}  // namespace deepq
