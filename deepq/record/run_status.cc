#include "deepq/record/run_status.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "deepq/config/flat_toml.h"
#include "deepq/core/error.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq {
namespace {

std::string stored_value(const FlatToml& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() ? "" : found->second;
}

int64_t number(const FlatToml& config, const std::string& key) {
  const std::string text = stored_value(config, key);
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The environment steps of the last whole row of episodes.csv; 0 where there is none that can be read.
int64_t logged_env_steps(const std::string& folder) try {
  const MappedFile file(episodes_path(folder));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  // The last row may be half written: up to the last line end, and from the one before it.
  text = text.substr(0, text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n'));
  text.remove_prefix(text.rfind('\n') == std::string_view::npos ? text.size() : text.rfind('\n') + 1);
  const size_t comma = std::min(text.find(','), text.size());
  int64_t env_steps = 0;
  std::from_chars(text.data() + std::min(comma + 1, text.size()), text.data() + text.size(), env_steps);
  return env_steps;
} catch (const Error&) {
  return 0;
}

// How far the run has come by its checkpoints, and the configuration that the newest was made with; none where it
// cannot be read. Only the file's header is looked at.
struct Newest {
  int64_t env_steps = 0;
  std::string toml;
  FlatToml config;
  ConfigHistory history;
};
Newest newest(const std::string& folder) {
  Newest result;
  try {
    const auto name = newest_checkpoint_name(checkpoint_folder(folder));
    if (!name) return result;
    result.env_steps = name->env_steps;
    const MappedFile file(name->path);
    // Mapped, and its checksums not asked for: a listing of many runs reads a few kB of each.
    const Safetensors contents = parse_safetensors(file.bytes());
    if (const auto config = contents.metadata.find("config"); config != contents.metadata.end()) {
      result.config = flat_toml(config->second, name->path);
      result.toml = config->second;
    }
    if (const auto history = contents.metadata.find("history"); history != contents.metadata.end())
      result.history = history_of(history->second);
  } catch (const Error&) {  // damaged, or gone meanwhile
  }
  return result;
}

// Whether what was run depends on the key. How long it was to be is another question.
bool matters(const std::string& key) {
  return key != "preset" && key != "train.env_steps" && key != "train.episodes" && !is_outside_the_run(key);
}

// Keys of both with different values; a key that only one version of deepq knows says nothing.
std::vector<std::string> changed_keys(const FlatToml& then, const FlatToml& now) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : now)
    if (const auto before = then.find(key); before != then.end() && before->second != value && matters(key))
      keys.push_back(key);
  return keys;
}

bool is_long_enough(const RunSummary& summary, const FlatToml& then, const FlatToml& config) {
  const int64_t env_steps = number(config, "train.env_steps"), episodes = number(config, "train.episodes");
  if (env_steps <= 0 && episodes <= 0) return true;  // it does not say
  const bool same_length =
      then.empty() || (stored_value(then, "train.env_steps") == stored_value(config, "train.env_steps") &&
                       stored_value(then, "train.episodes") == stored_value(config, "train.episodes"));
  const auto ended_by = [&](std::string_view reason, const std::string& key, std::string_view off) {
    const std::string value = stored_value(config, key);
    return summary.stopped_by == reason && !value.empty() && value != off && same_length;
  };
  if (ended_by("solved", "eval.stop_when_solved", "false") ||
      ended_by("mean_return", "train.stop_at_mean_return", "nan") ||
      ended_by("no_improvement", "eval.stop_without_improvement", "0"))
    return true;
  // One limit of the two is enough, as in training.
  return (env_steps > 0 && summary.env_steps >= env_steps) || (episodes > 0 && summary.episodes >= episodes);
}

RunStatus judge(const RunSummary& summary, const FlatToml& config, const Newest& checkpoint,
                const std::string& folder) {
  const auto unfinished = [](RunState state, std::string reason) { return RunStatus{state, std::move(reason)}; };
  // A summary is older than what follows it: it was resumed after the end, and killed before the next.
  const int64_t reached = std::max(checkpoint.env_steps, logged_env_steps(folder));
  if (reached > summary.env_steps)
    return unfinished(RunState::kKilled, "killed at step " + std::to_string(reached) +
                                             " or later, and its summary is of step " +
                                             std::to_string(summary.env_steps));
  if (const auto keys = changed_keys(checkpoint.config, config); !keys.empty())
    return unfinished(RunState::kChanged, "config.toml was changed afterwards: " + join(keys));
  if (config.contains("train.seed") && number(config, "train.seed") != summary.seed)
    return unfinished(RunState::kChanged, "config.toml was changed afterwards: train.seed");
  if (summary.stopped_by == "signal") return {RunState::kStopped, "stopped by a signal", summary};
  if (!is_long_enough(summary, checkpoint.config, config)) return unfinished(RunState::kLonger, "made longer");
  if (config.contains("eval.final_episodes") && number(config, "eval.final_episodes") != summary.eval_planned_episodes)
    return unfinished(RunState::kChanged, "config.toml was changed afterwards: eval.final_episodes");
  return {RunState::kFinished, "", summary};
}

}  // namespace

RunStatus run_status(const std::string& folder) {
  const FlatToml config = flat_toml(read_file(config_path(folder)), config_path(folder));
  const std::string path = summary_path(folder);
  const Newest checkpoint = newest(folder);
  RunStatus status{RunState::kKilled, "killed, or stopped from outside: it has no summary"};
  try {
    if (path_exists(path)) status = judge(RunSummary::from_json(read_file(path), path), config, checkpoint, folder);
  } catch (const Error& error) {
    status.reason = error.what();
  }
  // Trained with other settings than the file says now: pages show those that it was trained with.
  if (!changed_keys(checkpoint.config, config).empty()) status.trained_config = checkpoint.toml;
  // A run without a summary tells its history by its newest checkpoint.
  status.history = status.summary ? status.summary->changes : checkpoint.history;
  if (status.summary) return status;
  if (RunLock::is_held(folder)) {  // asked last: a finished run may be held by whoever makes it longer
    status.state = RunState::kGoingOn;
    status.reason = "still going on";
  } else if (path_exists(failure_path(folder))) {
    const std::string message = read_file(failure_path(folder));
    status.state = RunState::kFailed;
    status.reason = "failed: " + message.substr(0, message.find('\n'));
  }
  return status;
}

}  // namespace deepq
