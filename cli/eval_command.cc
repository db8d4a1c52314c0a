#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/play_options.h"
#include "cli/signals.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/run_folder.h"
#include "deepq/record/run_status.h"
#include "deepq/train/run.h"

namespace deepq::cli {
namespace {

struct EvalOptions {
  std::string folder;
  PlayOptions play;
  bool json = false;
};

std::string stopped_text(const EvaluationRecord& record) {
  return std::to_string(record.episodes) + " of " + std::to_string(record.planned_episodes) +
         " episodes, those that ended before it was stopped";
}

// What the record says is what was played: the checkpoint's world, whatever config.toml says by now.
int evaluate(const EvalOptions& options) {
  // A checkpoint alone is an agent too: one that the playground saved, say.
  const bool is_checkpoint = is_checkpoint_file(options.folder);
  if (!is_checkpoint) require_run_folder(options.folder);
  Screen screen = make_screen({.json = options.json});
  Progress progress(screen, 1, seconds_now);
  // Only for its progress line: no episode of training comes by.
  Console console(progress, 0, {});
  if (const RunStatus status = is_checkpoint ? RunStatus{} : run_status(options.folder); !status.trained_config.empty())
    screen.line("note: " + status.reason + "; the agent plays in the world that it was trained in");
  EvaluationChoice choice = options.play.choice();
  // Ctrl-C in the middle: the episodes that have ended are shown, with a status that says so.
  choice.counts_if_stopped = true;
  const auto played = evaluate_run({.folder = options.folder,
                                    .stop = &stop_on_signals(),
                                    .observers = {&console},
                                    .notice = [&](const std::string& text) { screen.line("note: " + text); }},
                                   choice);
  progress.finish(0);
  if (!played) {
    screen.line("stopped before the first episode ended");
    return signal_status();
  }
  const EvaluationRecord& record = *played;
  // An evaluation is also cut by eval.final_max_env_steps: that alone is an orderly end, status 0.
  const bool stopped = record.was_cut() && stop_on_signals();
  const int status = stopped ? signal_status() : 0;
  if (options.json) {
    print_json({{"folder", options.folder},
                {"env", record.world},
                {"agent", record.best_agent ? "best" : "last"},
                {"agent_env_steps", record.agent_env_steps},
                {"episodes", record.episodes},
                {"planned_episodes", record.planned_episodes},
                {"seed", options.play.seed ? nlohmann::ordered_json(*options.play.seed) : nlohmann::ordered_json()},
                {"epsilon", record.epsilon},
                {"max_episode_steps", record.max_episode_steps},
                {"mean_return", record.mean_return},
                {"std_return", record.std_return},
                {"min_return", record.min_return},
                {"max_return", record.max_return},
                {"mean_length", record.mean_length}});
    return status;
  }
  const auto row = [&](std::string_view name, const std::string& value) { screen.line(padded(name, 14) + value); };
  row("Environment", record.world + ", " +
                         (stopped ? stopped_text(record)
                                  : episodes_text(record.episodes, record.planned_episodes, record.max_env_steps)) +
                         ", " + options.play.seed_text() + ", epsilon " + number_text(record.epsilon));
  row("Agent", "of step " + grouped(record.env_steps) + (record.best_agent ? ", the best in training" : ""));
  row("Mean return", score(record.mean_return) + ", standard deviation " + score(record.std_return));
  row("Range", score(record.min_return) + " to " + score(record.max_return));
  row("Mean length", fixed(record.mean_length, 1) + " steps");
  return status;
}

}  // namespace

void add_eval_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("eval", "play whole episodes with a trained agent");
  const auto options = std::make_shared<EvalOptions>();
  add_playing_run(*command, options->folder);
  add_play_options(*command, options->play, "the run's eval.final_episodes, or 100");
  add_json_option(*command, options->json);
  command->callback([options, &status] { status = evaluate(*options); });
}

}  // namespace deepq::cli
