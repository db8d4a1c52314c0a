// Groups with made-up results, for tests of what compare makes of them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "deepq/compare/run_files.h"
#include "deepq/core/random.h"

namespace deepq::compare {

// Runs of one episode of 10 steps, that end with these evaluations.
inline std::vector<Run> evaluated(const std::vector<double>& evaluations) {
  std::vector<Run> runs;
  for (const double value : evaluations) {
    runs.push_back({.source = "run", .steps = {10}, .returns = {value}, .final_evaluation = value});
  }
  return runs;
}

inline Group group_of(const std::string& name, const std::string& task, const std::vector<double>& evaluations) {
  return {name, {{task, evaluated(evaluations)}}};
}

// What runs of one agent may end with.
enum class Law {
  kNormal,
  kLognormal,  // a long tail
  kTwoLumps,   // 4 in 5 solve the task, the others fail
  kManyTies,   // whole numbers from 0 to 3
};

inline double draw(Law law, Random& random) {
  switch (law) {
    case Law::kNormal:
      return random.normal();
    case Law::kLognormal:
      return std::exp(random.normal());
    case Law::kTwoLumps:
      return (random.uniform() < 0.8 ? 500 : 100) + 10 * random.normal();
    case Law::kManyTies:
      return static_cast<double>(random.below(4));
  }
  return 0;
}

// run_counts[group] of each of `tasks`, all drawn from one law: no groups differ.
inline std::vector<Group> equal_groups(const std::vector<size_t>& run_counts, size_t tasks, Law law, Random& random) {
  std::vector<Group> groups;
  for (size_t group = 0; group < run_counts.size(); ++group) {
    groups.push_back({std::string(1, static_cast<char>('A' + group)), {}});
    for (size_t task = 0; task < tasks; ++task) {
      std::vector<double> values(run_counts[group]);
      for (double& value : values) value = draw(law, random);
      groups.back().tasks.push_back({"task " + std::to_string(task), evaluated(values)});
    }
  }
  return groups;
}

}  // namespace deepq::compare
