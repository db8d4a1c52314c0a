#include "deepq/config/aliases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

using Keys = std::vector<std::string>;

std::vector<std::string> split(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), {}};
}

Keys keys_of(std::string_view name) { return meaning_of(name, config_keys()).keys; }

TEST(Aliases, NameKeysThatExistAndNoNameTwice) {
  const Keys all = config_keys();
  std::map<std::string, std::string> seen;
  for (const Alias& alias : aliases()) {
    EXPECT_FALSE(alias.keys.empty() && (alias.python.empty() || alias.program.empty())) << alias.names;
    for (const std::string& key : split(alias.keys)) EXPECT_NE(std::ranges::find(all, key), all.end()) << key;
    for (std::string name : split(alias.names)) {
      EXPECT_EQ(std::ranges::find(all, name), all.end()) << name << " is a key";
      std::erase(name, '_');
      EXPECT_TRUE(seen.emplace(name, alias.names).second) << name << " is in two lines: " << seen[name];
    }
  }
  EXPECT_GT(seen.size(), 500u);
}

TEST(Aliases, MeanTheSameAndAreNotSpeltAlike) {
  EXPECT_EQ(keys_of("agent.lr"), Keys{"optimizer.learning_rate"});
  EXPECT_EQ(keys_of("LR"), Keys{"optimizer.learning_rate"});
  EXPECT_EQ(keys_of("buffer_size"), Keys{"replay.capacity"});
  EXPECT_EQ(keys_of("bufferSize"), Keys{"replay.capacity"});
  EXPECT_EQ(keys_of("net-arch"), Keys{"network.hidden_sizes"});
  EXPECT_EQ(keys_of("hidden"), Keys{"network.hidden_sizes"});
  EXPECT_EQ(keys_of("total_timesteps"), Keys{"train.env_steps"});
  EXPECT_EQ(keys_of("target_update_interval"), (Keys{"target.sync_every_env_steps", "target.sync_every_updates"}));
  EXPECT_EQ(keys_of("n_steps"), Keys{"agent.n_step"});
  EXPECT_EQ(keys_of("agent_gamma"), Keys{"agent.gamma"}) << "a keyword of Python's";
  EXPECT_EQ(keys_of("gamma"), Keys{"agent.gamma"});
  EXPECT_EQ(keys_of("learning_rate"), (Keys{"optimizer.learning_rate", "tabular.learning_rate"}));
  EXPECT_TRUE(meaning_of("entirely.different", config_keys()).empty());
}

TEST(Aliases, OfASection) {
  EXPECT_EQ(keys_of("tabular.lr"), Keys{"tabular.learning_rate"});
  EXPECT_EQ(keys_of("train.lr"), Keys{"optimizer.learning_rate"});
  EXPECT_EQ(keys_of("target.update_interval"), (Keys{"target.sync_every_env_steps", "target.sync_every_updates"}));
  EXPECT_EQ(keys_of("update_interval"), Keys{"train.update_every_env_steps"});
  EXPECT_EQ(keys_of("eval.interval"), Keys{"eval.every_env_steps"});
  EXPECT_EQ(keys_of("eval.n_episodes"), Keys{"eval.episodes"});
  EXPECT_EQ(keys_of("checkpoint.freq"), Keys{"checkpoint.every_env_steps"});
}

TEST(Aliases, WhatHasNoCounterpartSaysWhatToUse) {
  for (const char* const name :
       {"device", "policy", "tensorboard_log", "verbose", "activation_fn", "optimize_memory_usage"}) {
    const Meaning meaning = meaning_of(name, config_keys());
    EXPECT_TRUE(meaning.keys.empty()) << name;
    EXPECT_FALSE(meaning.python.empty()) << name;
    EXPECT_FALSE(meaning.program.empty()) << name;
  }
}

std::string set_error(const std::string& assignment) {
  RunConfig config;
  try {
    set_field(config, assignment);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Aliases, AreSaidOfSettings) {
  EXPECT_EQ(set_error("buffer_size=1000"), "unknown key 'buffer_size'; did you mean 'replay.capacity'?");
  EXPECT_EQ(set_error("agent.lr=1e-3"), "unknown key 'agent.lr'; did you mean 'optimizer.learning_rate'?");
  EXPECT_EQ(set_error("dqn.tau=1"), "unknown key 'dqn.tau'; did you mean 'target.tau'?");
  EXPECT_EQ(set_error("tensorboard_log=tb"),
            "unknown key 'tensorboard_log'; every run's folder (--out DIR) has TensorBoard's events: tensorboard "
            "--logdir DIR");
  EXPECT_EQ(set_error("target_update_interval=100"),
            "unknown key 'target_update_interval'; did you mean 'target.sync_every_env_steps' or "
            "'target.sync_every_updates'?");
  EXPECT_THROW(from_toml("learning_starts = 3\n", "my.toml"), Error);
}

}  // namespace
}  // namespace deepq
