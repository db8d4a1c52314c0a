// Made-up results of every experiment in which nothing differs, to see how often its own code then decides anything
// (null_test.cc). Nothing is trained.
//
// What "nothing differs" means for a statement: of paired runs, that both settings' values have one distribution; of
// runs against a bound, that the bound is their median, so that above and below it are equally likely; of fractions,
// that it happens in every other run.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "deepq/core/finite.h"
#include "deepq/core/random.h"
#include "deepq/lab/lab.h"

namespace deepq::lab {

// All have the median 0.
enum class Shape { kNormal, kLognormal, kTwoLumps, kManyTies };
inline constexpr Shape kShapes[] = {Shape::kNormal, Shape::kLognormal, Shape::kTwoLumps, Shape::kManyTies};

inline double draw(Shape shape, Random& random) {
  const double z = random.normal();
  switch (shape) {
    case Shape::kNormal:
      return z;
    case Shape::kLognormal:
      return std::exp(z) - 1;
    case Shape::kTwoLumps:  // seven in ten near 0 and the rest near 3
      return (random.uniform() < 0.7 ? 0.1 * z : 3 + 0.1 * z) - 0.05659;
    default:  // -1, 0, 1, 2, ...
      return std::round(std::exp(z)) - 1;
  }
}

// The values that the experiment's statements read.
inline const std::vector<std::string>& values_of(const std::string& experiment) {
  static const std::map<std::string, std::vector<std::string>> kValues = {
      {"curse-of-dimensionality", {"solved_at", "unseen_return"}},
      {"deadly-triad", {"grew", "mean_return"}},
      {"correlation", {"lag_one", "pairs", "td_lag_one", "log_fall_error", "mean_return"}},
      {"replay-ratio", {"mean_return", "steps_to_solve"}},
      {"target-network", {"log_drift", "evaluation", "lost"}},
      {"overestimation", {"gap", "distance"}},
      {"max-bias", {"left_fraction", "error"}},
      {"dueling", {"score"}},
      {"prioritized",
       {"updates-2", "updates-4", "updates-6", "updates-8", "updates-10", "updates-12", "updates-14", "updates-16",
        "mean_return"}},
      {"architecture", {"greedy", "lost"}},
      {"time-limits", {"near_error", "near_off", "mean_return", "beyond_return"}},
      {"sarsa-replay", {"bias", "error"}},
      {"learning-curve",
       {"return", "exploration_return", "exploration_epsilon", "learning_return", "learning_rise", "refinement_return",
        "refinement_rise"}},
      {"ablation", {"mean_return"}}};
  return kValues.at(experiment);
}

// One value of one run; x is drawn with median 0. What is not named here is compared between settings only.
inline double null_value(const std::string& setting, const std::string& value, double x, Random& random) {
  const bool coin = random.uniform() < 0.5;
  if (value == "grew") return coin ? 1 : 0;
  if (value == "lag_one") return (setting == "newest-64" ? 0.5 : 0.1) + 0.1 * x;  // the two statements' bounds
  if (value == "exploration_epsilon") return 0.5 + x;
  if (value.ends_with("_return") && setting == "chapter") return 10 + x;  // near random: 10 more than "return"
  if (value == "left_fraction") return 0.05 + x;                          // of exploration alone
  if (value == "error" && setting == "figure-double") return 0.1 * x;     // a tenth of the maximum's, as a median
  if (value == "solved_at" && setting == "network-100") return coin ? 1 : kNaN;
  if (value == "solved_at") {  // the steps grow as the cells, in the median of the seeds
    const double side = std::atof(setting.substr(setting.rfind('-') + 1).c_str());
    return std::pow(side * side, 1 + 0.01 * x);
  }
  return x;
}

inline Results null_results(const Experiment& experiment, Shape shape, int64_t seeds, Random& random) {
  static std::map<std::string, std::vector<Setting>> settings_of;  // made once: presets take long to read
  std::vector<Setting>& settings = settings_of[experiment.name];
  if (settings.empty()) settings = experiment.settings(false);
  Results results;
  for (const Setting& setting : settings) {
    results.settings.push_back(setting.name);
    for (int64_t seed = 0; seed < seeds; ++seed) {
      JobResult job;
      for (const std::string& value : values_of(experiment.name))
        job.values[value] = null_value(setting.name, value, draw(shape, random), random);
      results.jobs[setting.name].push_back(job);
    }
  }
  return results;
}

// How often, of `experiments` made-up ones, anything at all is decided.
inline double error_rate(const Experiment& experiment, Shape shape, int64_t seeds, int experiments) {
  Random random(1, {static_cast<uint32_t>(shape), static_cast<uint32_t>(seeds)});
  int decided = 0;
  for (int i = 0; i < experiments; ++i) {
    std::vector<Check> checks = experiment.checks(null_results(experiment, shape, seeds, random));
    decide(checks);
    decided += verdict(checks) != Verdict::kUndecided;
  }
  return decided / static_cast<double>(experiments);
}

}  // namespace deepq::lab
