#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "cli/program_table.h"
#include "deepq/core/error.h"

namespace deepq::cli {

void add_completion_command(CLI::App& program, int&) {
  CLI::App* const command = program.add_subcommand("completion", "print what makes a shell complete deepq's words");
  const auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->type_name("");
  command->footer("Now and here: source <(deepq completion bash)\nFor good: docs/install.md");
  command->callback([shell, &program] {
    constexpr std::array<std::pair<std::string_view, std::string (*)(const ProgramTable&)>, 3> kShells{
        {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}}};
    for (const auto& [name, text] : kShells) {
      if (*shell != name) continue;
      std::cout << text(program_table(program));
      return;
    }
    throw Error::of("unknown shell '", *shell, "'; allowed: bash, zsh, fish",
                    did_you_mean(*shell, {"bash", "zsh", "fish"}));
  });
}

}  // namespace deepq::cli
