#include <CLI/CLI.hpp>
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

void print_env_table() {
  const auto row = [](const std::vector<std::string>& cells) {
    std::cout << padded(cells[0], 26) << padded(cells[1], 14) << right_aligned(cells[2], 7)
              << right_aligned(cells[3], 12) << right_aligned(cells[4], 11) << "\n";
  };
  row({"id", "observation", "actions", "time limit", "solved at"});
  for (const std::string& id : env_ids()) {
    const EnvSpec spec = find_env(id)()->spec();
    std::vector<std::string> shape;
    for (const int64_t dimension : spec.observation_shape) shape.push_back(std::to_string(dimension));
    row({id, "[" + join(shape) + "]", std::to_string(spec.action_count),
         spec.max_episode_steps > 0 ? std::to_string(spec.max_episode_steps) : "none",
         spec.has_solved_return ? number_text(spec.solved_return) : "-"});
  }
}

void print_env_json() {
  auto envs = nlohmann::ordered_json::array();
  for (const std::string& id : env_ids()) {
    const EnvSpec spec = find_env(id)()->spec();
    nlohmann::ordered_json env{{"id", id},
                               {"observation_shape", spec.observation_shape},
                               {"action_count", spec.action_count},
                               {"max_episode_steps", nullptr},
                               {"solved_return", nullptr}};
    if (spec.max_episode_steps > 0) env["max_episode_steps"] = spec.max_episode_steps;
    if (spec.has_solved_return) env["solved_return"] = spec.solved_return;
    envs.push_back(env);
  }
  print_json({{"envs", envs}});
}

}  // namespace

void add_envs_command(CLI::App& program, int&) {
  CLI::App* const command = program.add_subcommand("envs", "list the environments");
  const auto json = std::make_shared<bool>(false);
  add_json_option(*command, *json);
  command->callback([json] { *json ? print_env_json() : print_env_table(); });
}

}  // namespace deepq::cli
