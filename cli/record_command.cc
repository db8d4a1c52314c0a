#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/play_options.h"
#include "cli/signals.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/demonstration_writer.h"
#include "deepq/train/worlds.h"

namespace deepq::cli {
namespace {

struct RecordOptions {
  std::string folder, file;
  PlayOptions play;
  bool json = false;
};

int record(const RecordOptions& options) {
  if (!is_checkpoint_file(options.folder)) require_run_folder(options.folder);
  if (!options.file.ends_with(".npz"))
    throw Error::of("--out is ", options.file, "; allowed: a name that ends in .npz");
  if (path_exists(options.file)) throw Error::of(options.file, " is there already; allowed for --out: a new file");
  Screen screen = make_screen({.json = options.json});
  Policy agent = Policy::load(options.folder, [&](const std::string& line) { screen.line("note: " + line); });
  const RunConfig& config = agent.config();
  const EnvFactory env =
      worlds_for(agent.trained_in(), worlds_of(config, find_run_env(config.env.id, config.env_options)));
  const auto recording =
      record_demonstrations(agent, env, evaluation_plan(config, agent.run_env_steps(), options.play.choice()),
                            options.file, [] { return !stop_on_signals().load(std::memory_order_relaxed); });
  if (!recording) {
    screen.line("stopped before the last episode ended: nothing was written");
    return signal_status();
  }
  if (options.json)
    print_json({{"file", options.file},
                {"env", config.env.id},
                {"episodes", recording->episodes},
                {"steps", recording->steps},
                {"mean_return", recording->mean_return}});
  else
    screen.line(options.file + ": " + grouped(recording->episodes) + " episodes, " + grouped(recording->steps) +
                " steps, mean return " + score(recording->mean_return));
  return 0;
}

}  // namespace

void add_record_command(CLI::App& program, int& status) {
  CLI::App* const command =
      program.add_subcommand("record", "play whole episodes and keep their transitions, to be learnt from");
  const auto options = std::make_shared<RecordOptions>();
  add_playing_run(*command, options->folder);
  command->add_option("--out", options->file, "file of the transitions, as NumPy's .npz")
      ->type_name("FILE")
      ->required();
  add_play_options(*command, options->play, "the run's eval.final_episodes, or 100");
  add_json_option(*command, options->json);
  command->footer("Example: deepq record my-run --episodes 10 --out demonstrations.npz");
  command->callback([options, &status] { status = record(*options); });
}

}  // namespace deepq::cli
