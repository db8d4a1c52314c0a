#include "deepq/lab/check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "deepq/core/finite.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/text.h"
#include "tests/test_support.h"

namespace deepq::lab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 1, 2, ... n.
BySeed counting(int64_t n, double scale = 1) {
  BySeed all;
  for (int64_t i = 1; i <= n; ++i) all.values.push_back(scale * static_cast<double>(i));
  return all;
}

Check decided(Check check) {
  std::vector<Check> one = {std::move(check)};
  decide(one);
  show(one);
  return one[0];
}

// All of n differences on one side: 2 of 2^n flips are as extreme.
TEST(Check, PairsAreDecidedBySignFlips) {
  EXPECT_DOUBLE_EQ(decided(pairs_above("s", "q", counting(10))).p, 2.0 / 1024);
  EXPECT_EQ(decided(pairs_above("s", "q", counting(10))).answer(), Answer::kHolds);
  EXPECT_EQ(decided(pairs_below("s", "q", counting(10))).answer(), Answer::kFails);
  EXPECT_EQ(decided(pairs_above("s", "q", counting(10, -1))).answer(), Answer::kFails);
  EXPECT_DOUBLE_EQ(decided(pairs_above("s", "q", counting(5))).p, 2.0 / 32);
  EXPECT_EQ(decided(pairs_above("s", "q", counting(5))).answer(), Answer::kOpen);
  EXPECT_EQ(decided(pairs_above("s", "q", {.values = std::vector<double>(20, 0.0)})).answer(), Answer::kOpen);
}

// By the side of the bound alone: 9 of 10 gives 2 * 11 / 1024, and a tie speaks for the bound.
TEST(Check, RunsAreDecidedByTheSignTest) {
  BySeed runs = counting(10);
  EXPECT_NEAR(decided(runs_above("s", "q", runs, 1.5)).p, 2 * 11 / 1024.0, 1e-12);
  EXPECT_EQ(decided(runs_above("s", "q", runs, 1.5)).answer(), Answer::kHolds);
  EXPECT_EQ(decided(runs_below("s", "q", runs, 1.5)).answer(), Answer::kFails);
  EXPECT_NEAR(decided(runs_above("s", "q", runs, 1)).p, 2 * 11 / 1024.0, 1e-12);
  runs.values[0] = kInfinity;  // a run that diverged, upwards
  EXPECT_NEAR(decided(runs_above("s", "q", runs, 1.5)).p, 2 / 1024.0, 1e-12);
  EXPECT_EQ(decided(runs_above("s", "q", runs, 1.5)).interval.value, 6);  // the mean of the others
}

TEST(Check, FractionsAreDecidedAgainstOneHalf) {
  BySeed happened{.values = std::vector<double>(10, 1.0)};
  EXPECT_NEAR(decided(most_runs("s", "q", happened)).p, 2 / 1024.0, 1e-12);
  EXPECT_EQ(decided(few_runs("s", "q", happened)).answer(), Answer::kFails);
  EXPECT_NEAR(decided(most_runs("s", "q", happened)).interval.low, 0.7225, 5e-4);  // Wilson's
  happened.values = {1, 0, 1, 0, 1};
  EXPECT_EQ(decided(most_runs("s", "q", happened)).answer(), Answer::kOpen);
}

TEST(Check, HolmOverAllOfAnExperiment) {
  std::vector<Check> checks = {pairs_above("a", "q", counting(8)), pairs_above("b", "q", counting(10))};
  decide(checks);
  EXPECT_DOUBLE_EQ(checks[1].adjusted_p, 2 * 2 / 1024.0);
  EXPECT_DOUBLE_EQ(checks[0].adjusted_p, 2 / 256.0);
  for (int i = 0; i < 30; ++i) checks.push_back(pairs_above("nothing", "q", {.values = {1, -1}}));
  decide(checks);
  EXPECT_EQ(checks[0].answer(), Answer::kOpen);  // 31 * 2 / 256
  EXPECT_FALSE(can_decide(10, 32));
  EXPECT_TRUE(can_decide(10, 25));
  EXPECT_FALSE(can_decide(5, 1));
}

TEST(Check, WhatNoSeedMeasuredStaysOpen) {
  const Check none = decided(pairs_above("s", "q", {.values = {kNaN, kNaN}}));
  EXPECT_EQ(none.answer(), Answer::kOpen);
  EXPECT_EQ(none.number_text(), "s: q is – (of 2 seeds, 2 could not be measured and are left out)");
}

TEST(Check, SaysWhatDecidesItAndWhoIsMissing) {
  Check check = pairs_above("s", "q", counting(10));
  check.by_seed.values.push_back(kNaN);
  check.by_seed.diverged = 2;
  EXPECT_EQ(decided(check).text(),
            "s: q is 5.5 [3.7, 7.3] (of 11 seeds, 2 diverged and count as the worst, 1 could not be measured and is "
            "left out), claimed above 0; sign flips, paired by seed, over 10 seeds, p = 0.00195, adjusted 0.00195: "
            "holds");
}

