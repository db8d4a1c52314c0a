#include "deepq/train/run_config.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"
#include "deepq/train/embedded.h"

namespace deepq {
namespace {

constexpr std::string_view kPresetSuffix = ".toml";

// Well-formed (RFC 3629): no overlong forms, no surrogates, up to U+10FFFF. TOML and JSON know no other text.
bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return static_cast<unsigned char>(at < text.size() ? text[at] : 0); };
    const unsigned char first = byte(i), second = byte(i + 1);
    if (first >= 0x80 && first < 0xc2) return false;
    if (first > 0xf4) return false;
    const size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    for (size_t k = 1; k <= more; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return false;
    if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return false;
    i += more + 1;
  }
  return true;
}

// Checks every number against its range: a config that was built in code has not been through the reader.
class RangeChecker : public FieldVisitor {
 public:
  void section(std::string_view name, std::string_view) override { prefix_ = std::string(name) + "."; }
  void flag(std::string_view, bool&, std::string_view) override {}
  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view) override {
    check(name, static_cast<double>(value), allowed);
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view) override {
    check(name, value, allowed);
  }
  void text(std::string_view name, std::string& value, std::string_view) override {
    if (!is_utf8(value)) throw Error::of(prefix_, name, " is not UTF-8 text");
  }
  void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view) override {
    for (const int64_t one : value) check(name, static_cast<double>(one), allowed);
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    check(name, index, Range::between(0, static_cast<double>(names.size()) - 1));
  }

 private:
  void check(std::string_view name, double value, Range allowed) const {
    if (!std::isfinite(value) || !allowed.contains(value))
      throw Error::of(prefix_, name, " is ", number_text(value), "; allowed: ", allowed.text());
  }

  std::string prefix_;
};

void visit_fields(EnvConfig& config, FieldVisitor& visitor) {
  visitor.text("id", config.id, "name of the environment, as in Gymnasium");
  visitor.integer("count", config.count, Range::between(1, 4096), "copies that are stepped together");
  visitor.integer("max_episode_steps", config.max_episode_steps, Range::at_least(0),
                  "steps after which an episode is truncated; 0: the environment's own limit");
}

void visit_fields(TrainConfig& config, FieldVisitor& visitor) {
  visitor.integer("seed", config.seed, Range::at_least(0), "every random stream of the run starts from it");
  visitor.integer("env_steps", config.env_steps, Range::at_least(0),
                  "environment steps, over all copies, after which training ends; 0: no such limit");
  visitor.integer("episodes", config.episodes, Range::at_least(0),
                  "episodes after which training ends; 0: no such limit; with both limits the first one ends it");
  visitor.integer("learning_starts_env_steps", config.learning_starts_env_steps, Range::at_least(0),
                  "environment steps before the first update, which also needs one batch in the replay store");
  visitor.integer("update_every_env_steps", config.update_every_env_steps, Range::at_least(1),
                  "environment steps, over all copies, between rounds of updates");
  visitor.integer("updates_per_round", config.updates_per_round, Range::at_least(1), "updates in each round");
  visitor.flag(
      "overlap", config.overlap,
      "learn from a step while the environments take the next one, whose actions the network has chosen before; "
      "the same run whether they can really move meanwhile (Atari can) or not");
}

void visit_fields(EvalConfig& config, FieldVisitor& visitor) {
  visitor.integer("every_env_steps", config.every_env_steps, Range::at_least(0),
                  "environment steps between evaluations during training; 0: none");
  visitor.integer("episodes", config.episodes, Range::at_least(1), "whole episodes in each of them");
  visitor.flag("stop_when_solved", config.stop_when_solved,
               "whether training ends when an evaluation reaches eval.solved_mean_return and the mean of the last 100 "
               "training episodes has passed the environment's threshold");
  visitor.number("solved_mean_return", config.solved_mean_return, Range{}, "see eval.stop_when_solved");
  visitor.integer("final_episodes", config.final_episodes, Range::at_least(0),
                  "whole episodes in the evaluation after training; 0: none");
  visitor.flag("keep_best", config.keep_best,
               "whether the run's agent, which the evaluation after training and every command but resume take, is the "
               "one that did best in the evaluations during training (the first of equals), and not the last one");
  visitor.integer("max_episode_steps", config.max_episode_steps, Range::at_least(0),
                  "steps after which an evaluation's episode is truncated; 0: as in training");
  visitor.number("epsilon", config.epsilon, Range::between(0, 1),
                 "share of random actions in evaluations; 0 is greedy");
}

