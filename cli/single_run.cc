#include "cli/single_run.h"

#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/signals.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/run_data.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/worlds.h"

namespace deepq::cli {
namespace {

std::string way_on(const std::string& folder) {
  return "\ndeepq: stopped at once; to go on from the newest checkpoint: deepq resume " + folder + "\n";
}

}  // namespace

void show_head(Screen& screen, const Head& head) {
  if (!head.memory.empty()) screen.paragraph(head.memory, head.memory.find(' ') + 1);
  if (!head.kernels.empty()) screen.paragraph("kernels: " + head.kernels, 9);
  for (const std::string& note : head.notes) screen.line("note: " + note);
  screen.line("folder: " + head.folder);
}

std::string check_plan(const RunConfig& config, int64_t at_a_time) {
  const EnvSpec env = spec_seen(config, find_env(config.env.id, config.env_options)()->spec());
  require_updates(config, config.env.max_episode_steps > 0 ? config.env.max_episode_steps : env.max_episode_steps);
  const MemoryPlan plan = plan_memory(config, env);
  // As doubles: 1e12 transitions of pixels for a hundred seeds overflow int64.
  const double needed = static_cast<double>(plan.total()) * static_cast<double>(at_a_time);
  const auto available = static_cast<double>(memory_bytes());
  if (needed > available) {
    // The replay memory is what takes the space, so the answer is the capacity that would fit.
    const int64_t fits = largest_capacity(config, env, memory_bytes() / at_a_time);
    throw Error::of("the run needs ", bytes_text(needed), " of memory and this machine has ", bytes_text(available),
                    "; make replay.capacity", at_a_time > 1 ? " or --jobs" : "", " smaller",
                    fits >= config.agent.batch_size ? ": up to " + std::to_string(fits) + " fits" : "");
  }
  return plan.text() + (at_a_time > 1 ? ", for each of " + std::to_string(at_a_time) + " seeds at a time" : "");
}

std::vector<double> earlier_returns(const std::string& folder) {
  if (!has_checkpoint(checkpoint_folder(folder))) return {};
  return readable_returns(folder);
}

int show_group(Screen& screen, const SeedPlan& plan, const OutputOptions& output) {
  set_farewell(way_on(plan.folder));
  const SeedResults results = run_seeds(plan, screen, stop_on_signals());
  if (output.json) print_json(seeds_json(results, plan.folder));
  // A failure counts more than a signal: 2 for what the user can mend, 1 for anything else.
  int status = results.stopped ? signal_status() : 0;
  for (const SeedFailure& failure : results.failures) {
    print_error("seed " + std::to_string(failure.seed) + ": " + failure.message);
    status = failure.user_error ? 2 : 1;
  }
  return status;
}

int show_run(Screen& screen, const SingleRun& run, const std::function<RunSummary(const RunOptions&)>& start) {
  const std::string& folder = run.head.folder;
  set_farewell(way_on(folder));
  Progress progress(screen, 1, seconds_now);
  Console console(progress, 0, run.config, run.earlier_returns);
  // The head comes with `ready`: where a run is refused, that one line is all.
  const RunSummary summary = start({.folder = folder,
                                    .stop = &stop_on_signals(),
                                    .observers = {&console},
                                    .notice = [&](const std::string& text) { screen.line("note: " + text); },
                                    .ready = [&] { show_head(screen, run.head); }});
  progress.finish(0);
  show_summary(screen, summary, folder);
  if (run.output.json) print_json(summary_json(summary, folder));
  return exit_status(summary);
}

}  // namespace deepq::cli
