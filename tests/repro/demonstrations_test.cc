// Runs that learn from demonstrations, beside what they do or alone: they learn, go on as the unbroken run, and know
// their files again.
#include <gtest/gtest.h>

#include <filesystem>

#include "deepq/config/active_keys.h"
#include "deepq/env/registry.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/demonstration_writer.h"
#include "deepq/train/run.h"
#include "tests/branches_env.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

using test::error_of;
using test::TemporaryFolder;

// What an untrained agent does at random.
void record(const RunConfig& config, const EnvFactory& env, const std::string& path, int64_t episodes = 8) {
  const EnvSpec spec = env()->spec();
  Policy anyone(config, spec.observation_space, spec.actions());
  record_demonstrations(anyone, env, {.episodes = episodes, .epsilon = 1, .max_episode_steps = 30}, path,
                        [] { return true; });
}

RunConfig small(const std::string& demonstrations) {
  RunConfig config;
  config.train.env_steps = 300;
  config.train.pretrain_updates = 50;
  config.replay.capacity = 200;
  config.replay.demonstrations = demonstrations;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {8};
  config.target.sync_every_updates = 20;
  config.eval.final_episodes = 0;
  config.checkpoint.every_env_steps = 70;
  return config;
}

using Named = std::pair<std::string, RunConfig>;

// What combines with them, in few runs.
std::vector<Named> variants(const std::string& path) {
  RunConfig prioritized = small(path), distributional = small(path), offline = small(path), alone = small(path);
  prioritized.replay.prioritized = true;
  prioritized.agent.n_step = 3;
  prioritized.agent.double_q = true;
  distributional.agent.value = {.representation = Representation::kCategorical, .atoms = 11, .v_min = 0, .v_max = 30};
  distributional.network.dueling = true;
  distributional.agent.cql_alpha = 0.3;
  offline.train.pretrain_updates = 0;
  offline.train.offline = true;
  offline.agent.cql_alpha = 0.5;
  alone = offline;
  alone.replay.prioritized = true;
  alone.agent.value.representation = Representation::kQuantile;
  alone.agent.value.quantiles = 7;
  return {{"plain", small(path)},
          {"prioritized", prioritized},
          {"distributional", distributional},
          {"offline", offline},
          {"alone", alone}};
}

TEST(Demonstrations, ARunGoesOnAsTheUnbrokenOneFromAnyStep) {
  const TemporaryFolder folder;
  const EnvFactory env = find_env("CartPole-v1");
  record({}, env, folder / "d.npz");
  Random random(4);
  int number = 0;
  for (const auto& [name, config] : variants(folder / "d.npz")) {
    const std::string whole = start_run(config, {}).weights_sha256;
    for (int i = 0; i < 4; ++i) {
      const std::string path = folder / ("run-" + std::to_string(number++));
      test::StopAt once(1 + static_cast<int64_t>(random.below(290)));
      start_run(config, {.folder = path, .stop = &once.stop, .observers = {&once}});
      EXPECT_EQ(resume_run({.folder = path}).weights_sha256, whole) << name << " " << i;
    }
  }
}

// Stopped by the 20th update before the first step.
TEST(Demonstrations, PretrainingIsGoneOnWith) {
  struct StopInPretraining : Observer {
    void on_step(int64_t env_steps) override { stop = env_steps == 0 && ++calls == 20; }
    std::atomic<bool> stop = false;
    int calls = 0;
  } once;
  const TemporaryFolder folder;
  record({}, find_env("CartPole-v1"), folder / "d.npz");
  const RunConfig config = small(folder / "d.npz");
  EXPECT_EQ(start_run(config, {.folder = folder / "run", .stop = &once.stop, .observers = {&once}}).updates, 20);
  EXPECT_EQ(resume_run({.folder = folder / "run"}).weights_sha256, start_run(config, {}).weights_sha256);
}

TEST(Demonstrations, OtherFilesAreRefusedAndMovedOnesAreNot) {
  const TemporaryFolder folder;
  const EnvFactory env = find_env("CartPole-v1");
  record({}, env, folder / "d.npz");
  const RunConfig config = small(folder / "d.npz");
  const std::string whole = start_run(config, {}).weights_sha256;
  test::StopAt once(100);
  start_run(config, {.folder = folder / "run", .stop = &once.stop, .observers = {&once}});
  std::filesystem::copy(folder / "run", folder / "moved", std::filesystem::copy_options::recursive);
  std::filesystem::rename(folder / "d.npz", folder / "e.npz");
  EXPECT_TRUE(
      error_of([&] { resume_run({.folder = folder / "run"}); }).starts_with("replay.demonstrations: cannot open "));
  std::string toml = test::slurp(folder / "moved/config.toml");
  const size_t at = toml.find("/d.npz");
  ASSERT_NE(at, std::string::npos);
  test::spit(folder / "moved/config.toml", toml.replace(at, 6, "/e.npz"));
  EXPECT_EQ(resume_run({.folder = folder / "moved"}).weights_sha256, whole);
  record({}, env, folder / "d.npz", 3);
  const std::string refusal = error_of([&] { resume_run({.folder = folder / "run"}); });
  EXPECT_NE(refusal.find("allowed: what replay.demonstrations_sha256 says"), std::string::npos) << refusal;
}

TEST(Demonstrations, AreInThePlanOfMemory) {
  const TemporaryFolder folder;
  const EnvFactory env = find_env("CartPole-v1");
  record({}, env, folder / "d.npz");
  const MemoryPlan plan = plan_memory(small(folder / "d.npz"), env()->spec());
  EXPECT_EQ(plan.parts[2].first, "demonstrations");
  EXPECT_GT(plan.parts[2].second, 0);
}

