// The beginning of a command line: its first word is a command, or one of the program's own flags. Whatever else stands
// there is said here, before the parser sees it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace deepq::cli {

std::vector<std::string> command_names(const CLI::App& program);

// The command by that name. Throws deepq::Error for none ("unknown command 'tran'; allowed: ...; did you mean
// 'train'?").
CLI::App& find_command(CLI::App& program, const std::string& name);

// Throws deepq::Error where `words`, the command line without the program's name, begins with neither a command nor a
// flag of the program: "--quiet belongs after the command: deepq train --quiet".
void check_front(CLI::App& program, const std::vector<std::string>& words);

}  // namespace deepq::cli
