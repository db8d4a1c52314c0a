#include "cli/front.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/options.h"
#include "deepq/core/error.h"

namespace deepq::cli {
namespace {

bool has_flag(const CLI::App& app, const std::string& flag) { return app.get_option_no_throw(flag) != nullptr; }

// "--quiet belongs after the command: deepq train --quiet": the command that the line names, or those that know it.
[[noreturn]] void refuse_flag(CLI::App& program, const std::vector<std::string>& words) {
  const std::string flag = words.front().substr(0, words.front().find('='));
  const std::vector<std::string> names = command_names(program);
  const auto named = std::ranges::find_first_of(words, names);
  if (named != words.end()) {
    const CLI::App& command = find_command(program, *named);
    // The command is named, so its own list of flags answers best.
    if (!has_flag(command, flag)) throw Error(unknown_flag(flag, command) + "; see deepq " + *named + " --help");
    throw Error::of(flag, " belongs after the command: deepq ", *named, " ", flag);
  }
  std::vector<std::string> takers, flags = option_names(program);
  for (const std::string& name : names) {
    const CLI::App& command = find_command(program, name);
    if (has_flag(command, flag)) takers.push_back(name);
    for (std::string& one : option_names(command)) flags.push_back(std::move(one));
  }
  if (takers.empty()) throw Error::of("unknown flag '", flag, "'", did_you_mean(flag, flags), "; see deepq --help");
  throw Error::of("no command before ", flag, "; allowed: deepq COMMAND ", flag, ", where COMMAND is ",
                  join(takers, " or "));
}

}  // namespace

std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

CLI::App& find_command(CLI::App& program, const std::string& name) {
  for (CLI::App* const command : program.get_subcommands([](const CLI::App*) { return true; }))
    if (command->get_name() == name) return *command;
  const std::vector<std::string> names = command_names(program);
  throw Error::of("unknown command '", name, "'; allowed: ", join(names), did_you_mean(name, names),
                  "; see deepq --help");
}

void check_front(CLI::App& program, const std::vector<std::string>& words) {
  if (words.empty() || has_flag(program, words.front())) return;
  // "-" and "--" are words, not flags: they are refused below as unknown commands.
  if (words.front().starts_with('-') && words.front() != "-" && words.front() != "--") refuse_flag(program, words);
  find_command(program, words.front());
}

}  // namespace deepq::cli
