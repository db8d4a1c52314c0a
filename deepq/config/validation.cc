// What no single field can say: which settings of a RunConfig fit together.
#include <algorithm>
#include <cmath>
#include <functional>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"

namespace deepq {
namespace {

// Well-formed (RFC 3629): no overlong forms, no surrogates, up to U+10FFFF. TOML and JSON know no other text.
bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return static_cast<unsigned char>(at < text.size() ? text[at] : 0); };
    const unsigned char first = byte(i), second = byte(i + 1);
    if (first >= 0x80 && first < 0xc2) return false;  // a continuation, or an overlong form of ASCII
    if (first > 0xf4) return false;
    // Continuation bytes that the first byte announces: 110xxxxx one, 1110xxxx two, 11110xxx three.
    const size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    for (size_t k = 1; k <= more; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return false;  // overlong; surrogates
    if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return false;  // overlong; above U+10FFFF
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
    check(name, value, allowed);
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view) override {
    check(name, value, allowed);
  }
  void text(std::string_view name, std::string& value, std::string_view) override {
    if (!is_utf8(value)) throw Error::of(prefix_, name, " is not UTF-8 text");
  }
  void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view) override {
    for (const int64_t one : value) check(name, one, allowed);
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    check(name, int64_t{index}, Range::between(0, static_cast<double>(names.size()) - 1));
  }

 private:
  template <class Number>
  void check(std::string_view name, Number value, Range allowed) const {
    const std::string refusal = allowed.refusal(value);
    if (!refusal.empty()) throw Error::of(prefix_, name, " is ", number_text(value), "; allowed: ", refusal);
  }
  static std::string number_text(int64_t value) { return std::to_string(value); }
  static std::string number_text(double value) { return deepq::number_text(value); }

  std::string prefix_;
};

// Throws for two settings that contradict each other.
void require(bool condition, const std::string& message) {
  if (!condition) throw Error(message);
}

std::string text(int64_t value) { return std::to_string(value); }

// The atoms of a categorical distribution are single-precision numbers.
void check_support(const ValueConfig& value) {
  require(value.v_min < value.v_max, "value.v_min is " + number_text(value.v_min) +
                                         "; allowed: below value.v_max, which is " + number_text(value.v_max));
  if (value.representation != Representation::kCategorical) return;
  const std::vector<float> atoms = categorical_atoms(value);
  // Rounded to float, neighbours may be equal: the projection would divide by a distance of 0.
  const bool apart = std::ranges::adjacent_find(atoms, std::greater_equal()) == atoms.end();
  const double step = (value.v_max - value.v_min) / static_cast<double>(value.atoms - 1);
  require(apart && std::isnormal(static_cast<float>(step)),
          "value.atoms is " + text(value.atoms) + " from value.v_min " + number_text(value.v_min) + " to value.v_max " +
              number_text(value.v_max) + "; allowed: atoms that single precision tells apart, which here are " +
              number_text(step) + " apart");
}

// Hands over the rewards among the settings of one environment.
class RewardVisitor : public FieldVisitor {
 public:
  RewardVisitor(std::string_view section, std::function<void(const std::string& key, double reward)> found)
      : wanted_(section), found_(std::move(found)) {}

  void section(std::string_view name, std::string_view) override { section_ = name; }
  void number(std::string_view name, double& value, Range, std::string_view) override {
    if (section_ == wanted_ && name.ends_with("_reward")) found_(section_ + "." + std::string(name), value);
  }
  void flag(std::string_view, bool&, std::string_view) override {}
  void integer(std::string_view, int64_t&, Range, std::string_view) override {}
  void text(std::string_view, std::string&, std::string_view) override {}
  void integers(std::string_view, std::vector<int64_t>&, Range, std::string_view) override {}

 protected:
  void choice_index(std::string_view, int&, std::span<const std::string_view>, std::string_view) override {}

 private:
  std::string_view wanted_;
  std::function<void(const std::string&, double)> found_;
  std::string section_;
};

