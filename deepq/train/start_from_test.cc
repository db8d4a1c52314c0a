// Runs that begin with what another one has learnt.
#include "deepq/train/start_from.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/run.h"
#include "deepq/train/session.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::TemporaryFolder;

RunConfig small(const std::string& env_id = "CartPole-v1") {
  RunConfig config;
  config.env.id = env_id;
  config.train.env_steps = 120;
  config.replay.capacity = 500;
  config.agent.batch_size = 8;
  config.network.hidden_sizes = {8};
  config.eval.final_episodes = 0;
  return config;
}

std::string weights_at_first(const RunConfig& config) {
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  start_from(trainer, [](const std::string&) {});
  return trainer.algorithm().weights_sha256();
}

TEST(StartFrom, TheWeightsAreTheRuns) {
  const TemporaryFolder folder;
  const RunSummary run = start_run(small(), {.folder = folder / "run"});
  RunConfig config = small();
  config.train.seed = 5;
  EXPECT_NE(weights_at_first(config), run.weights_sha256);
  config.train.start_from = folder / "run";
  EXPECT_EQ(weights_at_first(config), run.weights_sha256);
  // PQN has no target network and takes them all the same; another representation has another head.
  config.agent.algorithm = AlgorithmKind::kPqn;
  EXPECT_EQ(weights_at_first(config), run.weights_sha256);
}

TEST(StartFrom, TheBodyGoesToOtherActions) {
  const TemporaryFolder folder;
  const RunSummary run = start_run(small("Acrobot-v1"), {.folder = folder / "run"});
  RunConfig config = small();
  config.train.start_from = folder / "run";
  EXPECT_EQ(
      error_of([&] { weights_at_first(config); }),
      "train.start_from: " + (folder / "run") +
          ", trained on observations of 6 and 3 actions where there are observations of 4 and 2 actions now: the "
          "network to take weights from has 0/weight [8, 6] where this one has 0/weight [8, 4]; allowed: the same "
          "network settings, or the body alone (train.start_part body)");
  RunConfig quantiles = small("Acrobot-v1");
  quantiles.agent.value.representation = Representation::kQuantile;
  quantiles.train.start_from = folder / "run";
  EXPECT_NE(error_of([&] { weights_at_first(quantiles); }), "no error");
  quantiles.train.start_part = NetworkPart::kBody;
  EXPECT_NE(weights_at_first(quantiles), run.weights_sha256);
}

TEST(StartFrom, TheReplayToo) {
  const TemporaryFolder folder;
  start_run(small(), {.folder = folder / "run"});
  RunConfig config = small();
  config.train.start_from = folder / "run";
  config.train.start_replay = true;
  config.train.env_steps = 20;
  Trainer trainer(config, find_env("CartPole-v1"));
  start_from(trainer, [](const std::string&) {});
  trainer.step();
  EXPECT_EQ(trainer.algorithm().updates(), 1) << "there is a batch to learn from at once";
  config.agent.n_step = 3;
  config.replay.capacity = 60;
  Trainer other(config, find_env("CartPole-v1"));
  EXPECT_TRUE(error_of([&] {
                start_from(other, [](const std::string&) {});
              }).starts_with("train.start_replay: the replay of "));
}

TEST(StartFrom, ARunIsResumedWithoutTheOther) {
  const TemporaryFolder folder;
  start_run(small(), {.folder = folder / "run"});
  RunConfig config = small();
  config.train.start_from = folder / "run";
  const std::string whole = start_run(config, {}).weights_sha256;
  config.train.env_steps = 60;
  start_run(config, {.folder = folder / "next"});
  std::filesystem::remove_all(folder / "run");
  EXPECT_EQ(resume_run({.folder = folder / "next", .env_steps = 120}).weights_sha256, whole);
  EXPECT_TRUE(error_of([&] { start_run(config, {}); }).find("run") != std::string::npos);
}

TEST(StartFrom, WhatTheWeightsWereScaledByToo) {
  const TemporaryFolder folder;
  RunConfig config = small();
  config.network.normalize_observations = true;
  config.agent.normalize_rewards = true;
  start_run(config, {.folder = folder / "run"});
  config.train.start_from = folder / "run";
  config.train.env_steps = 20;
  Trainer trainer(config, find_env("CartPole-v1"));
  start_from(trainer, [](const std::string&) {});
  std::vector<std::string> damaged;
  const CheckpointFile run = newest_checkpoint(checkpoint_folder(folder / "run"), damaged);
  Archive begun;
  trainer.serialize(begun);
  for (const std::string name : {"observation_statistics/count", "observation_statistics/mean",
                                 "reward_statistics/count", "reward_statistics/squares"})
    EXPECT_TRUE(
        std::ranges::equal(begun.tensors().at("trainer/" + name).bytes, run.tensors().at("trainer/" + name).bytes))
        << name;
}

TEST(StartFrom, ATableHasNoWeights) {
  const TemporaryFolder folder;
  RunConfig table = small("FrozenLake-v1");
  table.agent.algorithm = AlgorithmKind::kQLearning;
  start_run(table, {.folder = folder / "run"});
  RunConfig config = small("FrozenLake-v1");
  config.train.start_from = folder / "run";
  EXPECT_TRUE(error_of([&] { weights_at_first(config); }).ends_with("has learnt a table; allowed: runs of networks"));
}

}  // namespace
}  // namespace deepq
