#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <vector>

#include "deepq/config/aliases.h"
#include "deepq/config/run_config.h"
#include "deepq/core/counts.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/page/text.h"

namespace deepq::cli {
namespace {

constexpr const char* kEmptyValue = "the value is empty; leave the flag out, or give it one";

bool has_option(const CLI::App& command, const std::string& name) {
  return command.get_option_no_throw(name) != nullptr;
}

// What there is for a run that was begun already in the place of settings on the command line.
std::string advice_on_resuming(const std::string& flag) {
  if (flag == "--episodes") return "; a run is made longer with --steps N, the environment steps of all of it";
  return "; a run keeps the settings that it was begun with, but for some that may be changed in its config.toml "
         "(docs/run_folder.md says which); deepq train begins another";
}

// A flag of other commands: "; it is a flag of deepq train".
std::string advice_on_others_flag(const std::string& flag, const CLI::App& command) {
  std::vector<std::string> takers;
  if (const CLI::App* const program = command.get_parent())
    for (const CLI::App* other : program->get_subcommands([](const CLI::App*) { return true; }))
      if (has_option(*other, flag)) takers.push_back(other->get_name());
  return takers.empty() ? "" : "; it is a flag of deepq " + join(takers, " and ");
}

// Another program's flag ("--learning-rate") by what it means here, another command's by what that is, a slip of the
// hand by the nearest name.
std::string advice_on_flag(const std::string& flag, const CLI::App& command) {
  const Meaning meaning = meaning_of(flag.substr(std::min(flag.size(), flag.find_first_not_of('-'))), config_keys());
  // Only commands with --set can take a setting in the place of a foreign flag.
  const bool sets = has_option(command, "--set");
  if (sets && !meaning.program.empty()) return "; " + meaning.program;
  if (!meaning.flag.empty() && has_option(command, meaning.flag)) return "; did you mean '" + meaning.flag + "'?";
  if (sets && !meaning.empty()) {
    std::vector<std::string> settings;
    for (const std::string& key : meaning.keys) settings.push_back("'--set " + key + "=...'");
    return "; did you mean " + join(settings, " or ") + "?";
  }
  // A slip of the hand comes last: a name that exists elsewhere is more likely meant than one that looks like it.
  const std::string of_others = advice_on_others_flag(flag, command);
  if (command.get_name() == "resume" && !(of_others.empty() && meaning.empty())) return advice_on_resuming(flag);
  return of_others.empty() ? did_you_mean(flag, option_names(command)) : of_others;
}

// A preset or an environment without its flag: `deepq train chapter`.
std::string advice_on_word(const std::string& word, const CLI::App& command) {
  const std::vector<std::string> presets = preset_names();
  if (has_option(command, "--preset") && std::ranges::find(presets, word) != presets.end())
    return "; did you mean '--preset " + word + "'?";
  return has_option(command, "--env") && is_env_id(word) ? "; did you mean '--env " + word + "'?" : "";
}

// What the parser has left over; `command` is the one that the line names.
std::string unexpected(const CLI::App& program, const CLI::App& command) {
  const std::vector<std::string> left = program.remaining(true);
  if (left.empty()) return "an argument is not expected";
  const std::string& argument = left.front();
  if (!argument.starts_with('-')) return "unexpected argument '" + argument + "'" + advice_on_word(argument, command);
  return unknown_flag(argument.substr(0, argument.find('=')), command);
}

std::string& kept_command_line() {
  static std::string line;
  return line;
}

}  // namespace

void keep_command_line(int argc, char** argv) {
  std::string line = "deepq";
  for (int i = 1; i < argc; ++i) line += " " + page::shell_word(argv[i]);
  kept_command_line() = line;
}

const std::string& command_line() { return kept_command_line(); }

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string unknown_flag(const std::string& flag, const CLI::App& command) {
  return "unknown flag '" + flag + "'" + advice_on_flag(flag, command);
}

CLI::Option* add_whole_number(CLI::App& command, const std::string& name, std::optional<int64_t>& value, int64_t min,
                              const std::string& doc) {
  const auto read = [min](std::string& text) -> std::string {
    const std::optional<int64_t> number = parse_count(text);
    if (!number || *number < min)
      return "'" + text + "' is not allowed; allowed: a whole number from " + std::to_string(min) +
             (number ? "" : ", such as 2000, 2k, 2e3 or 2_000");
    // The validator rewrites the word ("100k" becomes "100000"), which CLI11 then reads as a number.
    text = std::to_string(*number);
    return "";
  };
  return command.add_option(name, value, doc)->type_name("N")->transform(CLI::Validator(read, ""));
}

void add_playing_run(CLI::App& command, std::string& folder) {
  command
      .add_option(
          "DIR", folder,
          "folder of the run whose agent plays: that of the newest checkpoint, or with eval.keep_best the best one")
      ->required()
      ->type_name("");
}

void refuse_empty_values(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    // "--x=" at the least: longer than 3, and its only "=" at the end.
    if (word.starts_with("--") && word.size() > 3 && word.find('=') == word.size() - 1)
      throw Error::of(word.substr(0, word.size() - 1), ": ", kEmptyValue);
  }
}

void refuse_empty_values(CLI::App& program) {
  const auto check = [](const std::string& text) { return text.empty() ? std::string(kEmptyValue) : ""; };
  for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; }))
    for (CLI::Option* option : command->get_options())
      // Flags take no value; a check on one would never be asked.
      if (option->get_items_expected_max() > 0) option->check(check);
}

int finish_parse(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
  const std::vector<CLI::App*> chosen = program.get_subcommands();
  const CLI::App& command = chosen.empty() ? program : *chosen.front();
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  print_error((extra ? unexpected(program, command) : error.what()) + "; see deepq " +
              (chosen.empty() ? "" : command.get_name() + " ") + "--help");
  return 2;
}

void print_error(const std::string& message) {
  std::string line = "deepq: " + message;
  // One line on stderr is the promise, for scripts that read it.
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << line << std::endl;
}

}  // namespace deepq::cli
