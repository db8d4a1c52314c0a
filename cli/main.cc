// The deepq program. Exit status: 0 done, 2 the user's input is wrong, 1 anything else, 130 or 143 stopped by a signal.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>
#include <stdexcept>

#include "cli/commands.h"
#include "cli/options.h"
#include "deepq/core/error.h"
#include "deepq/core/version.h"

namespace {

int run(int argc, char** argv) {
  using namespace deepq::cli;
  CLI::App program("Deep Q-learning: trains, measures and shows agents.", "deepq");
  program.set_version_flag("--version", "deepq " + std::string(deepq::version()));
  program.require_subcommand(0, 1);
  int status = 0;
  for (const auto add : {add_train_command, add_resume_command, add_eval_command, add_watch_command, add_plot_command,
                         add_compare_command, add_lab_command, add_presets_command, add_envs_command,
                         add_doctor_command, add_bench_command})
    add(program, status);
  try {
    program.parse(argc, argv);
    if (program.get_subcommands().empty()) throw deepq::Error("no command given; see deepq --help");
  } catch (const CLI::ParseError& error) {
    status = finish_parse(program, error);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw deepq::Error("cannot write to standard output");
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const deepq::Error& error) {
    deepq::cli::print_error(error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    deepq::cli::print_error("not enough memory");
  } catch (const std::exception& error) {
    deepq::cli::print_error(error.what());
  }
  return 1;
}
