// No key is silent: every key is given another value, and then the weights are others, or an output that active_keys.cc
// declares, or it is refused; and what is refused for having no effect has none.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "deepq/config/active_keys.h"
#include "deepq/env/registry.h"
#include "deepq/train/trainer.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq::test {

// Another allowed value of every key, as `--set` takes it.
class OtherValues : public FieldVisitor {
 public:
  std::map<std::string, std::string> values;

  void section(std::string_view name, std::string_view) override { prefix_ = std::string(name) + "."; }
  void flag(std::string_view name, bool& value, std::string_view) override { add(name, value ? "false" : "true"); }
  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view) override {
    add(name, std::to_string(allowed.refusal(value + 1).empty() ? value + 1 : value - 1));
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view) override {
    for (const double other : {value / 2, 0.5, 1.5, value - 1})
      if (other != value && allowed.refusal(other).empty() && !std::isnan(other)) return add(name, number_text(other));
    FAIL() << name;
  }
  void text(std::string_view name, std::string&, std::string_view) override { add(name, "Acrobot-v1"); }
  void integers(std::string_view name, std::vector<int64_t>& value, Range, std::string_view) override {
    std::vector<std::string> texts;
    for (const int64_t one : value) texts.push_back(std::to_string(one == 1 ? 2 : one - 1));
    add(name, "[" + (texts.empty() ? "2" : join(texts)) + "]");
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    add(name, std::string(names[(static_cast<size_t>(index) + 1) % names.size()]));
  }

 private:
  void add(std::string_view name, const std::string& value) { values[prefix_ + std::string(name)] = value; }

  std::string prefix_;
};

// Values that show within a few hundred steps.
inline const std::map<std::string, std::string> kTelling{
    {"optimizer.max_grad_norm", "0.001"},
    {"agent.munchausen_clip", "-0.001"},
    {"optimizer.epsilon", "0.1"},
    {"exploration.epsilon_end", "0.45"},
    {"exploration.epsilon_start", "0.6"},
    {"replay.priority_epsilon", "0.5"},
    {"eval.final_max_env_steps", "1"},
    {"eval.max_episode_steps", "3"},
    {"agent.reward_clip", "0.25"},
    {"env.max_episode_steps", "7"},
    {"exploration.anneal_env_steps", "20"},
    {"target.sync_every_updates", "3"},
    {"target.sync_every_env_steps", "3"},
    {"network.observation_clip", "0.5"},
    {"agent.normalized_reward_clip", "0.05"},
};

// As large as Atari's network takes, and with a reward at every step.
class RewardingPixels : public PixelChainEnv {
 public:
  using PixelChainEnv::PixelChainEnv;
  Step step(int64_t action) override {
    Step step = PixelChainEnv::step(action);
    step.reward += 0.5 + static_cast<double>(action);
    return step;
  }
};

struct Subject {
  RunConfig config;
  EnvFactory env = {};  // in place of config.env.id, where that needs Python
};

