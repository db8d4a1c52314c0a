#include "cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <new>
#include <stdexcept>

#include "cli/commands.h"
#include "cli/front.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "deepq/core/error.h"
#include "deepq/core/version.h"

namespace deepq::cli {
namespace {

int run(int argc, char** argv) {
  // First of all: a file that is opened before could get the number of a closed stream and take its output.
  const bool output_was_open = make_streams_safe();
  refuse_empty_values(argc, argv);
  keep_command_line(argc, argv);
  CLI::App program("Deep Q-learning: trains, measures and shows agents.", "deepq");
  program.set_help_flag("-h,--help", "print this help");
  program.set_version_flag("--version", "deepq " + std::string(version()), "print the program's version");
  for (const auto& [theirs, ours] : {std::pair{"Positionals", "Arguments"},
                                     {"SUBCOMMAND", "COMMAND"},
                                     {"REQUIRED", "(required)"},
                                     {"Needs", "with"},
                                     {"Excludes", "not with"}})
    program.get_formatter()->label(theirs, ours);
  // Without a command the program prints its help.
  program.require_subcommand(0, 1);
  int status = 0;
  for (const auto add : {add_train_command, add_resume_command, add_eval_command, add_watch_command, add_record_command,
                         add_plot_command, add_compare_command, add_export_command, add_lab_command,
                         add_presets_command, add_envs_command, add_doctor_command, add_bench_command,
                         add_playground_command, add_completion_command, add_help_command, add_version_command})
    add(program, status);
  for (CLI::App* const command : program.get_subcommands([](CLI::App*) { return true; })) command->group("Commands");
  // After the commands have been added, as it goes through their options; before parse(), as it adds checks to them.
  refuse_empty_values(program);
  check_front(program, {argv + std::min(argc, 1), argv + argc});
  try {
    program.parse(argc, argv);
    if (program.get_subcommands().empty()) std::cout << program.help();
  } catch (const CLI::ParseError& error) {
    status = finish_parse(program, error);
  }
  finish_output(output_was_open);
  return status;
}

}  // namespace

int run_program(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    print_error(error.what());
    return 2;
  } catch (const std::filesystem::filesystem_error& error) {  // deepq/record/files.h is there so that none comes
    print_error("cannot use " + error.path1().string() + ": " + error.code().message());
    return 2;
  } catch (const std::bad_alloc&) {
    print_error("not enough memory");
  } catch (const std::exception& error) {
    print_error(error.what());
  }
  return 1;
}

}  // namespace deepq::cli
