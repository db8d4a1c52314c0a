#include "deepq/config/run_config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "deepq/env/registry.h"
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
    EXPECT_EQ(error_of([&] { validate(config); }), "no error") << "one call of a Session may be shorter";
    return error_of([&] { validate_run(config); });
  };
  EXPECT_EQ(
      refusal_of_run({.env_steps = 1000, .learning_starts_env_steps = 1000}),
      "train.learning_starts_env_steps is 1000; allowed: below train.env_steps, which is 1000: make the run longer, "
      "or lower it, to 100 say");
  EXPECT_EQ(refusal_of_run({.env_steps = 1000, .learning_starts_env_steps = 999}), "no error");
  EXPECT_EQ(refusal_of_run({.episodes = 5, .learning_starts_env_steps = 1000}), "no error");
}

std::string refusal_of_run(const std::function<void(RunConfig&)>& change) {
  RunConfig config = valid();
  change(config);
  EXPECT_EQ(error_of([&] { validate(config); }), "no error") << "one call of a Session may be shorter";
  return error_of([&] {
    validate_run(config);
    require_updates(config, config.env.max_episode_steps);
  });
}

TEST(RunConfig, AWholeRunLearnsSomething) {
  const auto of_steps = [](int64_t steps, auto change) {
    return refusal_of_run([&](RunConfig& c) {
      c.train.env_steps = steps;
      change(c);
    });
  };
  const auto nothing = [](RunConfig&) {};
  EXPECT_EQ(
      of_steps(63, nothing),
      "the run would learn nothing: its 63 environment steps at most (train.env_steps is 63) end before the first "
      "update, after 64 at the earliest (agent.batch_size is 64, train.learning_starts_env_steps is 0, "
      "train.update_every_env_steps is 1, env.count is 1)");
  EXPECT_EQ(of_steps(64, nothing), "no error");
  const auto every_256 = [](RunConfig& c) { c.train.update_every_env_steps = 256; };
  EXPECT_NE(of_steps(255, every_256), "no error");
  EXPECT_EQ(of_steps(256, every_256), "no error");
  const auto overlapped = [](RunConfig& c) { c.train.overlap = true; };
  EXPECT_NE(of_steps(64, overlapped), "no error");
  EXPECT_EQ(of_steps(65, overlapped), "no error");
  const auto pqn = [](RunConfig& c) { c.agent.algorithm = AlgorithmKind::kPqn, c.env.count = 2; };
  EXPECT_EQ(
      of_steps(62, pqn),
      "the run would learn nothing: its 62 environment steps at most (train.env_steps is 62) end before the first "
      "update, after 64 at the earliest (pqn.rollout_steps is 32, env.count is 2)");
  EXPECT_EQ(of_steps(63, pqn), "no error") << "rounds are whole";
  EXPECT_EQ(of_steps(1, [](RunConfig& c) { c.agent.algorithm = AlgorithmKind::kSarsa; }), "no error");
  EXPECT_EQ(of_steps(500,
                     [](RunConfig& c) {
                       c.agent.algorithm = AlgorithmKind::kPqn;
                       c.train.learning_starts_env_steps = 1000;
                     }),
            "no error")
      << "pqn does not read it";
}

TEST(RunConfig, EpisodesThatAreTooShortToLearnFromAreRefusedWhereTheirLimitIsKnown) {
  const auto of_episodes = [](int64_t episodes, int64_t limit) {
    return refusal_of_run([&](RunConfig& c) {
      c.train = {.episodes = episodes};
      c.env.max_episode_steps = limit;
    });
  };
  EXPECT_EQ(
      of_episodes(3, 20).find("the run would learn nothing: its 60 environment steps at most (train.episodes is 3)"),
      0u);
  EXPECT_EQ(of_episodes(4, 20), "no error");
  EXPECT_EQ(of_episodes(1, 0), "no error") << "they may be long";
}

TEST(RunConfig, TrainingThatEndsWhenSolvedIsEvaluatedBefore) {
  EXPECT_EQ(refusal_of_run([](RunConfig& c) { c.eval.stop_when_solved = true; }),
            "eval.stop_when_solved is true and eval.every_env_steps is 0; allowed: above 0, so that there are "
            "evaluations, or "
            "eval.stop_when_solved = false");
  EXPECT_EQ(
      refusal_of_run([](RunConfig& c) {
        c.eval.stop_when_solved = true;
        c.eval.every_env_steps = 1001;
      }),
      "eval.stop_when_solved is true and eval.every_env_steps is 1001; allowed: up to train.env_steps, which is 1000");
  EXPECT_EQ(refusal_of_run([](RunConfig& c) {
              c.eval.stop_when_solved = true;
              c.eval.every_env_steps = 1000;
            }),
            "no error");
  EXPECT_EQ(refusal_of_run([](RunConfig& c) {
              c.eval.keep_best = true;
              c.eval.every_env_steps = 2000;
            }),
            "eval.keep_best is true and eval.every_env_steps is 2000; allowed: up to train.env_steps, which is 1000");
}

