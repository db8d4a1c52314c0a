// help and version, as words: what --help and --version are as flags.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/front.h"
#include "cli/program_table.h"
#include "deepq/core/version.h"

namespace deepq::cli {

void add_help_command(CLI::App& program, int&) {
  CLI::App* const command =
      program.add_subcommand("help", "say what a command does and takes, or what commands there are");
  const auto name = std::make_shared<std::string>();
  const auto man = std::make_shared<bool>(false);
  CLI::Option* const argument =
      command->add_option("COMMAND", *name, "the command; without it: the program")->type_name("");
  command->add_flag("--man", *man, "print the manual page of the program, for man")->excludes(argument);
  command->callback([name, man, &program] {
    if (*man) {
      std::cout << man_page(program_table(program));
      return;
    }
    // Of the program, whose help() is that of the command in it that was named: this one.
    const auto of_program = [&] {
      return program.get_formatter()->make_help(&program, program.get_name(), CLI::AppFormatMode::Normal);
    };
    std::cout << (name->empty() ? of_program() : find_command(program, *name).help(program.get_name()));
  });
}

void add_version_command(CLI::App& program, int&) {
  program.add_subcommand("version", "print the program's version")->callback([] {
    std::cout << "deepq " << version() << "\n";
  });
}

}  // namespace deepq::cli
