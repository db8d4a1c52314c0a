// Everything that defines a run. The same config, build and thread count give the same run, bit for bit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/agent/agent_config.h"
#include "deepq/config/tag_names.h"
#include "deepq/core/finite.h"
#include "deepq/env/env_options.h"
#include "deepq/nn/network_config.h"
#include "deepq/replay/replay_config.h"

namespace deepq {

struct EnvConfig {
  enum class ImageChannels { kAuto, kFirst, kLast };

  std::string id = "CartPole-v1";
  int64_t count = 1;
  int64_t max_episode_steps = 0;
  ImageChannels image_channels = ImageChannels::kAuto;
  int64_t frame_stack = 1;
  bool last_action = false;
  bool last_reward = false;

  // What observations have of what came before.
  bool has_history() const { return frame_stack > 1 || last_action || last_reward; }
};

struct TrainConfig {
  int64_t seed = 0;
  int64_t env_steps = 0;
  int64_t episodes = 0;
  int64_t learning_starts_env_steps = 0;
  int64_t update_every_env_steps = 1;
  int64_t updates_per_round = 1;
  bool overlap = false;
  double stop_at_mean_return = kNaN;  // NaN: never
  int64_t pretrain_updates = 0;
  bool offline = false;
  std::string start_from = {};  // a run's folder or a checkpoint file; "": fresh weights
  NetworkPart start_part = NetworkPart::kAll;
  bool start_replay = false;

  // So many environment steps in all, with no limit on episodes.
  void set_length(int64_t all_env_steps) { env_steps = all_env_steps, episodes = 0; }
};

struct EvalConfig {
  int64_t every_env_steps = 0;
  int64_t episodes = 10;
  int64_t final_episodes = 100;
  int64_t final_max_env_steps = 0;  // 0: see final_evaluation_bound() in evaluation.h
  bool keep_best = false;
  int64_t max_episode_steps = 0;  // 0: as in training
  double epsilon = 0.0;
  bool stop_when_solved = false;
  double solved_mean_return = kNaN;  // NaN: the environment's own
  int64_t stop_without_improvement = 0;
};

struct CheckpointConfig {
  int64_t every_env_steps = 10'000;
  int64_t keep = 2;
};

struct LogConfig {
  int64_t console_every_episodes = 20;
  int64_t metrics_every_updates = 100;
  TagNames tensorboard_tags = TagNames::kDeepq;
};

// A key that a user has set.
struct GivenKey {
  std::string key;
  std::string where;     // what its refusal begins with: "FILE:LINE: ", or "" for an assignment
  bool in_file = false;  // files may name every key: only what differs from the preset or the default counts as set
  std::string typed_as = {};  // by the name that the key had before (renamed_keys.h); "": by its own
};

struct RunConfig {
  static constexpr int64_t kVersion = 2;

  int64_t version = kVersion;  // of this set of keys; a newer one is refused
  std::string preset;          // where the values came from; only a name
  EnvConfig env;
  EnvOptions env_options;
  NetworkConfig network;
  AgentConfig agent;
  TargetConfig target;
  ReplayConfig replay;
  PqnConfig pqn;
  TabularConfig tabular;
  ExplorationConfig exploration;
  TrainConfig train;
  EvalConfig eval;
  CheckpointConfig checkpoint;
  LogConfig log;

  // Whether a run of `length` environment steps ends after `taken`: its copies step together, so some may be over.
  bool ends_after(int64_t taken, int64_t length) const { return length <= taken && taken - length < env.count; }

  // Steps after which an evaluation's episode is truncated; 0: the environment's own limit.
  int64_t evaluation_limit() const {
    return eval.max_episode_steps > 0 ? eval.max_episode_steps : env.max_episode_steps;
  }
};

void visit_fields(RunConfig& config, FieldVisitor& visitor);

// Checks what no single field can: throws deepq::Error for a batch larger than the buffer, no limit on training, and so
// on.
void validate(const RunConfig& config);

// The same of a run from its beginning to its end, in which something is learnt; one call of a Session may be too
// short for that.
void validate_run(const RunConfig& config);

// What is asked of everything that begins, a new session of any length too, but not of what was begun by an earlier
// version: training that ends when it has solved something is evaluated.
void validate_new(const RunConfig& config);

// Throws where a whole run would end before its first update. `episode_limit`: steps after which the environment's
// episodes are truncated at the latest; 0: they need not be.
void require_updates(const RunConfig& config, int64_t episode_limit);

// "after 1000 at the earliest (agent.batch_size is 64, ...)": environment steps before the run's first update, and what
// it waits for.
std::string first_update_text(const RunConfig& config);

// "key=value" with a dotted key, value as in TOML (bare words are taken as text). Throws deepq::Error for an unknown
// key (with the nearest one), a wrong type, or a value out of range (with what is allowed).
void set_field(RunConfig& config, const std::string& assignment);

// The key of "agent.gamma=0.9".
GivenKey given_key(const std::string& assignment);
inline std::string assigned_key(const std::string& assignment) { return given_key(assignment).key; }

// What the user is told of keys that have other names by now; "" of none.
std::string note_on_renamed(const std::vector<GivenKey>& given);

// Every key in order, with its value as TOML has it, what is allowed and what it means, and the values that it takes
// where they can be counted (of choices and switches, without quotes), else none.
struct FieldText {
  std::string key, value;
  std::string allowed = {}, doc = {};
  std::vector<std::string> words = {};
};
std::vector<FieldText> field_texts(const RunConfig& config);

// Complete and resolved, with the meaning of every key as a comment; from_toml(to_toml(c)) == c.
std::string to_toml(const RunConfig& config);

// The same text, which from_toml() is known to read; throws deepq::Error otherwise. Whatever is written comes from
// here.
std::string readable_toml(const RunConfig& config);

// Fields that the text leaves out keep their value in `base`. `source` names the text in errors.
// A preset that it names is a label: a run's own file is complete.
RunConfig from_toml(const std::string& text, const std::string& source, RunConfig base = {});

// A file that a user hands over: the preset that it names takes the place of `base`, and the other keys lie on top.
// Throws deepq::Error for one that does not exist (in a complete file, as runs write it, it is only a label) or where
// `base` is another preset. Adds the file's keys to `given`.
RunConfig from_user_toml(const std::string& text, const std::string& source, RunConfig base,
                         std::vector<GivenKey>& given);

// Markdown table of every key, default, allowed values and meaning: docs/configuration.md.
std::string config_markdown();

// Names of the presets compiled into the library, and their values. Throws deepq::Error naming the nearest.
std::vector<std::string> preset_names();
RunConfig preset(const std::string& name);
std::string preset_source(
    const std::string& name);  // the TOML file itself, comments with source and deviations included

}  // namespace deepq
