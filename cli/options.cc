#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>
#include <vector>

#include "deepq/core/error.h"

namespace deepq::cli {
namespace {

constexpr const char* kEmptyValue = "the value is empty; leave the flag out, or give it one";

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::string unexpected(const CLI::App& program, const CLI::App* command) {
  const std::string argument = (command ? *command : program).remaining().front();
  const bool is_flag = argument.starts_with('-');
  if (!command && !is_flag) {
    const std::vector<std::string> names = command_names(program);
    return "unknown command '" + argument + "'; allowed: " + join(names) + did_you_mean(argument, names);
  }
  const std::string name = argument.substr(0, argument.find('='));
  if (is_flag) {
    const std::string nearest = did_you_mean(name, option_names(command ? *command : program));
    return "unknown flag '" + name + "'" + nearest;
  }
  return "unexpected argument '" + argument + "'";
}

}  // namespace

CLI::Option* add_whole_number(CLI::App& command, const std::string& name, std::optional<int64_t>& value, int64_t min,
                              const std::string& doc) {
  const auto check = [min](const std::string& text) -> std::string {
    int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure == std::errc() && stop == end && number >= min) return "";
    return "'" + text + "' is not allowed; allowed: a whole number from " + std::to_string(min);
  };
  return command.add_option(name, value, doc)->type_name("N")->check(check);
}

void add_playing_run(CLI::App& command, std::string& folder) {
  command
      .add_option("DIR", folder,
                  "folder of the run; its agent plays: its newest checkpoint's, with eval.keep_best the best")
      ->required()
      ->type_name("");
}

void refuse_empty_values(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("--") && word.size() > 3 && word.find('=') == word.size() - 1)
      throw Error::of(word.substr(0, word.size() - 1), ": ", kEmptyValue);
  }
}

void refuse_empty_values(CLI::App& program) {
  const auto check = [](const std::string& text) { return text.empty() ? std::string(kEmptyValue) : ""; };
  for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; }))
    for (CLI::Option* option : command->get_options())
      if (option->get_items_expected_max() > 0) option->check(check);
}

int finish_parse(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
  const std::vector<CLI::App*> chosen = program.get_subcommands();
  const CLI::App* const command = chosen.empty() ? nullptr : chosen.front();
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  print_error((extra ? unexpected(program, command) : error.what()) + "; see deepq " +
              (command ? command->get_name() + " " : "") + "--help");
  return 2;
}

void print_error(const std::string& message) {
  std::string line = "deepq: " + message;
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::cerr << line << std::endl;
}

}  // namespace deepq::cli