// A table learns in double precision, a network in single: what it learns of a reward must fit.
void check_rewards(const RunConfig& config) {
  const AgentConfig& agent = config.agent;
  // Rewards of others' worlds are not known before they come.
  if (agent.learns_table() || !is_env_id(config.env.id)) return;
  RewardVisitor rewards(env_section(config.env.id), [&](const std::string& key, double reward) {
    // Scaled or clipped, as the update sees it.
    const double learnt = agent.training_reward(reward);
    require(Range{}.refusal(learnt).empty(), key + " is " + number_text(reward) + ", learnt as " + number_text(learnt) +
                                                 " (agent.reward_scale is " + number_text(agent.reward_scale) +
                                                 "); allowed: what is learnt is 0 or, in size, " +
                                                 "1.2e-38 to 3.4e+38, as single precision has it");
  });
  EnvOptions options = config.env_options;
  visit_fields(options, rewards);
}

using Refuse = std::function<void(bool given, const std::string& what, const std::string& reason)>;

// Networks with memory, and what they learn from.
void check_memory(const RunConfig& config, const Refuse& refuse) {
  const AgentConfig& agent = config.agent;
  const ReplayConfig& replay = config.replay;
  const std::string memory(name_of(config.network.recurrent));
  if (agent.value.rescale) {
    refuse(agent.value.representation != Representation::kScalar,
           "value.rescale is true; allowed with value.representation " +
               std::string(name_of(agent.value.representation)) + ": false",
           "a distribution's atoms and quantiles are returns as they are");
    refuse(agent.munchausen, "value.rescale is true; allowed with agent.munchausen: false",
           "its scaled log-policy is measured in returns as they are");
    refuse(agent.algorithm != AlgorithmKind::kDqn, "value.rescale is true; allowed: with agent.algorithm dqn",
           "lambda-returns and tables take returns as they are");
  }
  if (config.network.recurrent == Memory::kNone) return;
  refuse(agent.algorithm == AlgorithmKind::kPqn,
         "network.recurrent is " + memory + "; allowed with agent.algorithm pqn: none",
         "its minibatches are single steps of a rollout, out of their order");
  refuse(agent.learns_table(), "network.recurrent is " + memory + "; allowed with a tabular agent.algorithm: none",
         "a table has no network");
  require(replay.sequence_overlap < replay.sequence_length,
          "replay.sequence_overlap is " + std::to_string(replay.sequence_overlap) +
              "; allowed: below replay.sequence_length, which is " + std::to_string(replay.sequence_length));
  const int64_t period = replay.sequence_length - replay.sequence_overlap;
  const int64_t sequences = (replay.capacity + period - 1) / period;
  require(
      agent.batch_size <= sequences,
      "agent.batch_size is " + std::to_string(agent.batch_size) +
          "; allowed with network.recurrent: up to the sequences that replay.capacity has room for, one for every " +
          std::to_string(period) + " steps (replay.sequence_length less replay.sequence_overlap), which are " +
          std::to_string(sequences));
  refuse(!replay.demonstrations.empty(),
         "replay.demonstrations is given; allowed with network.recurrent " + memory + ": none",
         "they are single transitions, and what it learns from are sequences with the network's state");
}

// What learns from others' transitions needs some.
void check_demonstrations(const RunConfig& config) {
  const TrainConfig& train = config.train;
  const bool given = !config.replay.demonstrations.empty();
  require(given || train.pretrain_updates == 0,
          "train.pretrain_updates is " + text(train.pretrain_updates) + "; allowed without replay.demonstrations: 0");
  require(given || !train.offline,
          "train.offline is true and replay.demonstrations is empty; allowed: with files to learn from");
  require(!train.offline || train.env_steps > 0,
          "train.offline is true and train.env_steps is 0; allowed: above 0, the number of updates");
  const bool normalizes = config.network.normalize_observations || config.agent.normalize_rewards;
  require(!normalizes || (!train.offline && train.pretrain_updates == 0),
          "network.normalize_observations or agent.normalize_rewards is true; allowed with train.offline or "
          "train.pretrain_updates: false (they go by the steps of training, and none has been taken)");
}

