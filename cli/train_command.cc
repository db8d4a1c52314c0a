#include <CLI/CLI.hpp>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/seeds.h"
#include "cli/signals.h"
#include "cli/single_run.h"
#include "cli/text.h"
#include "cli/train_options.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"

namespace deepq::cli {
namespace {

// Says what the run will hold in memory, and refuses what the machine cannot hold, and a run without an update.
void check_plan(Screen& screen, const RunConfig& config, int64_t at_a_time) {
  const EnvSpec env = find_env(config.env.id, config.env_options)()->spec();
  require_updates(config, config.env.max_episode_steps > 0 ? config.env.max_episode_steps : env.max_episode_steps);
  const MemoryPlan plan = plan_memory(config, env);
  const double needed = static_cast<double>(plan.total()) * static_cast<double>(at_a_time);
  const auto available = static_cast<double>(memory_bytes());
  if (needed > available) {
    const int64_t fits = largest_capacity(config, env, memory_bytes() / at_a_time);
    throw Error::of("the run needs ", bytes_text(needed), " of memory and this machine has ", bytes_text(available),
                    "; make replay.capacity", at_a_time > 1 ? " or --jobs" : "", " smaller",
                    fits >= config.agent.batch_size ? ": up to " + std::to_string(fits) + " fits" : "");
  }
  screen.line(plan.text() + (at_a_time > 1 ? ", for each of " + std::to_string(at_a_time) + " seeds at a time" : ""));
}

void show_notes(Screen& screen, const std::vector<std::string>& notes) {
  for (const std::string& note : notes) screen.line("note: " + note);
}

int train_one(const TrainOptions& options, const RunConfig& config, const std::vector<std::string>& notes) {
  Screen screen = make_screen(options.output);
  check_plan(screen, config, 1);
  show_notes(screen, notes);
  return show_run(screen, {.folder = resolve_folder(options, config), .config = config, .output = options.output},
                  [&](const RunOptions& run) { return start_run(config, run); });
}

int train_seeds(const TrainOptions& options, const RunConfig& config, const std::vector<std::string>& notes) {
  if (const int64_t most = std::numeric_limits<int64_t>::max() - config.train.seed; *options.seeds > most)
    throw Error::of("--seeds is ", *options.seeds, "; allowed from seed ", config.train.seed, " on: up to ", most);
  Screen screen = make_screen(options.output);
  const int64_t jobs = std::min(*options.seeds, options.jobs.value_or(core_count()));
  check_plan(screen, config, jobs);
  show_notes(screen, notes);
  const std::string folder = resolve_folder(options, config);
  screen.line("folder: " + folder);
  const SeedResults results =
      run_seeds({.config = config, .folder = folder, .count = *options.seeds, .jobs = jobs}, screen, stop_on_signals());
  if (options.output.json) print_json(seeds_json(results, folder));
  int status = results.stopped ? signal_status() : 0;
  for (const SeedFailure& failure : results.failures) {
    print_error("seed " + std::to_string(failure.seed) + ": " + failure.message);
    status = failure.users_error ? 2 : 1;
  }
  return status;
}

}  // namespace

void add_train_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("train", "train an agent, or one for each of several seeds");
  const auto options = std::make_shared<TrainOptions>();
  add_train_options(*command, *options);
  command->footer("Example: deepq train --preset chapter --set agent.learning_rate=0.0005 --out my-run");
  command->callback([options, &status] {
    try {
      std::vector<std::string> notes;
      const RunConfig config = resolve_config(*options, notes);
      status = options->seeds ? train_seeds(*options, config, notes) : train_one(*options, config, notes);
    } catch (const Error& error) {
      throw Error(with_flags(error.what()));
    }
  });
}

}  // namespace deepq::cli
