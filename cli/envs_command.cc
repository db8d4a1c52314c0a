#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/train/make_algorithm.h"

namespace deepq::cli {
namespace {

// "0..15" for discrete observations, "[4]" or "[84, 84, 4]" for others.
std::string leaf_text(const ObservationLeaf& leaf) {
  if (leaf.count > 0) return std::to_string(leaf.start) + ".." + std::to_string(leaf.start + (leaf.count - 1));
  std::vector<std::string> shape;
  for (const int64_t dimension : leaf.shape) shape.push_back(std::to_string(dimension));
  return "[" + join(shape) + "]";
}

std::string observation_text(const ObservationSpace& space) {
  const size_t parts = space.seen().size();
  return parts == 1 ? leaf_text(space.leaf()) : std::to_string(parts) + " parts";
}

// How an agent sees it.
std::string sight_of(const ObservationLeaf& leaf, bool channels_first) {
  if (leaf.count > 0) return "a network has a column for each";
  if (!leaf.is_picture()) return "numbers";
  return std::string("convolutions see a picture [") +
         (channels_first ? "channels, height, width]" : "height, width, channels]");
}

// Columns as wide as their widest cell; those of numbers end at the right.
void print_table(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right) {
  std::vector<size_t> widths(right.size());
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      line += (i == 0 ? "" : "  ") + (right[i] ? right_aligned(row[i], widths[i]) : padded(row[i], widths[i]));
    // Without the blanks that pad the last column.
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  }
}

// What is understood of an environment's observations, part by part.
void print_observations(const EnvSpec& spec) {
  const ObservationSpace space = algorithm_shape(RunConfig{}, spec).observation;
  std::vector<std::vector<std::string>> rows{{"part", "of", "dtype", "seen as"}};
  for (const ObservationLeaf& leaf : space.seen())
    rows.push_back({leaf.name.empty() ? "observation" : leaf.name, leaf_text(leaf), leaf.numpy_dtype(),
                    sight_of(leaf, leaf.has_channels_first())});
  if (const int64_t legal = space.legal_actions(); legal > 0)
    rows.push_back({"action mask", "[" + std::to_string(legal) + "]", "bool", "which actions are legal"});
  std::cout << "\n";
  print_table(rows, {false, false, false, false});
}

// Names alone: to describe an environment of another program it must be made, which may take seconds.
void print_others() {
  const std::vector<std::string> ids = other_env_ids();
  if (ids.empty()) return;
  constexpr size_t kWidth = 80, kGap = 2;
  size_t widest = 0;
  for (const std::string& id : ids) widest = std::max(widest, id.size());
  // n columns take n widths and n - 1 gaps; the last of a line needs none.
  const size_t columns = std::max<size_t>(1, (kWidth + kGap) / (widest + kGap));
  std::cout << "\nOthers, " << ids.size() << ":\n";
  for (size_t i = 0; i < ids.size(); ++i) {
    const bool ends_line = (i + 1) % columns == 0 || i + 1 == ids.size();
    std::cout << (ends_line ? ids[i] + "\n" : padded(ids[i], widest + kGap));
  }
}

// Of another program's environments the one that is asked for: to describe them all takes long.
std::vector<std::string> ids_to_list(const std::string& id) { return id.empty() ? env_ids() : std::vector{id}; }

// "6", or "3x4" on two axes
std::string actions_text(const ActionSpace& actions) {
  const std::string text = actions.text();
  return text.substr(0, text.find(' '));
}

void print_env_table(const std::string& only, const EnvOptions& options) {
  std::vector<std::vector<std::string>> rows{{"id", "observation", "actions", "limit", "solved at", "settings"}};
  std::vector<EnvSpec> specs;
  for (const std::string& id : ids_to_list(only)) {
    // Only an environment that has been made knows its spaces.
    specs.push_back(find_env(id, options)()->spec());
    const EnvSpec& spec = specs.back();
    rows.push_back({id, observation_text(spec.observation_space), actions_text(spec.actions()),
                    spec.max_episode_steps > 0 ? std::to_string(spec.max_episode_steps) : "none",
                    spec.has_solved_return ? number_text(spec.solved_return) : "-", std::string(env_section(id))});
  }
  print_table(rows, {false, false, true, true, true, false});
  std::cout << "\nobservation: a whole number, or the shape of several; limit: steps of an\n"
               "episode; settings: the section of keys that it reads, see deepq presets --keys\n";
  if (only.empty())
    print_others();
  else
    print_observations(specs.front());
}

nlohmann::ordered_json parts_json(const EnvSpec& spec) {
  auto parts = nlohmann::ordered_json::array();
  const ObservationSpace space = algorithm_shape(RunConfig{}, spec).observation;
  for (const ObservationLeaf& leaf : space.seen()) {
    nlohmann::ordered_json part{{"name", leaf.name}, {"shape", leaf.shape}, {"dtype", leaf.numpy_dtype()}};
    if (leaf.count > 0) part["states"] = leaf.count, part["start"] = leaf.start;
    if (leaf.is_picture()) part["channels"] = leaf.has_channels_first() ? "first" : "last";
    parts.push_back(part);
  }
  return parts;
}

void print_env_json(const std::string& only, const EnvOptions& options) {
  auto envs = nlohmann::ordered_json::array();
  for (const std::string& id : ids_to_list(only)) {
    const EnvSpec spec = find_env(id, options)()->spec();
    nlohmann::ordered_json env{{"id", id},
                               {"observation_shape", spec.observation_space.shape()},
                               {"state_count", nullptr},
                               {"observation_parts", parts_json(spec)},
                               {"action_mask", spec.observation_space.legal_actions() > 0},
                               {"action_count", spec.action_count},
                               {"action_axes", spec.action_axes},
                               {"max_episode_steps", nullptr},
                               {"solved_return", nullptr},
                               {"settings_section", nullptr}};
    if (spec.observation_space.states() > 0) env["state_count"] = spec.observation_space.states();
    if (spec.max_episode_steps > 0) env["max_episode_steps"] = spec.max_episode_steps;
    if (spec.has_solved_return) env["solved_return"] = spec.solved_return;
    if (!env_section(id).empty()) env["settings_section"] = env_section(id);
    envs.push_back(env);
  }
  print_json({{"envs", envs}, {"other_ids", other_env_ids()}});
}

}  // namespace

void add_envs_command(CLI::App& program, int&) {
  CLI::App* const command = program.add_subcommand("envs", "list the environments, or one");
  struct Options {
    std::string id;
    std::vector<std::string> assignments;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->id, "environment to list; default: all")->type_name("");
  add_json_option(*command, options->json);
  command->add_option("--set", options->assignments, "a setting of the environment, as train has it")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->callback([options] {
    RunConfig config;
    for (const std::string& assignment : options->assignments) set_field(config, assignment);
    options->json ? print_env_json(options->id, config.env_options) : print_env_table(options->id, config.env_options);
  });
}

}  // namespace deepq::cli
