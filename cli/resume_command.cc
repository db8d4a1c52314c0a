#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/single_run.h"
#include "deepq/train/checkpoint.h"
#include "deepq/train/report_data.h"
#include "deepq/train/run_folder.h"

namespace deepq::cli {
namespace {

struct ResumeOptions {
  std::string folder;
  std::optional<int64_t> env_steps;
  OutputOptions output;
};

// None where the run was killed before its first checkpoint, perhaps before it had tables.
std::vector<double> earlier_returns(const std::string& folder) {
  if (!has_checkpoint(folder + "/checkpoints")) return {};
  return report::readable_returns(folder);  // only for averages on the console
}

int resume(const ResumeOptions& options) {
  const std::string& folder = options.folder;
  require_run_folder(folder);
  const std::string config_file = folder + "/config.toml";
  RunConfig config = from_toml(read_file(config_file), config_file);
  if (options.env_steps) config.train.set_length(*options.env_steps);
  Screen screen = make_screen(options.output);
  return show_run(
      screen,
      {.folder = folder, .config = config, .output = options.output, .earlier_returns = earlier_returns(folder)},
      [&](RunOptions run) {
        run.env_steps = options.env_steps.value_or(0);
        return resume_run(run);
      });
}

}  // namespace

void add_resume_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("resume", "go on with a stopped run, bit for bit");
  const auto options = std::make_shared<ResumeOptions>();
  command->add_option("DIR", options->folder, "folder of the run")->required()->type_name("");
  add_whole_number(*command, "--steps", options->env_steps, 1,
                   "make the run so many environment steps long, what it has taken included");
  add_output_options(*command, options->output);
  command->callback([options, &status] { status = resume(*options); });
}

}  // namespace deepq::cli
