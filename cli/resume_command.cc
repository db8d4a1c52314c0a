#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/group.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/single_run.h"
#include "deepq/core/error.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/run_folder.h"
#include "deepq/record/run_status.h"

namespace deepq::cli {
namespace {

struct ResumeOptions {
  std::string folder, new_folder;
  std::optional<int64_t> env_steps, jobs;
  OutputOptions output;
};

// Nothing is left to train, and what was trained is whole.
bool is_done(const ResumeOptions& options, const RunConfig& config, const RunStatus& status) {
  if (!status.finished()) return false;
  // Finished, but --steps asks for more than it has taken.
  if (options.env_steps && !config.ends_after(status.summary->env_steps, *options.env_steps)) return false;
  std::vector<std::string> set_aside;
  // Read whole: a finished run whose newest checkpoint is damaged has to learn its end again.
  newest_checkpoint(checkpoint_folder(options.folder), set_aside);
  return set_aside.empty();
}

int show_done(Screen& screen, const ResumeOptions& options, const RunSummary& summary) {
  screen.line("already finished; to go on: deepq resume " + options.folder + " --steps N, with N above " +
              std::to_string(summary.env_steps));
  show_summary(screen, summary, options.folder, true);
  if (options.output.json) print_json(summary_json(summary, options.folder));
  return 0;
}

void note_lengths(Screen& screen, const SeedPlan& plan, int64_t env_steps) {
  std::vector<int64_t> seeds;
  for (const SeedJob& job : plan.jobs) seeds.push_back(job.config.train.seed);
  try {
    if (!seeds.empty()) note_length(plan.folder, seeds, env_steps);
  } catch (const Error& error) {  // a full disk, say
    screen.line("note: " + std::string(error.what()) + "; if this is interrupted, give --steps again");
  }
}

int resume_group(Screen& screen, const ResumeOptions& options) {
  SeedPlan plan = plan_rest(options.folder, options.env_steps.value_or(0));
  plan.at_a_time = std::min<int64_t>(std::ssize(plan.jobs), options.jobs.value_or(core_count()));
  Head head{.notes = plan.notes, .folder = options.folder};
  if (!plan.jobs.empty()) {
    head.memory = check_plan(plan.jobs.front().config, plan.at_a_time);
    head.kernels = kernels_text(plan.jobs.front().config);
  }
  show_head(screen, head);
  // The table of finished runs and the report still follow.
  if (plan.jobs.empty()) screen.line("already finished; to go on: deepq resume " + options.folder + " --steps N");
  if (options.env_steps) note_lengths(screen, plan, *options.env_steps);
  return show_group(screen, plan, options.output);
}

// A checkpoint alone, as the playground saves it, becomes a run in a folder of its own: by default of the file's name.
std::string folder_of_checkpoint(const ResumeOptions& options) {
  if (options.jobs) throw Error::of("--jobs is for groups, and ", options.folder, " is one run's checkpoint");
  std::string folder = options.new_folder;
  if (folder.empty()) folder = options.folder.substr(0, options.folder.size() - kCheckpointSuffix.size());
  make_run_of(options.folder, folder);
  return folder;
}

int resume(ResumeOptions options) {
  if (is_checkpoint_file(options.folder))
    options.folder = folder_of_checkpoint(options);
  else if (!options.new_folder.empty())
    throw Error::of("--out is for a checkpoint file, and a run goes on in its own folder, ", options.folder);
  const std::string& folder = options.folder;
  Screen screen = make_screen(options.output);
  if (is_group(folder)) return resume_group(screen, options);
  require_run_folder(folder);
  if (options.jobs) throw Error::of("--jobs is for groups, and ", folder, " is one run");
  RunConfig config = from_toml(read_file(config_path(folder)), config_path(folder));
  if (const RunStatus status = run_status(folder); is_done(options, config, status))
    return show_done(screen, options, *status.summary);
  // Of this copy of the configuration, for the progress line; the run reads its own and gets `env_steps`.
  if (options.env_steps) config.train.set_length(*options.env_steps);
  return show_run(screen,
                  {.head = {.kernels = kernels_text(config), .folder = folder},
                   .config = config,
                   .output = options.output,
                   .earlier_returns = earlier_returns(folder)},
                  [&](RunOptions run) {
                    run.env_steps = options.env_steps.value_or(0);
                    return resume_run(run);
                  });
}

}  // namespace

void add_resume_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("resume", "go on with a stopped run or group of seeds, bit for bit");
  const auto options = std::make_shared<ResumeOptions>();
  command
      ->add_option("DIR", options->folder,
                   "folder of the run, or of a group that --seeds made; or a checkpoint file, as the playground saves")
      ->required()
      ->type_name("");
  command
      ->add_option("--out", options->new_folder,
                   "folder for the run of a checkpoint file; default: the file's name without .safetensors")
      ->type_name("DIR");
  add_whole_number(*command, "--steps", options->env_steps, 1,
                   "make the run longer: environment steps of all of it, those already taken included");
  add_whole_number(*command, "--jobs", options->jobs, 1,
                   "seeds of a group that train at a time; default: one per core");
  add_output_options(*command, options->output);
  command->callback([options, &status] { status = resume(*options); });
}

}  // namespace deepq::cli
