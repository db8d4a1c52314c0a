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

namespace deepq::cli {
namespace {

// "0..15" for discrete observations, "[4]" or "[84, 84, 4]" for others.
std::string observation_text(const EnvSpec& spec) {
  if (spec.observation_space.states() > 0) return "0.." + std::to_string(spec.observation_space.states() - 1);
  std::vector<std::string> shape;
  for (const int64_t dimension : spec.observation_space.shape()) shape.push_back(std::to_string(dimension));
  return "[" + join(shape) + "]";
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

void print_env_table(const std::string& only) {
  std::vector<std::vector<std::string>> rows{{"id", "observation", "actions", "limit", "solved at", "settings"}};
  for (const std::string& id : ids_to_list(only)) {
    // Only an environment that has been made knows its spaces.
    const EnvSpec spec = find_env(id)()->spec();
    rows.push_back({id, observation_text(spec), std::to_string(spec.action_count),
                    spec.max_episode_steps > 0 ? std::to_string(spec.max_episode_steps) : "none",
                    spec.has_solved_return ? number_text(spec.solved_return) : "-", std::string(env_section(id))});
  }
  print_table(rows, {false, false, true, true, true, false});
  std::cout << "\nobservation: a whole number, or the shape of several; limit: steps of an\n"
               "episode; settings: the section of keys that it reads, see deepq presets --keys\n";
  if (only.empty()) print_others();
}

void print_env_json(const std::string& only) {
  auto envs = nlohmann::ordered_json::array();
  for (const std::string& id : ids_to_list(only)) {
    const EnvSpec spec = find_env(id)()->spec();
    nlohmann::ordered_json env{{"id", id},
                               {"observation_shape", spec.observation_space.shape()},
                               {"state_count", nullptr},
                               {"action_count", spec.action_count},
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
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  command->add_option("ID", options->id, "environment to list; default: all")->type_name("");
  add_json_option(*command, options->json);
  command->callback([options] { options->json ? print_env_json(options->id) : print_env_table(options->id); });
}

}  // namespace deepq::cli
