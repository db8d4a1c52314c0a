// The program as a table: its commands and what each takes, read from the parser that runs it, so that completion and
// the manual page cannot go stale.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace deepq::cli {

// A flag, an option or an argument of one command.
struct OptionRow {
  std::vector<std::string> names;  // "-h", "--help"; of an argument one name without dashes: "DIR"
  std::string value;               // what it takes, "DIR"; "": a flag, that takes nothing
  std::string help;
  bool is_argument = false, is_required = false, is_repeated = false;
  std::vector<std::string> words;  // the values that there are, where they can be counted

  // A folder or file is completed by the shell.
  bool takes_path() const { return value == "DIR" || value == "FILE"; }
  bool takes_settings() const { return value == "KEY=VALUE"; }
};

struct CommandRow {
  std::string name, help, footer;  // footer: what its --help ends with; "" for none
  std::vector<OptionRow> options;
};

// A key of --set with the values that it takes, where they can be counted (choices and switches); else none.
struct SettingRow {
  std::string key;
  std::vector<std::string> words;
};

struct ProgramTable {
  std::vector<OptionRow> options;  // of the program itself
  std::vector<CommandRow> commands;
  std::vector<SettingRow> settings;
};

ProgramTable program_table(const CLI::App& program);

// Each as one file, complete (completion.cc, man_page.cc).
std::string bash_completion(const ProgramTable& program);
std::string zsh_completion(const ProgramTable& program);
std::string fish_completion(const ProgramTable& program);
std::string man_page(const ProgramTable& program);

}  // namespace deepq::cli
