#include "deepq/stats/aggregates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "deepq/core/finite.h"
#include "tests/golden.h"
#include "tests/test_support.h"

namespace deepq::stats {
namespace {

using test::error_of;

constexpr double kTolerance = 1e-12;

// The golden matrices are [runs, tasks].
Scores scores_of(const test::Golden& golden, const std::string& name) {
  const auto runs = static_cast<size_t>(golden.shape(name)[0]), tasks = static_cast<size_t>(golden.shape(name)[1]);
  Scores scores(tasks);
  for (size_t i = 0; i < runs * tasks; ++i) scores[i % tasks].push_back(golden.doubles(name)[i]);
  return scores;
}

void expect_close(double actual, double expected, const std::string& what) {
  EXPECT_NEAR(actual, expected, kTolerance * std::max(1.0, std::abs(expected))) << what;
}

class AggregatesGolden : public testing::TestWithParam<const char*> {};

TEST_P(AggregatesGolden, EqualRliable) {
  const test::Golden golden("aggregates.safetensors");
  const std::string name = GetParam();
  const Scores x = scores_of(golden, name + ".x"), y = scores_of(golden, name + ".y");
  const auto number = [&](const char* key, size_t i = 0) { return golden.doubles(name + "." + key)[i]; };
  expect_close(mean(x), number("mean"), "mean");
  expect_close(median(x), number("median"), "median");
  expect_close(iqm(x), number("iqm"), "iqm");
  const std::span<const double> gammas = golden.doubles("gammas");
  for (size_t i = 0; i < gammas.size(); ++i) {
    expect_close(optimality_gap(x, gammas[i]), number("gaps", i), "gap at " + number_text(gammas[i]));
  }
  const std::span<const double> taus = golden.doubles(name + ".taus");
  const std::vector<double> profile = performance_profile(x, taus);
  ASSERT_EQ(profile.size(), taus.size());
  for (size_t i = 0; i < taus.size(); ++i) {
    expect_close(profile[i], number("profile", i), "profile at " + number_text(taus[i]));
  }
  expect_close(probability_of_improvement(x, y), number("improvement", 0), "x over y");
  expect_close(probability_of_improvement(y, x), number("improvement", 1), "y over x");
}

INSTANTIATE_TEST_SUITE_P(All, AggregatesGolden,
                         testing::Values("one", "two", "three", "seven", "twenty", "negative", "matrix", "even_tasks",
                                         "atari", "long", "tied", "tied_one", "same"),
                         [](const auto& test) { return std::string(test.param); });

// By hand, where rliable has no answer: tasks with different numbers of runs.
TEST(Aggregates, TasksOfDifferentSizes) {
  const Scores scores{{0, 1, 2, 9}, {4}};
  EXPECT_DOUBLE_EQ(mean(scores), 3.5);
  EXPECT_DOUBLE_EQ(median(scores), 3.5);
  EXPECT_DOUBLE_EQ(iqm(scores), (0.25 * 1 + 0.625 * 2 + 2.125 * 4) / 3) << "0.625 and 2.5 each, 1 of 5 cut at each end";
  EXPECT_DOUBLE_EQ(optimality_gap(scores, 4), 4 - (7 / 4.0 + 4) / 2);
  EXPECT_EQ(performance_profile(scores, std::vector{1.0, 3.0, 4.0}), (std::vector{0.75, 0.625, 0.125}));
  EXPECT_DOUBLE_EQ(probability_of_improvement(scores, {{1}, {4, 5}}), (2.5 / 4 + 0.25) / 2);
}

TEST(Aggregates, ImprovementsOfBothDirectionsMakeOne) {
  const Scores x{{1, 2, 2, 3}, {5, 5}}, y{{2, 2, 0}, {5, 6, 7}};
  EXPECT_DOUBLE_EQ(probability_of_improvement(x, y) + probability_of_improvement(y, x), 1);
  EXPECT_DOUBLE_EQ(probability_of_improvement(x, x), 0.5);
  EXPECT_DOUBLE_EQ(probability_of_improvement({{1, 2}}, {{0, -1, 0.5}}), 1);
}

TEST(Aggregates, RefuseWhatHasNoAnswer) {
  const double nan = kNaN;
  EXPECT_EQ(error_of([] { mean({}); }), "statistics of runs: there is no task; at least one is needed");
  EXPECT_EQ(error_of([] { iqm({{1}, {}}); }), "statistics of runs: task 1 has no run; at least one is needed");
  EXPECT_EQ(error_of([&] {
              median({{1, nan}});
            }),
            "statistics of runs: task 0, run 1 scores nan; it must be a finite number");
  EXPECT_NE(error_of([&] { optimality_gap({{1}}, nan); }), "no error");
  EXPECT_NE(error_of([&] { performance_profile({{nan}}, std::vector{0.0}); }), "no error");
  EXPECT_NE(error_of([&] { probability_of_improvement({{1}}, {{nan}}); }), "no error");
  EXPECT_EQ(error_of([] {
              probability_of_improvement({{1}}, {{1}, {2}});
            }),
            "probability of improvement: one group has 1 tasks, the other 2; both must have the same");
}

// 12 runs of one task and 2 of another: each task decides one half, as in every other statistic.
TEST(Aggregates, IqmWeighsTasksTheSame) {
  EXPECT_NEAR(iqm({std::vector<double>(12, 1.0), {0, 0}}), 0.5, 1e-12);
  EXPECT_NEAR(iqm({{0, 0}, std::vector<double>(12, 1.0)}), 0.5, 1e-12);
  // 3 and 1 runs: they count as 2/3 each and as 2; of each end 1 of 4 is cut: 1 of the 9, and 2/3 of the 1, 1/3 of
  // the 2.
  EXPECT_NEAR(iqm({{1, 2, 3}, {9}}), (1 / 3.0 * 2 + 2 / 3.0 * 3 + 9) / 2, 1e-12);
  // Many runs of each: every second of one task's left out changes little.
  Scores even(2), uneven(2);
  for (int i = 0; i < 4000; ++i) {
    const double u = (i + 0.5) / 4000;
    for (Scores* scores : {&even, &uneven}) {
      (*scores)[0].push_back(u);
      if (scores == &even || i % 2 == 0) (*scores)[1].push_back(3 * u * u);
    }
  }
  EXPECT_NEAR(iqm(even), iqm(uneven), 1e-3);
}

}  // namespace
}  // namespace deepq::stats
