#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/play_options.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/train/run.h"
#include "deepq/train/run_folder.h"

namespace deepq::cli {
namespace {

struct EvalOptions {
  std::string folder;
  PlayOptions play;
  bool json = false;
};

int evaluate(const EvalOptions& options) {
  require_run_folder(options.folder);
  const std::string config_file = options.folder + "/config.toml";
  const RunConfig config = from_toml(read_file(config_file), config_file);
  const EvaluationPlan plan = evaluation_plan(config, options.play.choice());
  const EvaluationRecord record = evaluate_run(
      options.folder, {.episodes = plan.episodes, .seed = options.play.choice().seed, .epsilon = plan.epsilon});
  if (options.json) {
    print_json({{"folder", options.folder},
                {"env", config.env.id},
                {"agent", record.best_agent ? "best" : "last"},
                {"agent_env_steps", record.agent_env_steps},
                {"episodes", record.episodes},
                {"seed", options.play.seed ? nlohmann::ordered_json(*options.play.seed) : nlohmann::ordered_json()},
                {"epsilon", plan.epsilon},
                {"max_episode_steps", record.max_episode_steps},
                {"mean_return", record.mean_return},
                {"std_return", record.std_return},
                {"min_return", record.min_return},
                {"max_return", record.max_return},
                {"mean_length", record.mean_length}});
    return 0;
  }
  Screen screen = make_screen({});
  const auto row = [&](std::string_view name, const std::string& value) { screen.line(padded(name, 14) + value); };
  row("Environment", config.env.id + ", " + std::to_string(record.episodes) + " episodes, " + options.play.seed_text() +
                         ", epsilon " + number_text(plan.epsilon));
  row("Agent", "of step " + grouped(record.env_steps) + (record.best_agent ? ", the best in training" : ""));
  row("Mean return", fixed(record.mean_return, 1) + ", standard deviation " + fixed(record.std_return, 1));
  row("Range", fixed(record.min_return, 1) + " to " + fixed(record.max_return, 1));
  row("Mean length", fixed(record.mean_length, 1) + " steps");
  return 0;
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
