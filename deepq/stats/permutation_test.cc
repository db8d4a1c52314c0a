#include "deepq/stats/permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "deepq/core/finite.h"
#include "deepq/core/random.h"
#include "tests/test_support.h"

namespace deepq::stats {
namespace {

using test::error_of;

constexpr Sides kAllSides[] = {Sides::kTwo, Sides::kGreater, Sides::kLess};

const std::vector<double> kX{31, 12.5, 44, 27, 40}, kY{11, 27, 9.5, 18, 12.5, 20};
const std::vector<double> kDifferences{3, -1, 2.5, 4, 0, 6, -2};

// Golden values: tools/golden/permutation.py, SciPy 1.17.1.
TEST(PermutationTest, EqualsScipyOfMeans) {
  const double counts[] = {22, 11, 455};
  for (size_t i = 0; i < 3; ++i) {
    const TestResult result = permutation_test(kX, kY, {.sides = kAllSides[i]});
    EXPECT_NEAR(result.statistic, 14.5666666666667, 1e-12);
    EXPECT_DOUBLE_EQ(result.p, counts[i] / 462) << i;
    EXPECT_TRUE(result.exact);
    EXPECT_DOUBLE_EQ(result.least_p, (i == 0 ? 2.0 : 1.0) / 462);
  }
}

TEST(PermutationTest, EqualsAllArrangementsOfTheIqm) {
  const TestResult result = permutation_test({kX}, {kY}, iqm);
  EXPECT_NEAR(result.statistic, 17.2916666666667, 1e-12);
  EXPECT_DOUBLE_EQ(result.p, 0.0476190476190476);
  EXPECT_DOUBLE_EQ(permutation_test({kX}, {kY}, iqm, {.sides = Sides::kLess}).p, 0.984848484848485);
}

TEST(PermutationTest, RunsStayWithinTheirTask) {
  const Scores x{{5, 1, 4}, {30, 50}}, y{{2, 0, 1}, {20, 30, 10}};
  const TestResult result = permutation_test(x, y, mean);
  EXPECT_NEAR(result.statistic, 11.1666666666667, 1e-12);
  EXPECT_DOUBLE_EQ(result.p, 2 * 6 / 200.0);
  EXPECT_DOUBLE_EQ(result.least_p, 2 / 200.0);
  EXPECT_DOUBLE_EQ(permutation_test(x, y, mean, {.sides = Sides::kLess}).p, 198 / 200.0);
}

// The IQM sees neither the highest of the lower group nor the lowest of the higher one: their exchange ties.
TEST(PermutationTest, TiesOfATrimmedMeanAreToldApart) {
  const TestResult result = permutation_test({{1, 2, 3, 4}}, {{5, 6, 7, 8}}, iqm);
  EXPECT_EQ(result.statistic, -4);
  EXPECT_DOUBLE_EQ(result.p, 2 / 70.0);
  EXPECT_DOUBLE_EQ(result.p, result.least_p);
}

TEST(PermutationTest, ThreeAgainstThreeCannotDecide) {
  EXPECT_DOUBLE_EQ(permutation_test({1, 2, 3}, {1e9, 2e9, 3e9}).p, 0.1);
  const size_t three[] = {3}, four[] = {4}, twenty[] = {20}, both[] = {3, 3};
  EXPECT_DOUBLE_EQ(least_permutation_p(three, three), 0.1);
  EXPECT_DOUBLE_EQ(least_permutation_p(three, three, {.sides = Sides::kLess}), 0.05);
  EXPECT_DOUBLE_EQ(least_permutation_p(four, four), 2 / 70.0);
  EXPECT_DOUBLE_EQ(least_permutation_p(both, both), 2 / 400.0);
  EXPECT_DOUBLE_EQ(least_permutation_p(twenty, twenty), 2 / 10001.0);
}

// Equal up to rounding is equal: 0.1 + 0.2 is not 0.3 in the last bit.
TEST(PermutationTest, EqualStatisticsCountAsEqual) {
  EXPECT_EQ(permutation_test({0.1, 0.2, 0.3}, {0.3, 0.2, 0.1}).p, 1);
  EXPECT_EQ(permutation_test({5, 5, 5, 5}, {5, 5, 5, 5}).p, 1);
  const double close = 1e9 + 1e-6;  // below what sums of 1e9 resolve
  EXPECT_EQ(permutation_test({1e9, 1e9, 1e9, 1e9}, {close, close, close, close}).p, 1);
  EXPECT_EQ(paired_test({0.1, 0.2, -0.3}).p, 1);
}

TEST(PermutationTest, DrawsAreNearAllArrangementsAndSeeded) {
  Random random(1);
  std::vector<double> x(10), y(10);
  for (double& value : x) value = random.normal() + 0.9;
  for (double& value : y) value = random.normal();
  const TestResult drawn = permutation_test(x, y), again = permutation_test(x, y);
  EXPECT_FALSE(drawn.exact);
  EXPECT_EQ(drawn.p, again.p);
  const TestResult more = permutation_test(x, y, {.draws = 50000, .seed = 1});
  EXPECT_NE(drawn.p, more.p);
  EXPECT_NEAR(drawn.p, more.p, 0.01);
  EXPECT_GT(drawn.p, 0.001);
}

TEST(PermutationTest, ADrawnPValueIsNeverZero) {
  std::vector<double> low(12, 0), high(12, 1);
  EXPECT_DOUBLE_EQ(permutation_test(low, high, {.draws = 99}).p, 2 / 100.0);
  EXPECT_DOUBLE_EQ(paired_test(std::vector<double>(20, 1.0), {.draws = 99}).p, 2 / 100.0);
}

// Under the null hypothesis p <= level in at most that fraction of all experiments.
TEST(PermutationTest, HoldsItsLevel) {
  Random random(2);
  int of_two = 0, of_pairs = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    std::vector<double> x(5), y(4), differences(8);
    for (double& value : x) value = std::exp(random.normal());
    for (double& value : y) value = std::exp(random.normal());
    for (double& value : differences) value = random.normal() * random.normal();
    of_two += permutation_test({x}, {y}, iqm).p <= 0.05;
    of_pairs += paired_test(differences).p <= 0.05;
  }
  EXPECT_LE(of_two, 50 + 21) << "3 standard deviations";
  EXPECT_LE(of_pairs, 50 + 21);
  EXPECT_GE(of_two, 20) << "and it does decide";
  EXPECT_GE(of_pairs, 20);
}

TEST(PairedTest, EqualsScipy) {
  const double counts[] = {24, 12, 120};
  for (size_t i = 0; i < 3; ++i) {
    const TestResult result = paired_test(kDifferences, {.sides = kAllSides[i]});
    EXPECT_NEAR(result.statistic, 1.78571428571429, 1e-12);
    EXPECT_DOUBLE_EQ(result.p, counts[i] / 128) << i;
    EXPECT_DOUBLE_EQ(result.least_p, (i == 0 ? 2.0 : 1.0) / 128);
    EXPECT_TRUE(result.exact);
  }
}

TEST(PairedTest, ExactUpToFourteenPairs) {
  EXPECT_TRUE(paired_test(std::vector<double>(14, 1.0)).exact);
  EXPECT_DOUBLE_EQ(paired_test(std::vector<double>(14, 1.0)).p, 2 / 16384.0);
  EXPECT_FALSE(paired_test(std::vector<double>(15, 1.0)).exact);
  EXPECT_DOUBLE_EQ(least_paired_p(5), 2 / 32.0);
  EXPECT_DOUBLE_EQ(least_paired_p(6), 2 / 64.0);
  EXPECT_DOUBLE_EQ(least_paired_p(2000), 2 / 10001.0);
}

TEST(BinomialTest, EqualsScipy) {
  EXPECT_NEAR(binomial_test(9, 10, 0.5, Sides::kLess), 0.9990234375, 1e-12);
  EXPECT_NEAR(binomial_test(9, 10, 0.5, Sides::kGreater), 0.0107421875, 1e-12);
  EXPECT_NEAR(binomial_test(9, 10, 0.5), 2 * 0.0107421875, 1e-12);
  EXPECT_NEAR(binomial_test(3, 17, 0.4, Sides::kLess), 0.0464229308105, 1e-12);
  EXPECT_NEAR(binomial_test(3, 17, 0.4, Sides::kGreater), 0.987681153404, 1e-12);
  EXPECT_NEAR(binomial_test(0, 5, 0.1, Sides::kLess), 0.59049, 1e-12);
  EXPECT_NEAR(binomial_test(0, 5, 0.1, Sides::kGreater), 1, 1e-12);
  EXPECT_NEAR(binomial_test(900, 1000, 0.88, Sides::kGreater), 0.0266405331619, 1e-11);
  EXPECT_NEAR(binomial_test(900, 1000, 0.88, Sides::kLess), 0.979083391692, 1e-11);
}

TEST(SignTest, WhatEqualsTheBoundSpeaksForTheNullHypothesis) {
  const std::vector<double> values{1, 2, 3, 4, 5};
  EXPECT_NEAR(sign_test(values, 0, Sides::kGreater), 1 / 32.0, 1e-12);
  EXPECT_NEAR(sign_test(values, 1, Sides::kGreater), 6 / 32.0, 1e-12);
  EXPECT_NEAR(sign_test(values, 0), 2 / 32.0, 1e-12);
  EXPECT_NEAR(sign_test(values, 6, Sides::kLess), 1 / 32.0, 1e-12);
  EXPECT_NEAR(sign_test(values, 0, Sides::kLess), 1, 1e-12);
  EXPECT_NEAR(sign_test(std::vector<double>(10, 3.0), 3), 1, 1e-12);
}

TEST(Holm, AdjustsAFamily) {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.005, 0.2}, expected{0.04, 0.09, 0.09, 0.025, 0.2};
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < p.size(); ++i) EXPECT_DOUBLE_EQ(adjusted[i], expected[i]) << i;
  EXPECT_EQ(holm(std::vector{0.5, 0.9}), (std::vector{1.0, 1.0}));
  EXPECT_EQ(holm(std::vector{0.03}), std::vector{0.03});
  EXPECT_TRUE(holm({}).empty());
}

