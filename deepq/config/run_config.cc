#include "deepq/config/run_config.h"

#include <algorithm>
#include <array>

#include "deepq/config/embedded.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr std::string_view kPresetSuffix = ".toml";
constexpr std::array<std::string_view, 3> kTagNames{"deepq", "sb3", "cleanrl"};
constexpr std::array<std::string_view, 3> kImageChannels{"auto", "first", "last"};
constexpr std::array<std::string_view, 2> kStartParts{"all", "body"};

void visit_fields(EnvConfig& config, FieldVisitor& visitor) {
  visitor.text("id", config.id, "name of the environment, as in Gymnasium");
  visitor.integer("count", config.count, Range::between(1, 4096), "copies that are stepped together");
  visitor.integer("max_episode_steps", config.max_episode_steps, Range::at_least(0),
                  "steps after which an episode is truncated; 0: the environment's own limit");
  visitor.choice("image_channels", config.image_channels, kImageChannels,
                 "the dimension of pictures that holds the channels, for convolutions: first is [channels, height, "
                 "width], last [height, width, channels]; auto: the smaller of the two, or the last of equal ones");
  visitor.integer("frame_stack", config.frame_stack, Range::between(1, 256),
                  "observations that the agent sees at a time, the present one and those before, in the first steps of "
                  "an episode its first one repeated; 1: the present one alone");
  visitor.flag("last_action", config.last_action,
               "whether observations have the action that led to them, one-hot, with a column for none yet");
  visitor.flag("last_reward", config.last_reward, "whether observations have the reward that came with them");
}

void visit_fields(TrainConfig& config, FieldVisitor& visitor) {
  visitor.integer("seed", config.seed, Range::at_least(0).wide(), "every random stream of the run starts from it");
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
  visitor.number("stop_at_mean_return", config.stop_at_mean_return, Range{}.wide().optional(),
                 "mean return of the last 100 training episodes at which training ends; nan: it goes on");
  visitor.integer("pretrain_updates", config.pretrain_updates, Range::at_least(0),
                  "updates on the demonstrations alone, before the first environment step");
  visitor.flag("offline", config.offline,
               "learn from the demonstrations alone: each step is an update, and whatever counts environment steps "
               "counts updates; the environment is only evaluated in");
  visitor.text("start_from", config.start_from, "run, or checkpoint file, whose agent's weights training begins with");
  visitor.choice("start_part", config.start_part, kStartParts,
                 "the weights that start_from gives: all, or those of the body alone, without the layers that end in "
                 "action values");
  visitor.flag("start_replay", config.start_replay, "whether start_from gives its stored transitions, too");
}

void visit_fields(EvalConfig& config, FieldVisitor& visitor) {
  visitor.integer("every_env_steps", config.every_env_steps, Range::at_least(0),
                  "environment steps between evaluations during training; 0: none");
  visitor.integer("episodes", config.episodes, Range::at_least(1), "whole episodes in each evaluation during training");
  visitor.flag("stop_when_solved", config.stop_when_solved,
               "whether training ends when an evaluation reaches eval.solved_mean_return and the mean of the last 100 "
               "training episodes has passed the environment's threshold");
  visitor.number("solved_mean_return", config.solved_mean_return, Range{}.wide().optional(),
                 "mean return that counts as solved for eval.stop_when_solved; nan: the environment's own threshold");
  visitor.integer("stop_without_improvement", config.stop_without_improvement, Range::at_least(0),
                  "evaluations during training, one after another, that are no better than the best before them, after "
                  "which training ends; 0: it goes on");
  visitor.integer("final_episodes", config.final_episodes, Range::at_least(0),
                  "whole episodes in the evaluation after training; 0: none");
  visitor.integer("final_max_env_steps", config.final_max_env_steps, Range::at_least(0),
                  "environment steps after which the evaluation after training ends with the episodes that it has "
                  "finished, one at least; 0: the larger of 100000 and a tenth of the training's steps");
  visitor.flag("keep_best", config.keep_best,
               "whether the run's agent, which the evaluation after training and every command but resume take, is the "
               "one that did best in the evaluations during training (the first of equals), and not the last one");
  visitor.integer("max_episode_steps", config.max_episode_steps, Range::at_least(0),
                  "steps after which an evaluation's episode is truncated; 0: as in training");
  visitor.number("epsilon", config.epsilon, Range::between(0, 1),
                 "fraction of random actions in evaluations; 0 is greedy");
}

void visit_fields(CheckpointConfig& config, FieldVisitor& visitor) {
  visitor.integer("every_env_steps", config.every_env_steps, Range::at_least(0),
                  "environment steps between checkpoints; 0: one at the end only");
  visitor.integer("keep", config.keep, Range::at_least(1), "newest checkpoints that are kept");
}

void visit_fields(LogConfig& config, FieldVisitor& visitor) {
  visitor.integer("console_every_episodes", config.console_every_episodes, Range::at_least(0),
                  "episodes between lines on the console; 0: none; with the default, but for the preset chapter, one "
                  "line a second at "
                  "most");
  visitor.integer("metrics_every_updates", config.metrics_every_updates, Range::at_least(1),
                  "updates between rows of metrics.csv");
  visitor.choice("tensorboard_tags", config.tensorboard_tags, kTagNames,
                 "what scalars are called in TensorBoard's files: by names of deepq's own, or as Stable-Baselines3 or "
                 "CleanRL call theirs");
}

const EmbeddedFile& find_preset(const std::string& name) {
  for (const EmbeddedFile& file : embedded_presets())
    if (file.name == name + std::string(kPresetSuffix)) return file;
  const std::vector<std::string> names = preset_names();
  throw Error::of("unknown preset '", name, "'", did_you_mean(name, names), "; presets: ", join(names));
}

}  // namespace

void visit_fields(RunConfig& config, FieldVisitor& visitor) {
  // The two keys without a section come first, as TOML demands.
  visitor.integer("version", config.version, Range::at_least(1), "version of this set of keys; a newer one is refused");
  visitor.text("preset", config.preset, "the preset that the other keys lie on top of, as `deepq presets` lists them");
  visitor.section("env", "The environment");
  visit_fields(config.env, visitor);
  // Sections of their own, one for each kind of environment that has settings.
  visit_fields(config.env_options, visitor);
  visitor.section("network", "The Q-network");
  visit_fields(config.network, visitor);
  visitor.section("agent", "The Q-learning update");
  visit_fields(config.agent, visitor);
  visitor.section("optimizer", "The optimiser, and its step size over the run");
  // A section of its own in files, a member of AgentConfig in C++: config_members.cc knows both.
  visit_fields(config.agent.optimizer, visitor);
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
  visitor.choice(
      "arithmetic", config.network.arithmetic, kArithmeticNames,
      "fast: as this machine is best at it; strict: the same bits on every machine and by every compiler, at "
      "the price of some speed");
  visitor.section("eval", "Evaluation, with environments and random numbers of its own");
  visit_fields(config.eval, visitor);
  visitor.section("checkpoint", "Saving the state of the run");
  visit_fields(config.checkpoint, visitor);
  visitor.section("log", "What is reported");
  visit_fields(config.log, visitor);
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
  // The file itself does not name the preset that it is.
  config.preset = name;
  return config;
}

std::string preset_source(const std::string& name) { return std::string(find_preset(name).content); }

}  // namespace deepq