void visit_fields(CheckpointConfig& config, FieldVisitor& visitor) {
  visitor.integer("every_env_steps", config.every_env_steps, Range::at_least(0),
                  "environment steps between checkpoints; 0: one at the end only");
  visitor.integer("keep", config.keep, Range::at_least(1), "newest checkpoints that are kept");
}

void visit_fields(LogConfig& config, FieldVisitor& visitor) {
  visitor.integer("console_every_episodes", config.console_every_episodes, Range::at_least(0),
                  "episodes between lines on the console; 0: none");
  visitor.integer("metrics_every_updates", config.metrics_every_updates, Range::at_least(1),
                  "updates between rows of metrics.csv");
}

// Throws for two settings that contradict each other.
void require(bool condition, const std::string& message) {
  if (!condition) throw Error(message);
}

std::string text(int64_t value) { return std::to_string(value); }

// Pairs of variants that make no sense together, and why.
void check_variants(const RunConfig& config) {
  const AgentConfig& agent = config.agent;
  const ValueConfig& value = agent.value;
  require(value.v_min < value.v_max, "value.v_min is " + number_text(value.v_min) +
                                         "; allowed: below value.v_max, which is " + number_text(value.v_max));
  require(agent.optimizer.schedule != LearningRateSchedule::kExponential ||
              agent.optimizer.final_learning_rate_fraction > 0,
          "agent.final_learning_rate_fraction is 0; allowed with agent.learning_rate_schedule exponential: above 0");
  const auto refuse = [](bool given, const std::string& what, const std::string& reason) {
    require(!given, what + " (" + reason + ")");
  };
  if (agent.munchausen) {
    refuse(agent.double_q, "agent.double is true; allowed with agent.munchausen: false",
           "its target averages over the policy, so there is no greedy action to choose");
    refuse(agent.n_step > 1, "agent.n_step is " + text(agent.n_step) + "; allowed with agent.munchausen: 1",
           "its reward needs the policy of every step in the window");
  }
  if (agent.algorithm == AlgorithmKind::kDqn) {
    require(agent.n_step <= config.replay.capacity, "agent.n_step is " + text(agent.n_step) +
                                                        "; allowed: up to replay.capacity, which is " +
                                                        text(config.replay.capacity));
    return;
  }
  const bool pqn = agent.algorithm == AlgorithmKind::kPqn;
  const std::string with = pqn ? "; allowed with agent.algorithm pqn: " : "; allowed with a tabular agent.algorithm: ";
  const std::string instead = pqn ? "lambda-returns take its place" : "a table is updated step by step";
  refuse(agent.n_step > 1, "agent.n_step is " + text(agent.n_step) + with + "1", instead);
  refuse(config.train.overlap, "train.overlap is true" + with + "false", "it acts on what it has just learnt");
  refuse(agent.double_q, "agent.double is true" + with + "false",
         pqn ? "there is no target network" : "agent.algorithm double_q_learning is the tabular one");
  refuse(agent.munchausen, "agent.munchausen is true" + with + "false", "there is no target network");
  refuse(config.replay.prioritized, "replay.prioritized is true" + with + "false", "there is no replay");
  refuse(config.network.noisy, "network.noisy is true" + with + "false", "it explores by epsilon");
  refuse(value.representation != Representation::kScalar,
         "value.representation is " + std::string(name_of(value.representation)) + with + "scalar",
         pqn ? "lambda-returns are expectations" : "a table holds expectations");
  if (!pqn) return;
  const int64_t rollout = config.pqn.rollout_steps * config.env.count;
  require(rollout % config.pqn.minibatches == 0,
          "pqn.minibatches is " + text(config.pqn.minibatches) +
              "; allowed: divisors of pqn.rollout_steps times env.count, which is " + text(rollout));
}

const EmbeddedFile& find_preset(const std::string& name) {
  for (const EmbeddedFile& file : embedded_presets())
    if (file.name == name + std::string(kPresetSuffix)) return file;
  const std::vector<std::string> names = preset_names();
  throw Error::of("unknown preset '", name, "'", did_you_mean(name, names), "; presets: ", join(names));
}

}  // namespace

