// How often each experiment decides anything where nothing differs, and how often it decides what is so: its own
// statements and its own tests on made-up results (null_results.h). Prints the table of docs/chapter.md:
//
//     build/dev/deepq/lab/deepq_lab_null_test --gtest_brief=1
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <set>

#include "deepq/lab/null_results.h"

namespace deepq::lab {
namespace {

constexpr int kExperiments = 1000;  // made up, for each figure
constexpr int64_t kSeeds[] = {3, 5, 10, 20};

double three_errors(double fraction) { return 3 * std::sqrt(fraction * (1 - fraction) / kExperiments); }

// The effect at which power is stated: differences of paired runs are normal, one standard deviation from 0; of runs
// against a bound, or of whether it happens, nine in ten are on the claimed side.
double claimed_value(const Check& check, Random& random) {
  const double side = check.above ? 1 : -1;
  if (check.decider == Decider::kSignFlips) return side + random.normal();
  const bool as_claimed = random.uniform() < 0.9;
  return check.threshold + (as_claimed ? side : -side) * 0.5;
}

// How often this statement is found to hold while no other is decided: Holm's first step, the hardest.
double power(std::vector<Check> checks, size_t which, int64_t seeds) {
  Random random(2);
  for (Check& check : checks) check.by_seed = {};
  int held = 0;
  for (int i = 0; i < kExperiments; ++i) {
    checks[which].by_seed.values.clear();
    for (int64_t seed = 0; seed < seeds; ++seed)
      checks[which].by_seed.values.push_back(claimed_value(checks[which], random));
    decide(checks);
    held += checks[which].answer() == Answer::kHolds;
  }
  return held / static_cast<double>(kExperiments);
}

// The least of an experiment's statements; those with the same test have the same.
double least_power(const Experiment& experiment) {
  Random random(3);
  const std::vector<Check> checks = experiment.checks(null_results(experiment, Shape::kNormal, 3, random));
  std::set<Decider> seen;
  double least = 1;
  for (size_t i = 0; i < checks.size(); ++i)
    if (seen.insert(checks[i].decider).second) least = std::min(least, power(checks, i, experiment.seeds));
  return least;
}

class NullTest : public testing::TestWithParam<std::string> {
 public:
  static void SetUpTestSuite() {
    std::puts("| experiment | statements | 3 seeds | 5 seeds | 10 seeds | 20 seeds | seeds | least power |");
    std::puts("|---|---|---|---|---|---|---|---|");
  }
};

TEST_P(NullTest, DecidesInAtMostOneOfTwentyWhereNothingDiffersAndInFourOfFiveWhatIsSo) {
  const Experiment& experiment = find_experiment(GetParam());
  Random random(4);
  const size_t statements = experiment.checks(null_results(experiment, Shape::kNormal, 3, random)).size();
  std::printf("| %s | %zu |", experiment.name.c_str(), statements);
  for (const int64_t seeds : kSeeds) {
    const char* between = " ";
    for (const Shape shape : kShapes) {
      const double rate = error_rate(experiment, shape, seeds, kExperiments);
      EXPECT_LE(rate, kLevel + three_errors(kLevel)) << experiment.name << ", " << seeds << " seeds";
      std::printf("%s%.1f", between, 100 * rate);
      between = " / ";
    }
    std::printf(" |");
    std::fflush(stdout);
  }
  const double least = least_power(experiment);
  EXPECT_GE(least, 0.8 - three_errors(0.8)) << experiment.name;
  std::printf(" %d | %.0f%% |\n", static_cast<int>(experiment.seeds), 100 * least);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Experiment& experiment : experiments()) all.push_back(experiment.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Lab, NullTest, testing::ValuesIn(names()), [](const auto& one) {
  std::string name = one.param;
  for (char& letter : name)
    if (letter == '-') letter = '_';
  return name;
});

}  // namespace
}  // namespace deepq::lab
