#include "cli/program_table.h"

#include <CLI/CLI.hpp>
#include <map>

#include "cli/front.h"
#include "deepq/config/run_config.h"
#include "deepq/env/registry.h"
#include "deepq/lab/lab.h"

namespace deepq::cli {
namespace {

std::vector<std::string> all_env_ids() {
  std::vector<std::string> ids = env_ids();
  for (std::string& id : other_env_ids()) ids.push_back(std::move(id));
  return ids;
}

std::vector<std::string> experiment_names() {
  std::vector<std::string> names{"all"};
  for (const lab::Experiment& experiment : lab::experiments()) names.push_back(experiment.name);
  return names;
}

// What can be counted of the values of "COMMAND NAME" (the parser knows no more of them than a word for people).
std::vector<std::string> words_of(const CLI::App& program, const std::string& command, const std::string& name) {
  if (name == "--preset" || (command == "presets" && name == "NAME")) return preset_names();
  if (name == "--env" || (command == "envs" && name == "ID")) return all_env_ids();
  if (command == "lab" && name == "NAME") return experiment_names();
  if (command == "help" && name == "COMMAND") return command_names(program);
  if (command == "completion" && name == "SHELL") return {"bash", "zsh", "fish"};
  if (command == "compare" && name == "--score") return {"final", "last100", "best100", "auc"};
  if (command == "compare" && name == "--normalize") return {"none", "human", "range"};
  return {};
}

OptionRow option_row(const CLI::App& program, const std::string& command, const CLI::Option& option) {
  OptionRow row;
  row.is_argument = option.get_positional();
  if (row.is_argument) {
    row.names = {option.get_name(true)};
  } else {
    for (const std::string& name : option.get_snames()) row.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) row.names.push_back("--" + name);
  }
  // An argument has no type name of its own (its help would show two words); its name says what it is.
  if (option.get_items_expected_max() > 0) row.value = row.is_argument ? row.names.front() : option.get_type_name();
  row.help = option.get_description();
  row.is_required = option.get_required();
  row.is_repeated = option.get_items_expected_max() > 1;
  row.words = words_of(program, command, row.names.back());
  return row;
}

std::vector<OptionRow> option_rows(const CLI::App& program, const std::string& command, const CLI::App& app) {
  std::vector<OptionRow> rows;
  for (const CLI::Option* option : app.get_options()) rows.push_back(option_row(program, command, *option));
  return rows;
}

}  // namespace

ProgramTable program_table(const CLI::App& program) {
  ProgramTable table;
  table.options = option_rows(program, "", program);
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    table.commands.push_back({command->get_name(), command->get_description(), command->get_footer(),
                              option_rows(program, command->get_name(), *command)});
  for (const FieldText& field : field_texts({})) table.settings.push_back({field.key, field.words});
  return table;
}

}  // namespace deepq::cli
