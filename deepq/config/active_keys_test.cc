#include "deepq/config/active_keys.h"

#include <gtest/gtest.h>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

std::string refusal(const std::string& preset_name, const std::vector<std::string>& assignments) {
  RunConfig config = preset_name.empty() ? RunConfig{} : preset(preset_name);
  config.train.set_length(100'000);
  std::vector<GivenKey> given;
  for (const std::string& assignment : assignments) {
    set_field(config, assignment);
    given.push_back({.key = assigned_key(assignment), .where = ""});
  }
  return error_of([&] {
    validate_run(config);
    require_effect(config, given, section_read_by(config.env.id));
  });
}

TEST(ActiveKeys, WhatWasSetAndDoesNothingIsRefusedByName) {
  EXPECT_EQ(
      refusal("pqn", {"agent.batch_size=32"}),
      "agent.batch_size has no effect here; it needs agent.algorithm dqn (pqn learns from rollouts and tables from "
      "single steps, without replay and target network)");
  for (const char* key : {"train.learning_starts_env_steps=5", "train.update_every_env_steps=2", "target.tau=0.5",
                          "train.updates_per_round=3", "replay.capacity=77", "exploration.noise_steps=2"})
    EXPECT_NE(refusal("pqn", {key}).find(" has no effect here; it needs "), std::string::npos) << key;
  const std::string table = "agent.algorithm=q_learning", lake = "env.id=FrozenLake-v1";
  for (const char* key :
       {"optimizer.learning_rate=0.1", "agent.loss=huber", "optimizer.max_grad_norm=1", "network.threads=2",
        "network.hidden_sizes=8", "replay.capacity=77", "pqn.lambda=0.5", "target.tau=0.5"})
    EXPECT_NE(refusal("", {lake, table, key}).find(" has no effect here; it needs "), std::string::npos) << key;
  EXPECT_NE(
      refusal("", {"network.hidden_sizes=[]", "network.layer_norm=true"}).find("network.layer_norm has no effect"),
      std::string::npos);
  EXPECT_NE(refusal("noisy", {"exploration.epsilon_end=0.1"}).find("it needs network.noisy false"), std::string::npos);
  EXPECT_NE(refusal("", {"eval.episodes=5"}).find("it needs eval.every_env_steps above 0"), std::string::npos);
  EXPECT_NE(refusal("", {"taxi.is_rainy=true"}).find("taxi.is_rainy has no effect here; it needs env.id Taxi-v4"),
            std::string::npos);
  EXPECT_NE(
      refusal("", {"agent.batch_size=1", "replay.with_replacement=true"}).find("it needs agent.batch_size above 1"),
      std::string::npos);
  for (const char* key : {"agent.munchausen_temperature=0.5", "target.sync_every_updates=7"})
    EXPECT_NE(refusal("", {"agent.gamma=0", "agent.munchausen=true", "agent.munchausen_alpha=0", key})
                  .find("it needs agent.gamma above 0"),
              std::string::npos)
        << key;
  const std::string copied = "target.sync_every_updates=1", by_steps = "target.sync_every_updates=0",
                    twice = "agent.double=true";
  for (const std::vector<std::string>& never_apart :
       {std::vector{copied, twice},
        {by_steps, "target.sync_every_env_steps=2", "train.update_every_env_steps=4", twice}})
    EXPECT_NE(
        refusal("", never_apart).find("agent.double has no effect here; it needs target.sync_every_updates above 1"),
        std::string::npos);
  for (const std::string apart :
       {"target.tau=0.5", "network.noisy=true", "value.representation=implicit", "target.sync_every_updates=2"})
    EXPECT_EQ(refusal("", {copied, twice, apart}), "no error") << apart;
  for (const std::string apart : {"train.update_every_env_steps=3", "train.updates_per_round=2", "env.count=8"})
    EXPECT_EQ(refusal("", {by_steps, "target.sync_every_env_steps=2", "train.update_every_env_steps=4", twice, apart}),
              "no error")
        << apart;
  EXPECT_EQ(refusal("", {lake, "agent.algorithm=sarsa", "agent.gamma=0", "agent.bootstrap_at_truncation=false"}),
            "no error");
  EXPECT_NE(refusal("", {"replay.priority_alpha=0.6"}), "no error") << "the default too, where it was set";
}

// On top of a preset one key makes others idle that the user has not named, and can be told to be off.
TEST(ActiveKeys, APresetsOwnKeysAreNobodysMistake) {
  EXPECT_EQ(refusal("dqn", {"agent.algorithm=pqn"}), "no error");
  EXPECT_EQ(refusal("rainbow", {"value.representation=scalar"}), "no error");
  EXPECT_EQ(refusal("rainbow", {"replay.prioritized=false"}), "no error");
  EXPECT_EQ(refusal("noisy", {"network.noisy=false"}), "no error");
  EXPECT_NE(refusal("n-step", {"agent.algorithm=pqn"}).find("agent.n_step is 3; allowed with agent.algorithm pqn: 1"),
            std::string::npos);
  EXPECT_EQ(refusal("n-step", {"agent.algorithm=pqn", "agent.n_step=1"}), "no error");
  EXPECT_EQ(refusal("cartpole", {"eval.every_env_steps=0"}),
            "eval.stop_when_solved is true and eval.every_env_steps is 0; allowed: above 0, so that there are "
            "evaluations, or "
            "eval.stop_when_solved = false");
  EXPECT_EQ(refusal("cartpole", {"eval.every_env_steps=0", "eval.stop_when_solved=false"}), "no error");
}

RunConfig read(const std::string& text, std::vector<GivenKey>& given, const std::string& base = "") {
  return from_user_toml(text, "my.toml", base.empty() ? RunConfig{} : preset(base), given);
}

std::string file_refusal(const std::string& text, const std::string& base = "") {
  return error_of([&] {
    std::vector<GivenKey> given;
    RunConfig config = read(text, given, base);
    if (config.train.env_steps == 0) config.train.env_steps = 100'000;
    validate_run(config);
    require_effect(config, given, section_read_by(config.env.id));
  });
}

TEST(ActiveKeys, AFileMayNameEveryKeyButSetNoneInVain) {
  EXPECT_EQ(file_refusal("[agent]\nalgorithm = 'pqn'\n[replay]\ncapacity = 10_000\n"), "no error") << "the default";
  EXPECT_EQ(file_refusal("[agent]\nalgorithm = 'pqn'\n[replay]\ncapacity = 500\n")
                .find("my.toml:4: replay.capacity has no effect here; it needs agent.algorithm dqn"),
            0u);
  for (const std::string& name : preset_names()) {
    EXPECT_EQ(file_refusal(to_toml(preset(name))), "no error") << "deepq presets " << name;
    EXPECT_EQ(file_refusal(preset_source(name)), "no error") << name << " holds a key that does nothing";
    EXPECT_NE(to_toml(preset(name)).find("  # no effect here; "), std::string::npos);
  }
}

TEST(ActiveKeys, APresetInAFileIsWhatTheOtherKeysLieOn) {
  std::vector<GivenKey> given;
  RunConfig config = read("preset = 'rainbow'\n[agent]\ngamma = 0.5\n", given);
  EXPECT_TRUE(config.network.noisy && config.network.dueling && config.replay.prioritized);
  EXPECT_EQ(config.agent.gamma, 0.5);
  EXPECT_EQ(config.preset, "rainbow");
  EXPECT_EQ(preset_label(config), "rainbow with 1 setting changed");
  EXPECT_EQ(file_refusal("preset = 'rainbo'\n").find("my.toml:1: unknown preset 'rainbo'; did you mean 'rainbow'?"),
            0u);
  EXPECT_EQ(file_refusal("preset = 'rainbow'\n", "dqn"),
            "my.toml:1: preset is 'rainbow' and --preset is 'dqn'; allowed: one of them");
  EXPECT_EQ(file_refusal("preset = 'rainbow'\n", "rainbow"), "no error");
  // A run's own file gives the same again.
  config.agent.batch_size = 32;
  const RunConfig again = read(to_toml(config), given);
  EXPECT_EQ(to_toml(again), to_toml(config));
  EXPECT_EQ(preset_label(again), "rainbow with 2 settings changed");
}

TEST(ActiveKeys, OnlyWhatChangesHowIsLearntIsCounted) {
  RunConfig config = preset("cartpole");
  for (const char* assignment : {"train.seed=7", "train.env_steps=5000", "eval.final_episodes=0", "network.threads=2",
                                 "log.console_every_episodes=1", "checkpoint.keep=9", "env.id=Acrobot-v1"})
    set_field(config, assignment);
  EXPECT_EQ(preset_label(config), "cartpole");
  for (const char* assignment : {"agent.gamma=0.9", "replay.capacity=99", "eval.stop_when_solved=false"})
    set_field(config, assignment);
  EXPECT_EQ(preset_label(config), "cartpole with 3 settings changed");
  EXPECT_EQ(preset_label(RunConfig{}), "");
}

TEST(ActiveKeys, APresetIsNotSetAsAKey) {
  RunConfig config;
  EXPECT_EQ(error_of([&] { set_field(config, "preset=rainbow"); }),
            "preset is not a setting of its own; allowed: as --preset, or in a file that has the other keys");
}

// A program of one's own may call what it trains as it likes.
TEST(ActiveKeys, ARunsOwnFileMayHaveAnotherLabel) {
  RunConfig config;
  config.preset = "my own";
  config.train.env_steps = 1000;
  EXPECT_EQ(file_refusal(to_toml(config)), "no error");
  EXPECT_EQ(file_refusal("preset = 'my own'\n").find("my.toml:1: unknown preset 'my own'"), 0u);
  EXPECT_EQ(preset_label(config), "my own");
}

}  // namespace
}  // namespace deepq
