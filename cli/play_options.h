// What `deepq eval` and `deepq watch` have in common: which episodes the run's agent plays.
#pragma once

#include "deepq/train/evaluation.h"

namespace CLI {
class App;
}

namespace deepq::cli {

struct PlayOptions {
  std::optional<int64_t> episodes, seed;
  std::optional<double> epsilon;

  EvaluationChoice choice() const;  // throws deepq::Error for an epsilon that is no probability
  std::string seed_text() const;    // "seed 3", "the final evaluation's"
};

// --episodes, --seed and --epsilon.
void add_play_options(CLI::App& command, PlayOptions& options, const std::string& default_episodes);

}  // namespace deepq::cli
