#include <CLI/CLI.hpp>
#include <limits>
#include <memory>

#include "cli/commands.h"
#include "cli/group.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/single_run.h"
#include "cli/train_options.h"
#include "deepq/core/error.h"

namespace deepq::cli {
namespace {

int train_one(const TrainOptions& options, const RunConfig& config, const std::vector<std::string>& notes) {
  Screen screen = make_screen(options.output);
  const Head head{.memory = check_plan(config, 1),
                  .kernels = kernels_text(config),
                  .notes = notes,
                  .folder = resolve_folder(options, config)};
  return show_run(screen, {.head = head, .config = config, .output = options.output},
                  [&](const RunOptions& run) { return start_run(config, run); });
}

int train_seeds(const TrainOptions& options, const RunConfig& config, const std::vector<std::string>& notes) {
  if (const int64_t most = std::numeric_limits<int64_t>::max() - config.train.seed; *options.seeds > most)
    throw Error::of("--seeds is ", *options.seeds, "; allowed from seed ", config.train.seed, " on: up to ", most);
  Screen screen = make_screen(options.output);
  const int64_t jobs = std::min(*options.seeds, options.jobs.value_or(core_count()));
  // Memory, then folders: nothing has been made yet where either is refused.
  const std::string memory = check_plan(config, jobs), folder = resolve_folder(options, config);
  SeedPlan plan = plan_seeds(folder, config, *options.seeds);
  plan.at_a_time = jobs;
  show_head(screen, {.memory = memory, .kernels = kernels_text(config), .notes = notes, .folder = folder});
  try {
    // Before the first seed begins: what an interruption leaves unbegun is known from here.
    note_plan(folder, config, *options.seeds);
  } catch (const Error& error) {  // a full disk, say; each seed then says itself whether it can be trained
    screen.line("note: " + std::string(error.what()) + "; deepq resume will not begin the seeds that are not begun");
  }
  return show_group(screen, plan, options.output);
}

}  // namespace

void add_train_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("train", "train an agent, or one for each of several seeds");
  const auto options = std::make_shared<TrainOptions>();
  add_train_options(*command, *options);
  command->footer("Example: deepq train --preset chapter --set optimizer.learning_rate=0.0005 --out my-run");
  command->callback([options, &status] {
    try {
      std::vector<std::string> notes;
      const RunConfig config = resolve_config(*options, notes);
      status = options->seeds ? train_seeds(*options, config, notes) : train_one(*options, config, notes);
    } catch (const Error& error) {
      // Messages name keys; who types here has flags for some of them.
      throw Error(with_flags(error.what()));
    }
  });
}

}  // namespace deepq::cli