// Stacks of frames, several axes, and parts with legal actions.
TEST(Demonstrations, OfEveryKindOfWorld) {
  const TemporaryFolder folder;
  const EnvFactory frames = [] {
    return std::make_unique<test::PixelChainEnv>(test::PixelChainEnv::Screen{.stack = 4, .height = 8, .width = 8});
  };
  for (const auto& [name, env] : {std::pair<std::string, EnvFactory>{"frames", frames},
                                  {"axes", test::branches({3, 4}, test::BranchesEnv::Masks::kYes)}}) {
    const std::string path = folder / (name + ".npz");
    record({}, env, path);
    for (const bool offline : {false, true}) {
      RunConfig config = small(path);
      config.train.offline = offline;
      if (offline) config.train.pretrain_updates = 0;
      config.agent.cql_alpha = 0.1;
      const std::string run = folder / (name + (offline ? "-offline" : "-online"));
      test::StopAt once(120);
      start_run(config, {.folder = run, .stop = &once.stop, .observers = {&once}}, env);
      EXPECT_EQ(resume_run({.folder = run}, env).weights_sha256, start_run(config, {}, env).weights_sha256) << run;
    }
  }
}

TEST(Demonstrations, WhatMakesNoSenseIsRefused) {
  const auto refusal = [](void (*change)(RunConfig&)) {
    RunConfig config = small("d.npz");
    change(config);
    return error_of([&] { validate_run(config); });
  };
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.algorithm = AlgorithmKind::kQLearning; }),
            "replay.demonstrations is d.npz; allowed with a tabular agent.algorithm: none (there is no replay)");
  EXPECT_EQ(
      refusal([](RunConfig& c) {
        c.agent.algorithm = AlgorithmKind::kPqn;
        c.pqn.minibatches = 1;
      }),
      "replay.demonstrations is d.npz; allowed with agent.algorithm pqn: none (it learns from what its own policy "
      "does)");
  EXPECT_EQ(refusal([](RunConfig& c) { c.replay.demonstrations = ""; }),
            "train.pretrain_updates is 50; allowed without replay.demonstrations: 0");
  EXPECT_EQ(refusal([](RunConfig& c) {
              c.replay.demonstrations = "";
              c.train.pretrain_updates = 0;
              c.train.offline = true;
            }),
            "train.offline is true and replay.demonstrations is empty; allowed: with files to learn from");
  EXPECT_EQ(refusal([](RunConfig& c) {
              c.train.offline = true;
              c.train.episodes = 10;
              c.train.env_steps = 0;
            }),
            "train.offline is true and train.env_steps is 0; allowed: above 0, the number of updates");
}

// Of each key that the presets' silent-key tests never see at work: another value, other weights.
TEST(Demonstrations, TheirKeysAct) {
  const TemporaryFolder folder;
  record({}, find_env("CartPole-v1"), folder / "d.npz");
  record({}, find_env("CartPole-v1"), folder / "e.npz", 3);
  const RunConfig config = small(folder / "d.npz");
  const std::string before = start_run(config, {}).weights_sha256;
  for (const std::string setting : {"replay.demonstration_fraction=0.5", "agent.margin=0.1", "agent.margin_weight=0.5",
                                    "agent.cql_alpha=0.1", "train.pretrain_updates=51", "train.offline=true"}) {
    RunConfig changed = config;
    set_field(changed, setting);
    EXPECT_NE(start_run(changed, {}).weights_sha256, before) << setting;
    EXPECT_EQ(what_is_missing(config, setting.substr(0, setting.find('=')), "cartpole"), "") << setting;
  }
  RunConfig offline = config, longer = config;
  offline.train.offline = longer.train.offline = true;
  longer.train.pretrain_updates = 70;
  EXPECT_EQ(start_run(offline, {}).weights_sha256, start_run(longer, {}).weights_sha256) << "all updates are such";
  RunConfig both = config;
  both.replay.demonstrations += "," + (folder / "e.npz");
  EXPECT_NE(start_run(both, {}).weights_sha256, before);
  both.replay.demonstration_fraction = 0;
  both.train.pretrain_updates = 0;
  EXPECT_EQ(
      what_is_missing(both, "replay.demonstrations", "cartpole"),
      "replay.demonstration_fraction or train.pretrain_updates above 0, or train.offline true (nothing is drawn from "
      "them otherwise)");
  RunConfig none = both;
  none.replay.demonstrations = "";
  EXPECT_EQ(start_run(both, {}).weights_sha256, start_run(none, {}).weights_sha256) << "and it is so";
}

// From what a random agent has done in it, without a step of one's own.
TEST(Demonstrations, AChainIsLearntOffline) {
  const TemporaryFolder folder;
  const EnvFactory chain = [] { return std::make_unique<test::ChainEnv>(); };
  RunConfig config = small(folder / "d.npz");
  record(config, chain, folder / "d.npz", 40);
  config.train.pretrain_updates = 0;
  config.train.offline = true;
  config.train.env_steps = 1'500;
  config.agent.optimizer.learning_rate = 5e-3;
  config.agent.gamma = 0.8;  // so that ways differ in worth
  config.network.hidden_sizes = {32};
  config.eval = {.every_env_steps = 500, .final_episodes = 20};
  for (const double alpha : {0.0, 0.05}) {
    config.agent.cql_alpha = alpha;
    const RunSummary summary = start_run(config, {}, chain);
    EXPECT_EQ(summary.env_steps, 1'500);
    EXPECT_EQ(summary.updates, 1'500);
    EXPECT_EQ(summary.episodes, 0);
    EXPECT_GT(summary.eval_mean_return, 0.9) << alpha;
  }
}

}  // namespace
}  // namespace deepq