TEST(Check, VerdictOfSeveral) {
  Check holds = pairs_above("s", "q", counting(10)), fails = holds, open = holds;
  holds.adjusted_p = fails.adjusted_p = kLevel;
  fails.above = false;
  open.adjusted_p = kLevel + 1e-9;
  EXPECT_EQ(verdict({holds, holds}), Verdict::kHolds);
  EXPECT_EQ(verdict({holds, open}), Verdict::kPart);
  EXPECT_EQ(verdict({holds, fails}), Verdict::kPart);
  EXPECT_EQ(verdict({fails, open}), Verdict::kFails);
  EXPECT_EQ(verdict({open, open}), Verdict::kUndecided);
}

// Wilson's intervals as published: 0 of 10 reaches to 0.278, 5 of 10 from 0.237 to 0.763.
TEST(Check, FractionOfRuns) {
  const stats::Interval none = fraction_interval(std::vector<double>(10, 0.0));
  EXPECT_EQ(none.value, 0);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.2775, 5e-4);
  const stats::Interval half = fraction_interval({1, 0, 1, 0, 1, 0, 1, 0, 1, 0, kNaN});
  EXPECT_NEAR(half.low, 0.2366, 5e-4);
  EXPECT_NEAR(half.high, 0.7634, 5e-4);
  EXPECT_EQ(test::error_of([] { fraction_interval({kNaN}); }),
            "fraction_interval: there is no run; it needs at least one");
}

// Two settings of three seeds; b's second diverged.
Results two_settings() {
  Results results;
  results.settings = {"a", "b"};
  for (const double v : {1.0, 2.0, 3.0}) {
    results.jobs["a"].push_back({.values = {{"v", v}, {"happened", 0}}, .curves = {{"c", {{1, 2}, {v, v}}}}});
    results.jobs["b"].push_back({.values = {{"v", 10 * v}, {"happened", 0}}, .curves = {{"c", {{1, 2}, {v, v}}}}});
  }
  results.jobs["b"][1].diverged = true;
  return results;
}

TEST(Outcomes, ARunThatDivergedIsTheWorstOfThoseItIsComparedWith) {
  const Results results = two_settings();
  EXPECT_EQ(difference(results, {"v"}, "b", "a").values, (std::vector<double>{9, 1 - 2, 27}));
  EXPECT_EQ(difference(results, {"v", Worst::kHighest}, "b", "a").values, (std::vector<double>{9, 30 - 2, 27}));
  EXPECT_EQ(difference(results, {"v"}, "b", "a").diverged, 1);
  EXPECT_EQ(runs(results, {"v"}, "b").values, (std::vector<double>{10, -kInfinity, 30}));
  EXPECT_EQ(runs(results, {"happened", Worst::kHappened}, "b").values, (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(runs(results, {"v"}, "a").diverged, 0);
}

// As where training was ended for it, and no end of the experiment: sign flips know finite numbers only.
TEST(Outcomes, AnInfiniteValueHasDiverged) {
  Results results = two_settings();
  results.jobs["b"][1].diverged = false;
  results.jobs["b"][1].values["v"] = kInfinity;
  EXPECT_EQ(difference(results, {"v", Worst::kHighest}, "b", "a").values, (std::vector<double>{9, 30 - 2, 27}));
  EXPECT_EQ(difference(results, {"v"}, "b", "a").diverged, 1);
  EXPECT_EQ(runs(results, {"v"}, "b").values, (std::vector<double>{10, -kInfinity, 30})) << "whatever its sign";
  EXPECT_EQ(runs(results, {"v"}, "b").diverged, 1);
  EXPECT_EQ(decided(pairs_above("s", "q", difference(results, {"v"}, "b", "a"))).answer(), Answer::kOpen);
}

TEST(Outcomes, PicturesAreOfTheOthers) {
  const Results results = two_settings();
  EXPECT_TRUE(std::isnan(results.values("b", "v")[1]));
  EXPECT_TRUE(std::isnan(results.curves("b", "c")[1].y[0]));
  EXPECT_EQ(results.curves("b", "c")[1].x, (std::vector<double>{1, 2}));
  EXPECT_EQ(results.diverged("b"), 1);
}

TEST(LabText, MeansOverSeeds) {
  EXPECT_EQ(mean_text({2, 2, 2}), "2");
  EXPECT_EQ(mean_text({2, 2, kNaN}), "2 (2 of 3)");
  EXPECT_EQ(plain_mean({2, 3, kNaN}), "2.5");
  EXPECT_EQ(plain_mean({-9e-6, -9e-6}), "almost 0");
  EXPECT_EQ(plain_mean({0, 0}), "0");
  EXPECT_EQ(plain_mean({2, kNaN}), "–");
  EXPECT_EQ(mean_text({2, kNaN}), "– (1 of 2)");
  EXPECT_EQ(interval_text({1234.56, 1000, 2000}), "1,235 [1,000, 2,000]");
}

}  // namespace
}  // namespace deepq::lab
