#include "cli/train_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "cli/env_arguments.h"
#include "cli/options.h"
#include "deepq/config/active_keys.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq::cli {
namespace {

bool assigns(const std::vector<std::string>& assignments, const std::string& key) {
  return std::any_of(assignments.begin(), assignments.end(),
                     [&](const std::string& assignment) { return assignment.starts_with(key + "="); });
}

// A preset's evaluations lie as far apart as its own length asks. In a shorter run the first comes at its end, so that
// there is a best agent, unless the distance was asked for.
void shorten_evaluations(RunConfig& config, const std::vector<GivenKey>& given, std::vector<std::string>& notes) {
  EvalConfig& eval = config.eval;
  const int64_t env_steps = config.train.env_steps;
  if (env_steps == 0 || eval.every_env_steps <= env_steps || !(eval.keep_best || eval.stop_when_solved)) return;
  const bool asked_for = std::any_of(given.begin(), given.end(), [](const GivenKey& one) {
    return !one.in_file && one.key == "eval.every_env_steps";
  });
  // A file repeats a run: a distance in it that is not the preset's was chosen by someone.
  if (asked_for || config.preset.empty() || preset(config.preset).eval.every_env_steps != eval.every_env_steps) return;
  notes.push_back("eval.every_env_steps is " + std::to_string(env_steps) +
                  ", the length of the run, and not the preset's " + std::to_string(eval.every_env_steps));
  eval.every_env_steps = env_steps;
}

void require_length(const RunConfig& config) {
  if (config.train.env_steps > 0 || config.train.episodes > 0) return;
  throw Error(
      "how long to train is not said (train.env_steps and train.episodes are both 0); give --steps N or --episodes N, "
      "or a preset, which has a length: deepq train --preset chapter");
}

// Asking for one kind of length means that one alone, unless both are asked for.
void apply_length(const TrainOptions& options, RunConfig& config) {
  const auto set = [&](const std::string& key, int64_t value) { set_field(config, key + "=" + std::to_string(value)); };
  if (options.episodes) {
    set("train.episodes", *options.episodes);
    if (!options.env_steps && !assigns(options.assignments, "train.env_steps")) config.train.env_steps = 0;
  }
  if (options.env_steps) {
    set("train.env_steps", *options.env_steps);
    if (!options.episodes && !assigns(options.assignments, "train.episodes")) config.train.episodes = 0;
  }
}

}  // namespace

void add_train_options(CLI::App& command, TrainOptions& options) {
  command.add_option("--preset", options.preset, "settings to start from; `deepq presets` lists them")
      ->type_name("NAME");
  command.add_option("--config", options.config_file, "TOML file; a run's config.toml repeats that run")
      ->type_name("FILE");
  command.add_option("--set", options.assignments, "one setting; `deepq presets --keys` lists the keys")
      ->type_name("KEY=VALUE");
  command.add_option("--env", options.env, "environment; `deepq envs` lists them; of a package of one's own MODULE:ID")
      ->type_name("ID");
  command
      .add_option("--env-arg", options.env_arguments,
                  "what the environment is made with, as gymnasium.make takes it: is_slippery=false")
      ->type_name("KEY=VALUE");
  add_whole_number(command, "--seed", options.seed, 0, "seed of the run, from which all its random numbers come");
  add_whole_number(command, "--episodes", options.episodes, 1, "train this many episodes");
  add_whole_number(command, "--steps", options.env_steps, 1, "train this many environment steps");
  command
      .add_option("--demonstrations", options.demonstrations,
                  "recorded transitions to learn from, too, as `deepq record` writes them; may be said again")
      ->type_name("FILE");
  command.add_flag("--offline", options.offline, "learn from --demonstrations alone: --steps counts updates");
  command.add_option("--from", options.from, "run whose agent's weights training begins with")->type_name("DIR");
  command.add_option("--out", options.folder, "folder of the run; default: a new one under runs/")->type_name("DIR");
  CLI::Option* const seeds =
      add_whole_number(command, "--seeds", options.seeds, 1, "train this many seeds, into DIR/seed-0, DIR/seed-1, ...");
  add_whole_number(command, "--jobs", options.jobs, 1, "seeds that train at a time; default: one per core")
      ->needs(seeds);
  add_output_options(command, options.output);
}

RunConfig resolve_config(const TrainOptions& options, std::vector<std::string>& notes) {
  RunConfig config = options.preset.empty() ? RunConfig{} : preset(options.preset);
  std::vector<GivenKey> given;
  if (!options.config_file.empty())
    config = from_user_toml(read_file(options.config_file), options.config_file, config, given);
  for (const std::string& assignment : options.assignments) {
    set_field(config, assignment);
    given.push_back(given_key(assignment));
  }
  if (const std::string note = note_on_renamed(given); !note.empty()) notes.push_back(note);
  if (!options.env.empty()) config.env.id = options.env;
  set_env_arguments(config, options.env_arguments, given);
  if (options.seed) set_field(config, "train.seed=" + std::to_string(*options.seed));
  if (!options.demonstrations.empty()) config.replay.demonstrations = join(options.demonstrations, ",");
  if (options.offline) config.train.offline = true;
  if (!options.from.empty()) config.train.start_from = options.from;
  apply_length(options, config);
  shorten_evaluations(config, given, notes);
  try {
    require_length(config);
    // Fit to run first; then whether every key that was set does something.
    validate_run(config);
    require_effect(config, given, section_read_by(config.env.id));
  } catch (const Error&) {
    find_env(config.env.id, config.env_options);  // an environment that does not exist is the first mistake
    throw;
  }
  return config;
}

std::string with_flags(const std::string& message) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kFlags{
      {{"replay.demonstrations", "--demonstrations"},
       {"train.offline", "--offline"},
       {"train.start_from", "--from"},
       {"train.env_steps", "--steps"},
       {"train.episodes", "--episodes"},
       {"train.seed", "--seed"},
       {"env.id", "--env"}}};
  std::string flags;
  for (const auto& [key, flag] : kFlags)
    // A message that names the flag itself needs no translation.
    if (message.find(key) != std::string::npos && message.find(flag) == std::string::npos)
      flags += "; " + std::string(key) + " is " + std::string(flag);
  return message + flags;
}

std::string resolve_folder(const TrainOptions& options, const RunConfig& config) {
  if (!options.folder.empty()) return options.folder;
  std::string name = config.preset.empty() ? config.env.id : config.preset;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_'; }, '-');
  const std::string first =
      "runs/" + name +
      (options.seeds ? "-" + std::to_string(*options.seeds) + "-seeds" : "-seed-" + std::to_string(config.train.seed));
  // A folder that is there is left alone: -2, -3, ... behind its name.
  std::string folder = first;
  for (int64_t copy = 2; path_exists(folder); ++copy) folder = first + "-" + std::to_string(copy);
  return folder;
}

}  // namespace deepq::cli