TEST(PermutationTest, RefusesWhatIsNoTest) {
  const double nan = kNaN;
  EXPECT_NE(error_of([] { permutation_test({{1}}, {{1}, {2}}, mean); }).find("must have the same"), std::string::npos);
  EXPECT_NE(error_of([&] { permutation_test({nan}, {1}); }).find("finite"), std::string::npos);
  EXPECT_NE(error_of([] { permutation_test({1}, std::vector<double>{}); }).find("no run"), std::string::npos);
  EXPECT_NE(error_of([] { permutation_test({1}, {2}, {.draws = 0}); }).find("draws is 0"), std::string::npos);
  EXPECT_NE(error_of([] { paired_test({}); }).find("no value"), std::string::npos);
  EXPECT_NE(error_of([&] { paired_test({nan}); }).find("finite"), std::string::npos);
  EXPECT_NE(error_of([&] { sign_test(std::vector{nan}, 0); }).find("finite"), std::string::npos);
  EXPECT_NE(error_of([] { binomial_test(3, 2, 0.5); }).find("3 successes of 2"), std::string::npos);
  EXPECT_NE(error_of([] { binomial_test(0, 0, 0.5); }).find("no trial"), std::string::npos);
  EXPECT_NE(error_of([] { binomial_test(1, 2, 1); }).find("between 0 and 1"), std::string::npos);
  EXPECT_NE(error_of([] { holm(std::vector{1.5}); }).find("1.5"), std::string::npos);
}

}  // namespace
}  // namespace deepq::stats