// A distribution's support is single-precision numbers that must differ.
TEST(RunConfig, TheAtomsOfADistributionAreApart) {
  const auto of = [](double v_min, double v_max, int64_t atoms = 51) {
    return refusal([&](RunConfig& c) {
      c.agent.value = {.representation = Representation::kCategorical, .atoms = atoms, .v_min = v_min, .v_max = v_max};
    });
  };
  EXPECT_EQ(of(-10, 10), "no error");
  EXPECT_EQ(of(0, 1e9), "no error");
  EXPECT_EQ(of(1e9, 1e9 + 10),
            "value.atoms is 51 from value.v_min 1e+09 to value.v_max 1000000010; allowed: atoms that single "
            "precision tells apart, which here are 0.2 apart");
  EXPECT_EQ(of(1e9, 1e9 + 64 * 50), "no error");
  EXPECT_NE(of(0, 1e-37), "no error") << "the step is subnormal";
  EXPECT_NE(of(16, 16.001, 4096), "no error");
  for (const double edge : {1e38, 1e39, 3e38, 1e300}) {
    EXPECT_NE(of(0, edge).find("value.v_max is "), std::string::npos) << edge;
    EXPECT_NE(of(-edge, 0).find("allowed: -1e+37 to 1e+37"), std::string::npos) << edge;
  }
  EXPECT_EQ(of(-1e37, 1e37), "no error");
  EXPECT_NE(of(0, 1e-50), "no error");
}

TEST(RunConfig, NumbersThatSinglePrecisionHasNotAreRefusedByTheirKey) {
  EXPECT_EQ(refusal([](RunConfig& c) { c.target.tau = 1e-50; }),
            "target.tau is 1e-50; allowed: above 0 to 1, and in size 1.2e-38 to 3.4e+38, as single precision has it");
  EXPECT_EQ(refusal([](RunConfig& c) { c.network.input_divisor = 1e300; }),
            "network.input_divisor is 1e+300; allowed: above 0 to 1e+37");
  EXPECT_NE(refusal([](RunConfig& c) { c.agent.optimizer.epsilon = 1e-39; }).find("optimizer.epsilon is 1e-39"),
            std::string::npos);
  EXPECT_NE(refusal([](RunConfig& c) { c.agent.reward_scale = 1e39; }).find("agent.reward_scale is 1e+39"),
            std::string::npos);
  EXPECT_NE(refusal([](RunConfig& c) { c.agent.munchausen_clip = -1e39; }), "no error");
  EXPECT_EQ(refusal([](RunConfig& c) { c.train.episodes = std::numeric_limits<int64_t>::max(); }),
            "train.episodes is 9223372036854775807; allowed: 0 to 9007199254740992");
  EXPECT_EQ(refusal([](RunConfig& c) { c.train.seed = std::numeric_limits<int64_t>::max(); }), "no error");
}

TEST(RunConfig, RewardsFitWhatLearnsOfThem) {
  const auto of = [](AlgorithmKind kind, double reward, double scale) {
    return refusal([&](RunConfig& c) {
      c.env.id = "GridWorld-v0";
      c.agent.algorithm = kind;
      c.env_options.grid_world.goal_reward = reward;
      c.agent.reward_scale = scale;
    });
  };
  EXPECT_EQ(of(AlgorithmKind::kQLearning, 1e300, 1), "no error") << "tables are kept in double precision";
  EXPECT_EQ(of(AlgorithmKind::kDqn, 1e39, 1).find("grid_world.goal_reward is 1e+39, learnt as 1e+39"), 0u);
  EXPECT_EQ(of(AlgorithmKind::kDqn, 1e39, 1e-10), "no error");
  EXPECT_NE(of(AlgorithmKind::kPqn, 1e-30, 1e-30), "no error");
}

TEST(RunConfig, ValuesSetInCodeAreCheckedToo) {
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.gamma = 1.5; }), "agent.gamma is 1.5; allowed: 0 to 1");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.gamma = std::nan(""); }), "agent.gamma is nan; allowed: 0 to 1");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.optimizer.learning_rate = INFINITY; }),
            "optimizer.learning_rate is inf; allowed: above 0");
  EXPECT_EQ(refusal([](RunConfig& c) { c.env.count = 0; }), "env.count is 0; allowed: 1 to 4096");
  EXPECT_EQ(refusal([](RunConfig& c) {
              c.network.hidden_sizes = {4, -1};
            }),
            "network.hidden_sizes is -1; allowed: 1 to 65536");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.loss = static_cast<Loss>(7); }), "agent.loss is 7; allowed: 0 to 1");
  EXPECT_EQ(refusal([](RunConfig& c) { c.version = 3; }), "version is 3; allowed: up to 2, a newer deepq is needed");
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