// As short as shows everything. Only keys that act are touched.
inline Subject make_small(RunConfig config) {
  Subject subject{.config = config};
  RunConfig& c = subject.config;
  const std::string_view section = section_read_by(c.env.id);
  const auto set = [&](const std::string& key, const std::string& value) {
    if (what_is_missing(c, key, section).empty()) set_field(c, key + "=" + value);
  };
  c.train.episodes = 0, c.train.env_steps = section == "atari" ? 160 : section == "minatar" ? 1'200 : 240;
  if (!c.agent.learns_table() && !c.network.hidden_sizes.empty()) c.network.hidden_sizes = {16};
  for (int64_t& channels : c.network.conv_channels) channels = 2;
  if (section == "line_game") c.network.conv_kernels = {2};  // fits with image_channels=first, too: 7 x 2
  set("agent.batch_size", "8");
  set("optimizer.learning_rate", "0.02");
  set("replay.capacity", "60");
  set("train.learning_starts_env_steps", "16");
  if (c.train.update_every_env_steps > 4) c.train.update_every_env_steps = 4, c.train.updates_per_round = 2;
  if (c.target.sync_every_env_steps > 0) set("target.sync_every_env_steps", "60");
  if (c.target.sync_every_updates > 0) set("target.sync_every_updates", section == "atari" ? "10" : "40");
  set("exploration.anneal_env_steps", "200");
  if (c.agent.value.representation == Representation::kCategorical) c.agent.value.atoms = 11;
  if (c.agent.value.representation == Representation::kImplicit)
    c.agent.value.samples = c.agent.value.target_samples = c.agent.value.action_samples = 4;
  if (c.network.recurrent != Memory::kNone) {  // two sequences are there by the time that learning starts
    c.agent.batch_size = 2;
    c.replay.sequence_length = 4, c.replay.burn_in = 2, c.replay.sequence_overlap = 1;
  }
  if (section == "t_maze") c.env_options.t_maze.length = 2;
  c.agent.value.quantiles = std::min<int64_t>(c.agent.value.quantiles, 50);
  if (c.agent.algorithm == AlgorithmKind::kPqn) {
    c.env.count = 4;
    c.pqn.rollout_steps = 12, c.pqn.minibatches = 4, c.pqn.epochs = 2;
  }
  c.env.max_episode_steps = c.env.id == "CartPole-v1" ? 8 : 12;  // a pole stands for 8 steps at least
  if (c.agent.learns_table()) {  // many steps cost little, and goals are found by chance
    c.train.env_steps = 3'000;
    c.exploration = {.schedule = EpsilonSchedule::kLinear, .epsilon_end = 0.5, .anneal_env_steps = 2'000};
    if (section == "frozen_lake") c.env_options.frozen_lake.frozen_reward = -0.1;
  }
  c.eval = {.every_env_steps = 80,
            .episodes = 3,
            .final_episodes = 3,
            .keep_best = c.eval.keep_best,
            .epsilon = 0.2,
            .stop_when_solved = c.eval.stop_when_solved,
            .solved_mean_return = c.eval.solved_mean_return};
  c.log.metrics_every_updates = 10;
  if (section == "atari")
    subject.env = [] {
      return std::make_unique<RewardingPixels>(PixelChainEnv::Screen{.stack = 4, .height = 36, .width = 36});
    };
  else if (!is_env_id(c.env.id))
    subject.env = find_env("CartPole-v1");
  return subject;
}

// All that a run shows, but wall times and files.
class Outputs : public Observer {
 public:
  void on_episode(const EpisodeRecord& record) override {
    text += "e" + number_text(record.episode_return) + "," + std::to_string(record.env_steps) + " ";
  }
  void on_metrics(const MetricsRecord& record) override { text += "m" + std::to_string(record.updates) + " "; }
  void on_evaluation(const EvaluationRecord& record) override {
    text += "v" + number_text(record.mean_return) + "," + number_text(record.mean_length) + "," +
            std::to_string(record.episodes) + "," + std::to_string(record.env_steps) + " ";
  }

  std::string weights, text;
};

inline Outputs run(const RunConfig& config, const EnvFactory& env) {
  Trainer trainer(config, env ? env : find_env(config.env.id, config.env_options));
  Outputs outputs;
  trainer.add_observer(outputs);
  while (!trainer.done()) trainer.step();
  trainer.run_final_evaluation();
  outputs.weights = trainer.algorithm().weights_sha256();
  return outputs;
}

// Keys that a run of a few hundred steps cannot show: their outputs are files, time, memory, the console, or an end
// that comes later; other tests see those.
inline const std::set<std::string> kElsewhere{"network.threads",
                                              "network.engine",
                                              "train.arithmetic",
                                              "atari.threads",
                                              "atari.step_timeout",
                                              "gymnasium.step_timeout",
                                              "gymnasium.kwargs",
                                              "checkpoint.every_env_steps",
                                              "checkpoint.keep",
                                              "log.console_every_episodes",
                                              "log.tensorboard_tags",
                                              "eval.stop_when_solved",
                                              "eval.stop_without_improvement",
                                              "train.stop_at_mean_return",
                                              "eval.solved_mean_return",
                                              "eval.keep_best",
                                              "eval.epsilon",
                                              "train.start_from",
                                              "atari.protocol",
                                              "atari.actions"};

// `idle_too`: whether what is refused for having no effect is shown to have none.
inline void expect_no_silent_key(const Subject& subject, bool idle_too = true) {
  OtherValues others;
  RunConfig copy = subject.config;
  visit_fields(copy, others);
  const Outputs before = run(subject.config, subject.env);
  const std::string_view section = section_read_by(subject.config.env.id);
  ASSERT_EQ(error_of([&] { require_effect(subject.config, {}, section); }), "no error");
  for (auto [key, value] : others.values) {
    SCOPED_TRACE(key + "=" + value);
    if (const auto telling = kTelling.find(key); telling != kTelling.end()) value = telling->second;
    if (value == subject.config.env.id) value = "CartPole-v1";
    if (value == "dqn") value = "q_learning";  // a table's neighbour, not a network
    RunConfig changed = subject.config;
    std::optional<Outputs> after;
    bool idle = false;
    const std::string refusal = error_of([&] {
      set_field(changed, key + "=" + value);
      idle = !what_is_missing(changed, key, section).empty();
      if (!idle || idle_too) after = run(changed, changed.env.id == subject.config.env.id ? subject.env : EnvFactory{});
    });
    if (idle && !after) continue;
    if (!after) {
      const bool is_named = key == "env.id" || refusal.find(key.substr(key.rfind('.') + 1)) != std::string::npos;
      EXPECT_TRUE(is_named) << refusal;
      continue;
    }
    const bool differs = after->weights != before.weights || after->text != before.text;
    if (idle)
      EXPECT_FALSE(differs) << "it is refused and acts";
    else if (kElsewhere.contains(key))
      EXPECT_NE(changes(key), "") << "nothing is said of what it changes";
    else
      EXPECT_TRUE(differs) << "it is silent";
    if (idle || !differs || after->weights != before.weights) continue;
    EXPECT_NE(changes(key), "") << "it changes something else than what is learnt";
  }
}

// Together they have every algorithm, representation, optimiser and way to explore; the others are in a slow test.
inline const std::vector<std::string> kFastPresets{"chapter", "minatar-pqn", "mountaincar", "nature", "iqn"};

inline std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace deepq::test
