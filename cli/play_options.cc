#include "cli/play_options.h"

#include <CLI/CLI.hpp>

#include "cli/options.h"
#include "deepq/core/error.h"

namespace deepq::cli {

EvaluationChoice PlayOptions::choice() const {
  // Written so that NaN is refused too.
  if (epsilon && !(*epsilon >= 0 && *epsilon <= 1)) throw Error::of("--epsilon is ", *epsilon, "; allowed: 0 to 1");
  EvaluationChoice choice{.episodes = episodes, .epsilon = epsilon};
  if (seed) choice.seed = static_cast<uint64_t>(*seed);
  return choice;
}

std::string PlayOptions::seed_text() const { return seed ? "seed " + std::to_string(*seed) : "the final evaluation's"; }

void add_play_options(CLI::App& command, PlayOptions& options, const std::string& default_episodes) {
  add_whole_number(command, "--episodes", options.episodes, 1, "episodes to play; default: " + default_episodes);
  add_whole_number(command, "--seed", options.seed, 0,
                   "seed of other episodes than those of the evaluation after training, which are the default");
  command.add_option("--epsilon", options.epsilon, "fraction of random actions; default: the run's eval.epsilon")
      ->type_name("X");
}

}  // namespace deepq::cli
