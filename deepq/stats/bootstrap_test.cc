#include "deepq/stats/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "deepq/core/finite.h"
#include "tests/test_support.h"

namespace deepq::stats {
namespace {

using test::error_of;

std::vector<double> normal_values(Random& random, size_t count, double shift = 0) {
  std::vector<double> values(count);
  for (double& value : values) value = shift + random.normal();
  return values;
}

void expect_equal(const Interval& a, const Interval& b) {
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

TEST(Resampler, KeepsTheSizesOfTasksAndDrawsEveryRun) {
  Resampler resampler({3, 1, 10}, 0);
  std::vector<size_t> draws(10);
  for (int i = 0; i < 1000; ++i) {
    const auto& draw = resampler.next();
    ASSERT_EQ(draw.size(), 3u);
    ASSERT_EQ(draw[0].size(), 3u);
    ASSERT_EQ(draw[1], std::vector<size_t>{0});
    ASSERT_EQ(draw[2].size(), 10u);
    for (const size_t run : draw[0]) ASSERT_LT(run, 3u);
    for (const size_t run : draw[2]) ++draws.at(run);
  }
  for (const size_t count : draws) EXPECT_NEAR(static_cast<double>(count), 1000, 150) << "5 standard deviations";
}

// Runs are drawn within their task only: the statistic never sees a run of one task in another.
TEST(Bootstrap, IsStratified) {
  const Scores scores{{0, 1, 2}, {10, 11}, {20, 21, 22, 23}};
  std::set<double> seen;
  const auto check = [&](const Scores& drawn) {
    EXPECT_EQ(drawn.size(), 3u);
    for (size_t task = 0; task < 3; ++task) {
      EXPECT_EQ(drawn[task].size(), scores[task].size());
      for (const double score : drawn[task]) {
        EXPECT_EQ(std::floor(score / 10), static_cast<double>(task));
        seen.insert(score);
      }
    }
    return mean(drawn);
  };
  bootstrap(scores, check, {.resamples = 100});
  EXPECT_EQ(seen.size(), 9u);
}

TEST(Bootstrap, SameSeedSameInterval) {
  Random random(1);
  const std::vector<double> values = normal_values(random, 10);
  expect_equal(iqm_interval(values), iqm_interval(values, {.seed = 0}));
  const Interval other = iqm_interval(values, {.seed = 1});
  EXPECT_EQ(other.value, iqm_interval(values).value);
  EXPECT_NE(other.low, iqm_interval(values).low);
  EXPECT_NEAR(other.low, iqm_interval(values).low, 0.15) << "only the draws differ";
}

// All 3^3 resamples of three runs are equally likely, so the percentiles are known: of the sums 0 ... 6 the chances are
// 1, 3, 6, 7, 6, 3, 1 of 27.
TEST(Bootstrap, PercentilesOfAKnownDistribution) {
  const std::vector<double> values{0, 1, 2};
  const Interval outer = mean_interval(values, {.resamples = 20000});
  EXPECT_EQ(outer.value, 1.0);
  EXPECT_DOUBLE_EQ(outer.low, 0.0) << "1/27 is above 2.5%";
  EXPECT_DOUBLE_EQ(outer.high, 2.0);
  const Interval middle = mean_interval(values, {.resamples = 20000, .confidence = 0.8});
  EXPECT_DOUBLE_EQ(middle.low, 1 / 3.0) << "1/27 is below 10%, 4/27 above";
  EXPECT_DOUBLE_EQ(middle.high, 5 / 3.0);
}

// numpy.percentile([0, 1], [2.5, 97.5]) is [0.025, 0.975].
TEST(Bootstrap, PercentilesAreInterpolated) {
  double next = 0;  // the scores themselves first, then the two resamples
  const auto in_turn = [&](const Scores&) { return next++ - 1; };
  const Interval interval = bootstrap({{5, 5}}, in_turn, {.resamples = 2});
  EXPECT_EQ(interval.value, -1);
  EXPECT_NEAR(interval.low, 0.025, 1e-12);
  EXPECT_NEAR(interval.high, 0.975, 1e-12);
}

TEST(Bootstrap, CoversTheTruthAbout95PercentOfTheTime) {
  Random random(2);
  int covered = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const Interval interval = mean_interval(normal_values(random, 30), {.resamples = 400});
    covered += interval.low <= 0 && 0 <= interval.high;
  }
  EXPECT_GE(covered, 300 * 0.89);  // the percentile bootstrap of 30 runs is known to cover a little less than 95%
  EXPECT_LE(covered, 300 * 0.98);
}

TEST(Bootstrap, ShrinksWithTheSquareRootOfTheRuns) {
  Random random(3);
  const Interval few = mean_interval(normal_values(random, 25)), many = mean_interval(normal_values(random, 400));
  EXPECT_NEAR((few.high - few.low) / (many.high - many.low), 4, 1);
  EXPECT_NEAR(many.high - many.low, 2 * 1.96 / 20, 0.03);
}

TEST(Bootstrap, EqualRunsHaveNoWidth) { expect_equal(iqm_interval({500, 500, 500}), {500, 500, 500}); }

TEST(Bootstrap, DifferenceOfGroups) {
  Random random(6);
  const std::vector<double> x = normal_values(random, 20, 3), y = normal_values(random, 10),
                            z = normal_values(random, 15);
  const Interval apart = difference_interval(x, y), near = difference_interval(y, z);
  EXPECT_DOUBLE_EQ(apart.value, mean({x}) - mean({y}));
  EXPECT_GT(apart.low, 0);
  EXPECT_LT(near.low, 0);
  EXPECT_GT(near.high, 0);
  // The variances add up.
  const Interval of_x = mean_interval(x), of_y = mean_interval(y);
  EXPECT_NEAR(apart.high - apart.low, std::hypot(of_x.high - of_x.low, of_y.high - of_y.low), 0.1);
  const Interval of_iqm = bootstrap_difference({x}, {y}, iqm);
  EXPECT_DOUBLE_EQ(of_iqm.value, iqm({x}) - iqm({y}));
}

// A group against itself: were both resampled by the same draws, the difference would always be 0.
TEST(Bootstrap, GroupsAreResampledEachByItself) {
  const std::vector<double> x{1, 2, 3, 4};
  const Interval interval = difference_interval(x, x);
  EXPECT_EQ(interval.value, 0);
  EXPECT_LT(interval.low, -0.5);
  EXPECT_GT(interval.high, 0.5);
  const Interval improvement = bootstrap({x}, {x}, probability_of_improvement);
  EXPECT_EQ(improvement.value, 0.5);
  EXPECT_LT(improvement.low, 0.3);
  EXPECT_GT(improvement.high, 0.7);
}

TEST(Bootstrap, EachOfSeveralStatistics) {
  const Scores scores{{1, 2, 3, 4}, {2, 3, 4, 9}};
  const std::vector<double> taus{0, 2.5, 10};
  const auto profile = bootstrap_each(scores, [&](const Scores& drawn) { return performance_profile(drawn, taus); });
  ASSERT_EQ(profile.size(), 3u);
  expect_equal(profile[0], {1, 1, 1});
  EXPECT_EQ(profile[1].value, 0.625);
  EXPECT_LT(profile[1].low, 0.5);
  EXPECT_GT(profile[1].high, 0.75);
  expect_equal(profile[2], {0, 0, 0});
}

TEST(EfficiencyCurve, IsTheIqmAtEachPoint) {
  Random random(7);
  Curves curves(2);
  for (size_t task = 0; task < 2; ++task)
    for (size_t run = 0; run < 8 - task; ++run) curves[task].push_back(normal_values(random, 3));
  const std::vector<Interval> points = efficiency_curve(curves);
  ASSERT_EQ(points.size(), 3u);
  for (size_t point = 0; point < 3; ++point) {
    Scores scores(2);
    for (size_t task = 0; task < 2; ++task)
      for (const auto& run : curves[task]) scores[task].push_back(run[point]);
    EXPECT_EQ(points[point].value, iqm(scores));
    expect_equal(points[point], bootstrap(scores, iqm));  // the same draws at every point: whole runs
  }
}

TEST(EfficiencyCurve, IsUndefinedWhereARunHasNoValueYet) {
  const std::vector<Interval> points =
      efficiency_curve({{{kNaN, 1, 2}, {kNaN, kNaN, 4}, {5, 5, 6}}}, {.resamples = 10});
  ASSERT_EQ(points.size(), 3u);
  EXPECT_TRUE(std::isnan(points[0].value) && std::isnan(points[1].value));
  EXPECT_TRUE(std::isnan(points[1].low) && std::isnan(points[1].high));
  expect_equal(points[2], efficiency_curve({{{2}, {4}, {6}}}, {.resamples = 10})[0]);
  EXPECT_TRUE(std::isnan(efficiency_curve({{{kNaN}, {kNaN}}})[0].value));
}

TEST(MeanBootstrap, EqualsTheGeneralWay) {
  Random random(5);
  const std::vector<double> values = normal_values(random, 9);
  const Interval fast = MeanBootstrap(9)(values), general = mean_interval(values);
  EXPECT_NEAR(fast.value, general.value, 1e-12);
  EXPECT_NEAR(fast.low, general.low, 1e-12);
  EXPECT_NEAR(fast.high, general.high, 1e-12);
}

TEST(MeanBootstrap, LeavesOutWhatIsMissing) {
  const MeanBootstrap over_runs(4);
  const Interval interval = over_runs(std::vector{1.0, kNaN, 3.0, 2.0});
  EXPECT_DOUBLE_EQ(interval.value, 2);
  EXPECT_GE(interval.low, 1);
  EXPECT_LE(interval.high, 3);
  EXPECT_LT(interval.low, interval.high);
  EXPECT_TRUE(std::isnan(over_runs(std::vector{kNaN, kNaN, kNaN, kNaN}).low));
}

TEST(Bootstrap, AnIntervalOfFewRunsIsNotCalled95Percent) {
  EXPECT_EQ(interval_name(5), "95% bootstrap interval");
  EXPECT_EQ(interval_name(4), "bootstrap interval, too few runs for a 95% claim");
  EXPECT_EQ(interval_name(10, 0.9), "90% bootstrap interval");
}

TEST(Bootstrap, RefusesTooFewRuns) {
  EXPECT_EQ(error_of([] { mean_interval({1}); }),
            "an interval needs at least 2 runs of each task, better 5 or more; there is 1");
  EXPECT_NE(error_of([] { bootstrap({{1, 2}, {1}}, iqm); }).find("at least 2 runs"), std::string::npos);
  EXPECT_NE(error_of([] { difference_interval({1, 2}, {1}); }).find("at least 2 runs"), std::string::npos);
  EXPECT_NE(error_of([] { MeanBootstrap(1); }).find("at least 2 runs"), std::string::npos);
  EXPECT_NE(error_of([] { efficiency_curve({{{1, 2}}}); }).find("at least 2 runs"), std::string::npos);
  EXPECT_NE(error_of([] { mean_interval({}); }), "no error");
}

TEST(Bootstrap, RefusesWrongOptionsAndCurves) {
  EXPECT_EQ(error_of([] {
              mean_interval({1, 2}, {.resamples = 0});
            }),
            "bootstrap: resamples is 0; it must be at least 1");
  for (const double confidence : {0.0, 1.0, kNaN}) {
    EXPECT_NE(error_of([&] {
                mean_interval({1, 2}, {.confidence = confidence});
              }).find("between 0 and 1"),
              std::string::npos);
  }
  EXPECT_EQ(error_of([] {
              efficiency_curve({{{1, 2}, {1}}});
            }),
            "sample-efficiency curve: a run has 1 points, the first has 2; all must have the same");
  EXPECT_NE(error_of([] { efficiency_curve({}); }), "no error");
  EXPECT_NE(error_of([] { efficiency_curve({{{}, {}}}); }), "no error");
}

}  // namespace
}  // namespace deepq::stats
