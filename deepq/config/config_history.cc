#include "deepq/config/config_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "deepq/config/renamed_keys.h"
#include "deepq/core/error.h"
#include "deepq/core/json_text.h"

namespace deepq {
namespace {

bool starts_with_one_of(std::string_view key, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return key.starts_with(beginning); });
}

// What is read anew at each step, so that a run can go on with another value.
bool may_change(std::string_view key, bool best_agent) {
  // Beginnings of keys: "exploration.epsilon" stands for epsilon_start and epsilon_end.
  static constexpr std::array<std::string_view, 3> kPicks{"eval.episodes", "eval.epsilon", "eval.max_episode_steps"};
  static constexpr std::array<std::string_view, 11> kKeys{
      "eval.", "train.stop_at_mean_return", "train.env_steps", "train.episodes", "train.update_every_env_steps",
      "train.updates_per_round", "optimizer.learning_rate", "optimizer.learning_rate_schedule",
      "optimizer.final_learning_rate_fraction", "exploration.epsilon",
      // Observations that say another thing are refused by what they
      // are; runs of 0.2 had no masks.
      "gymnasium.action_masks"};
  if (best_agent && starts_with_one_of(key, kPicks)) return false;
  if (key == "replay.demonstrations") return true;  // moved: what the files hold has a checksum
  return is_outside_the_run(key) || starts_with_one_of(key, kKeys);
}

// With all keys that this deepq knows, where it can read the text.
FlatToml complete(const std::string& toml) {
  try {
    return flat_toml(to_toml(from_toml(toml, "checkpoint")), "checkpoint");
  } catch (const Error&) {
    return flat_toml(toml, "checkpoint");
  }
}

std::string setting(const FlatToml& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() ? "" : found->second;
}

bool is_length(const std::string& key) { return key == "train.env_steps" || key == "train.episodes"; }

bool may_stop_early(const FlatToml& config) {
  const std::string patience = setting(config, "eval.stop_without_improvement"),
                    mean = setting(config, "train.stop_at_mean_return");
  return setting(config, "eval.stop_when_solved") == "true" || !(patience.empty() || patience == "0") ||
         !(mean.empty() || mean == "nan");
}

bool depends_on_the_length(const FlatToml& config) {
  // A schedule over the whole run, beta that reaches its end with the run, and a threshold asked again: each sees the
  // length.
  const std::string fraction = setting(config, "optimizer.final_learning_rate_fraction");
  const bool beta = setting(config, "replay.prioritized") == "true" &&
                    setting(config, "replay.importance_beta_anneal_env_steps") == "0";
  return (!fraction.empty() && fraction != "1") || beta || may_stop_early(config);
}

// Whether evaluations during training decide anything.
bool depends_on_evaluations(const FlatToml& config) {
  const std::string patience = setting(config, "eval.stop_without_improvement");
  return setting(config, "eval.keep_best") == "true" || setting(config, "eval.stop_when_solved") == "true" ||
         !(patience.empty() || patience == "0");
}

}  // namespace

bool is_outside_the_run(std::string_view key) {
  static constexpr std::array<std::string_view, 7> kKeys{
      "log.",          "checkpoint.",       "network.threads", "network.engine", "gymnasium.step_timeout",
      "atari.threads", "atari.step_timeout"};
  return starts_with_one_of(key, kKeys);
}

std::string history_text(const ConfigHistory& history) {
  auto list = nlohmann::ordered_json::array();
  for (const ConfigChange& change : history)
    list.push_back({{"env_steps", change.env_steps}, {"key", change.key}, {"from", change.from}, {"to", change.to}});
  return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

ConfigHistory history_of(const std::string& text) try {
  ConfigHistory history;
  for (const Json& change : parse_json(text, text.size()).items) {
    const Json *const env_steps = change.find("env_steps"), *const key = change.find("key"),
                      *const from = change.find("from"), *const to = change.find("to");
    for (const Json* member : {key, from, to})
      if (!member || member->kind != Json::Kind::kString) return {};
    if (!env_steps || !env_steps->whole) return {};
    history.push_back({static_cast<int64_t>(*env_steps->whole), current_key(key->text), from->text, to->text});
  }
  return history;
} catch (const Error&) {
  return {};
}

ConfigHistory changes_of(const std::string& checkpoint_toml, const RunConfig& now, int64_t env_steps, bool best_agent) {
  ConfigHistory changes;
  const FlatToml then = complete(checkpoint_toml);
  for (const auto& [key, value] : flat_toml(to_toml(now), "config.toml")) {
    const auto before = then.find(key);
    // A key that the checkpoint does not have is newer than it; complete() gave it its default where that was possible.
    if (before == then.end() || before->second == value || key == "version") continue;
    if (!may_change(key, best_agent))
      throw Error::of(key, " is ", value.empty() ? "empty" : value, "; the run was trained with ",
                      before->second.empty() ? "an empty one" : before->second,
                      ", and that cannot change while it goes on (a new run can have it)");
    changes.push_back({env_steps, key, before->second, value});
  }
  return changes;
}

ConfigHistory length_changes(const TrainConfig& before, int64_t length, int64_t env_steps) {
  TrainConfig after = before;
  after.set_length(length);
  ConfigHistory changes;
  const auto add = [&](const char* key, int64_t from, int64_t to) {
    if (from != to) changes.push_back({env_steps, key, std::to_string(from), std::to_string(to)});
  };
  // set_length() also lifts the limit on episodes.
  add("train.env_steps", before.env_steps, after.env_steps);
  add("train.episodes", before.episodes, after.episodes);
  return changes;
}

bool depends_on_the_length(const RunConfig& config) {
  return config.agent.optimizer.final_learning_rate_fraction != 1 || config.eval.stop_when_solved ||
         config.eval.stop_without_improvement > 0 || !std::isnan(config.train.stop_at_mean_return) ||
         (config.replay.prioritized && config.replay.importance_beta_anneal_env_steps == 0);
}

bool asks_again_whether_to_stop(const ConfigHistory& changes) {
  static constexpr std::array<std::string_view, 4> kKeys{"eval.stop_when_solved", "eval.solved_mean_return",
                                                         "eval.stop_without_improvement", "train.stop_at_mean_return"};
  return std::ranges::any_of(changes, [](const ConfigChange& change) {
    return is_length(change.key) || std::ranges::find(kKeys, change.key) != kKeys.end();
  });
}

bool config_repeats(const FlatToml& config, const ConfigHistory& history) {
  return std::ranges::all_of(history, [&](const ConfigChange& change) {
    // The evaluation after training changes nothing before it, and the last configuration makes it again.
    if (is_outside_the_run(change.key) || change.key.starts_with("eval.final_")) return true;
    if (is_length(change.key)) return !depends_on_the_length(config);
    // Evaluations have environments and random numbers of their own: unless one decides something, learning is the
    // same.
    return change.key.starts_with("eval.") && !depends_on_evaluations(config);
  });
}

std::string describe(const ConfigChange& change) {
  return "at step " + std::to_string(change.env_steps) + " " + change.key + " from " +
         (change.from.empty() ? "nothing" : change.from) + " to " + (change.to.empty() ? "nothing" : change.to);
}

}  // namespace deepq