// Pairs of variants that make no sense together, and why.
void check_variants(const RunConfig& config) {
  const AgentConfig& agent = config.agent;
  const ValueConfig& value = agent.value;
  check_support(value);
  require(agent.optimizer.schedule != LearningRateSchedule::kExponential ||
              agent.optimizer.final_learning_rate_fraction > 0,
          "optimizer.final_learning_rate_fraction is 0; allowed with optimizer.learning_rate_schedule exponential: "
          "above 0");
  const auto refuse = [](bool given, const std::string& what, const std::string& reason) {
    require(!given, what + " (" + reason + ")");
  };
  if (agent.munchausen) {
    refuse(agent.double_q, "agent.double is true; allowed with agent.munchausen: false",
           "its target averages over the policy, so there is no greedy action to choose");
    refuse(agent.n_step > 1, "agent.n_step is " + text(agent.n_step) + "; allowed with agent.munchausen: 1",
           "its reward needs the policy of every step in the window");
  }
  check_memory(config, refuse);
  check_demonstrations(config);
  if (agent.algorithm == AlgorithmKind::kDqn) {
    if (config.train.offline) return;  // nothing is stored
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
  refuse(!pqn && config.env.frame_stack > 1, "env.frame_stack is " + text(config.env.frame_stack) + with + "1",
         "a table has a row for each state, and not for each history");
  refuse(!pqn && (config.env.last_action || config.env.last_reward),
         std::string(config.env.last_action ? "env.last_action" : "env.last_reward") + " is true" + with + "false",
         "a table has a row for each state, and not for each history");
  refuse(agent.double_q, "agent.double is true" + with + "false",
         pqn ? "there is no target network" : "agent.algorithm double_q_learning is the tabular one");
  refuse(agent.munchausen, "agent.munchausen is true" + with + "false", "there is no target network");
  refuse(config.replay.prioritized, "replay.prioritized is true" + with + "false", "there is no replay");
  refuse(!config.replay.demonstrations.empty(),
         "replay.demonstrations is " + config.replay.demonstrations + with + "none",
         pqn ? "it learns from what its own policy does" : "there is no replay");
  refuse(agent.cql_alpha > 0, "agent.cql_alpha is " + number_text(agent.cql_alpha) + with + "0",
         "it is for data of others");
  refuse(config.train.start_replay, "train.start_replay is true" + with + "false", "there is no replay");
  refuse(config.network.noisy, "network.noisy is true" + with + "false", "it explores by epsilon");
  refuse(value.representation != Representation::kScalar,
         "value.representation is " + std::string(name_of(value.representation)) + with + "scalar",
         pqn ? "lambda-returns are expectations" : "a table holds expectations");
  if (!pqn) {
    refuse(config.network.normalize_observations, "network.normalize_observations is true" + with + "false",
           "states are no numbers to normalise");
    refuse(agent.normalize_rewards, "agent.normalize_rewards is true" + with + "false",
           "a table learns alike from rewards of any scale");
    return;  // it learns from single steps: nothing below is of it
  }
  const int64_t rollout = config.pqn.rollout_steps * config.env.count;
  require(rollout % config.pqn.minibatches == 0,
          "pqn.minibatches is " + text(config.pqn.minibatches) +
              "; allowed: divisors of pqn.rollout_steps times env.count, which is " + text(rollout));
}

int64_t rounded_up(int64_t number, int64_t step) { return (number + step - 1) / step * step; }

// At which a whole run ends. An episode is truncated after `episode_limit` steps; 0: nobody knows when.
int64_t most_env_steps(const RunConfig& config, int64_t episode_limit) {
  const TrainConfig& train = config.train;
  int64_t most = std::numeric_limits<int64_t>::max();
  // All copies step together, so a run ends on a multiple of env.count.
  if (train.env_steps > 0) most = rounded_up(train.env_steps, config.env.count);
  constexpr int64_t kMany = 1'000'000'000;  // beyond it nobody runs out of them
  if (train.episodes > 0 && episode_limit > 0 && train.episodes < kMany && episode_limit < kMany)
    most = std::min(most, rounded_up(train.episodes, config.env.count) * episode_limit);
  return most;
}

// Environment steps after which the first update comes, where episodes are such that it comes early.
int64_t first_update(const RunConfig& config) {
  const TrainConfig& train = config.train;
  const int64_t count = config.env.count;
  if (config.agent.learns_table()) return count;
  if (train.offline) return 1;
  if (config.agent.algorithm == AlgorithmKind::kPqn) return config.pqn.rollout_steps * count;
  // One transition a step: with n-step returns they come later, hence "at the earliest".
  const int64_t ready = rounded_up(std::max(config.agent.batch_size, train.learning_starts_env_steps), count);
  const int64_t period = train.update_every_env_steps;
  // The first multiple of the period that is passed from the step on that makes the batch whole.
  const int64_t due = ((ready - count) / period + 1) * period;
  // With overlap an update learns from the step before: one step of all copies later.
  return rounded_up(due, count) + (train.overlap ? count : 0);
}

std::string what_updates_wait_for(const RunConfig& config) {
  const auto is = [](const char* key, int64_t value) { return key + std::string(" is ") + text(value); };
  const std::string count = is("env.count", config.env.count);
  if (config.agent.algorithm == AlgorithmKind::kPqn)
    return is("pqn.rollout_steps", config.pqn.rollout_steps) + ", " + count;
  return is("agent.batch_size", config.agent.batch_size) + ", " +
         is("train.learning_starts_env_steps", config.train.learning_starts_env_steps) + ", " +
         is("train.update_every_env_steps", config.train.update_every_env_steps) + ", " + count;
}

}  // namespace

