// What the commands' options have in common: whole numbers that say what is allowed, and one-line errors with the
// nearest name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI

namespace deepq::cli {

// "--quiet" and the others that a command, or the program, takes.
std::vector<std::string> option_names(const CLI::App& command);

// "unknown flag '--quit'; did you mean '--quiet'?", or what another library's flag is here.
std::string unknown_flag(const std::string& flag, const CLI::App& command);

// What was typed, for a shell to repeat: pages name it. The program keeps it before anything else runs.
void keep_command_line(int argc, char** argv);
const std::string& command_line();

// "--name N", at least `min`, as parse_count() reads it: 100k, 1e5.
CLI::Option* add_whole_number(CLI::App& command, const std::string& name, std::optional<int64_t>& value, int64_t min,
                              const std::string& doc);

// "DIR", required: the run whose agent plays.
void add_playing_run(CLI::App& command, std::string& folder);

// An empty value of a flag or argument means nothing; it is refused by the flag's name. The first sees the words of the
// command line ("--env=", which the parser takes for a flag whose value is the next word), the second what is parsed.
void refuse_empty_values(int argc, char** argv);
void refuse_empty_values(CLI::App& program);

// Prints help, version, or one line about what is wrong; returns the exit status.
int finish_parse(const CLI::App& program, const CLI::ParseError& error);

// Prints "deepq: MESSAGE" as one line on stderr.
void print_error(const std::string& message);

}  // namespace deepq::cli