void visit_fields(RunConfig& config, FieldVisitor& visitor) {
  visitor.integer("version", config.version, Range::at_least(1), "of this set of keys; a newer one is refused");
  visitor.text("preset", config.preset, "where the values came from; only a name");
  visitor.section("env", "The environment");
  visit_fields(config.env, visitor);
  visit_fields(config.env_options, visitor);
  visitor.section("network", "The Q-network");
  visit_fields(config.network, visitor);
  visitor.section("agent", "The Q-learning update");
  visit_fields(config.agent, visitor);
  visitor.section("value", "How action values are represented");
  visit_fields(config.agent.value, visitor);
  visitor.section("target", "The target network");
  visit_fields(config.target, visitor);
  visitor.section("replay", "The replay store");
  visit_fields(config.replay, visitor);
  visitor.section("exploration", "Epsilon-greedy exploration");
  visit_fields(config.exploration, visitor);
  visitor.section("pqn", "Parallel Q-learning: agent.algorithm pqn");
  visit_fields(config.pqn, visitor);
  visitor.section("tabular", "Tables: agent.algorithm q_learning, sarsa, expected_sarsa, double_q_learning");
  visit_fields(config.tabular, visitor);
  visitor.section("train", "How long training lasts, and how often it updates");
  visit_fields(config.train, visitor);
  visitor.section("eval", "Evaluation, with environments and random numbers of its own");
  visit_fields(config.eval, visitor);
  visitor.section("checkpoint", "Saving the state of the run");
  visit_fields(config.checkpoint, visitor);
  visitor.section("log", "What is reported");
  visit_fields(config.log, visitor);
}

void validate(const RunConfig& config) {
  RunConfig copy = config;
  RangeChecker checker;
  visit_fields(copy, checker);
  const AgentConfig& agent = config.agent;
  const TargetConfig& target = config.target;
  const ReplayConfig& replay = config.replay;
  const ExplorationConfig& exploration = config.exploration;
  const TrainConfig& train = config.train;
  require(config.version <= RunConfig::kVersion, "version is " + text(config.version) + "; allowed: up to " +
                                                     text(RunConfig::kVersion) + ", a newer deepq is needed");
  require(train.env_steps > 0 || train.episodes > 0,
          "train.env_steps and train.episodes are both 0; one of them must be above 0");
  require(agent.batch_size <= replay.capacity, "agent.batch_size is " + text(agent.batch_size) +
                                                   "; allowed: up to replay.capacity, which is " +
                                                   text(replay.capacity));
  require(target.sync_every_updates > 0 || target.sync_every_env_steps > 0,
          "target.sync_every_updates and target.sync_every_env_steps are both 0; one of them must be above 0");
  require(target.sync_every_updates == 0 || target.sync_every_env_steps == 0,
          "target.sync_every_updates is " + text(target.sync_every_updates) + " and target.sync_every_env_steps is " +
              text(target.sync_every_env_steps) + "; one of them must be 0");
  require(exploration.epsilon_end <= exploration.epsilon_start,
          "exploration.epsilon_end is " + number_text(exploration.epsilon_end) +
              "; allowed: up to exploration.epsilon_start, which is " + number_text(exploration.epsilon_start));
  require(!config.eval.keep_best || config.eval.every_env_steps > 0,
          "eval.keep_best is true and eval.every_env_steps is 0; allowed: above 0, so that there is a best evaluation");
  check_variants(config);
}

void validate_run(const RunConfig& config) {
  validate(config);
  const TrainConfig& train = config.train;
  require(train.env_steps == 0 || train.learning_starts_env_steps < train.env_steps,
          "train.learning_starts_env_steps is " + text(train.learning_starts_env_steps) +
              "; allowed: below train.env_steps, which is " + text(train.env_steps));
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_presets())
    names.emplace_back(file.name.substr(0, file.name.size() - kPresetSuffix.size()));
  std::sort(names.begin(), names.end());
  return names;
}

RunConfig preset(const std::string& name) {
  RunConfig config = from_toml(preset_source(name), "preset " + name);
  config.preset = name;
  return config;
}

std::string preset_source(const std::string& name) { return std::string(find_preset(name).content); }

}  // namespace deepq