void validate(const RunConfig& config) {
  // Each number by itself, then what no single field can say.
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
  require(
      config.network.arithmetic == Arithmetic::kFast || config.network.engine == Engine::kAuto,
      "network.engine is plain; allowed where train.arithmetic is strict: auto, as plain loops add in another order");
  const bool learns_by_replay = agent.algorithm == AlgorithmKind::kDqn, replays = learns_by_replay && !train.offline;
  // Without a replay these keys say nothing and may say anything.
  require(!replays || agent.batch_size <= replay.capacity, "agent.batch_size is " + text(agent.batch_size) +
                                                               "; allowed: up to replay.capacity, which is " +
                                                               text(replay.capacity));
  require(!learns_by_replay || target.sync_every_updates > 0 || target.sync_every_env_steps > 0,
          "target.sync_every_updates and target.sync_every_env_steps are both 0; one of them must be above 0");
  require(!learns_by_replay || target.sync_every_updates == 0 || target.sync_every_env_steps == 0,
          "target.sync_every_updates is " + text(target.sync_every_updates) + " and target.sync_every_env_steps is " +
              text(target.sync_every_env_steps) + "; one of them must be 0");
  require(exploration.epsilon_end <= exploration.epsilon_start,
          "exploration.epsilon_end is " + number_text(exploration.epsilon_end) +
              "; allowed: up to exploration.epsilon_start, which is " + number_text(exploration.epsilon_start));
  require(
      !config.eval.keep_best || config.eval.every_env_steps > 0,
      "eval.keep_best is true and eval.every_env_steps is 0; allowed: above 0, so that there is a best evaluation, or "
      "eval.keep_best = false");
  check_variants(config);
  check_rewards(config);
}

void validate_new(const RunConfig& config) {
  require(!config.eval.stop_when_solved || config.eval.every_env_steps > 0,
          "eval.stop_when_solved is true and eval.every_env_steps is 0; allowed: above 0, so that there are "
          "evaluations, or "
          "eval.stop_when_solved = false");
}

void validate_run(const RunConfig& config) {
  validate(config);
  validate_new(config);
  const TrainConfig& train = config.train;
  const EvalConfig& eval = config.eval;
  // A run that goes from its beginning to its end must come to an update, and to the evaluation that it counts on.
  require(config.agent.algorithm != AlgorithmKind::kDqn || train.env_steps == 0 || train.offline ||
              train.learning_starts_env_steps < train.env_steps,
          "train.learning_starts_env_steps is " + text(train.learning_starts_env_steps) +
              "; allowed: below train.env_steps, which is " + text(train.env_steps) +
              ": make the run longer, or lower it, to " + text(train.env_steps / 10) + " say");
  require(!(eval.stop_when_solved || eval.keep_best) || train.env_steps == 0 || eval.every_env_steps <= train.env_steps,
          std::string(eval.keep_best ? "eval.keep_best" : "eval.stop_when_solved") +
              " is true and eval.every_env_steps is " + text(eval.every_env_steps) +
              "; allowed: up to train.env_steps, which is " + text(train.env_steps));
}

void require_updates(const RunConfig& config, int64_t episode_limit) {
  const TrainConfig& train = config.train;
  const int64_t most = most_env_steps(config, episode_limit), first = first_update(config);
  if (most >= first) return;
  // The limit that comes first is named.
  const bool by_steps = train.env_steps > 0 && most == rounded_up(train.env_steps, config.env.count);
  throw Error::of("the run would learn nothing: its ", most, " environment steps at most (",
                  by_steps ? "train.env_steps is " : "train.episodes is ", by_steps ? train.env_steps : train.episodes,
                  ") end before the first update, ", first_update_text(config));
}

std::string first_update_text(const RunConfig& config) {
  return "after " + text(first_update(config)) + " at the earliest (" + what_updates_wait_for(config) + ")";
}

}  // namespace deepq
