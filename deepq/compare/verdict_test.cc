#include "deepq/compare/verdict.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "deepq/compare/made_up_groups.h"
#include "deepq/stats/permutation.h"

namespace deepq::compare {
namespace {

using Values = std::vector<double>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Comparison compare(const std::vector<Values>& groups) {
  std::vector<Group> made;
  for (size_t i = 0; i < groups.size(); ++i) {
    made.push_back(group_of(std::string(1, static_cast<char>('A' + i)), "t", groups[i]));
  }
  return compare_groups(made, {.bootstrap = {.resamples = 100}});
}

std::vector<std::string> verdicts(const Comparison& comparison) {
  std::vector<std::string> texts;
  for (const PairResult& pair : comparison.pairs) texts.push_back(verdict_of(comparison, pair));
  return texts;
}

TEST(Verdict, ThreeAgainstThreeCannotDecide) {
  const Comparison comparison = compare({{1, 2, 3}, {1001, 1002, 1003}});
  EXPECT_DOUBLE_EQ(comparison.pairs[0].p, 0.1);
  EXPECT_FALSE(comparison.pairs[0].decided());
  EXPECT_FALSE(comparison.pairs[0].can_be_decided());
  EXPECT_LT(comparison.pairs[0].iqm_difference.high, 0) << "the interval alone would decide";
  EXPECT_EQ(verdicts(comparison)[0],
            "A and B cannot be told apart by these 3 and 3 runs at 5%: it takes at least 4 and 4 (permutation test, p "
            "= 0.1)");
}

TEST(Verdict, FourAgainstFourCanDecideOnePair) {
  const Comparison apart = compare({{1, 2, 3, 4}, {11, 12, 13, 14}});
  EXPECT_DOUBLE_EQ(apart.pairs[0].p, 2 / 70.0);
  EXPECT_TRUE(apart.pairs[0].decided());
  EXPECT_EQ(verdicts(apart)[0], "B is better than A: its IQM is higher by 10 (permutation test, p = 0.0286)");
  EXPECT_EQ(verdicts(compare({{11, 12, 13, 14}, {1, 2, 3, 4}}))[0],
            "A is better than B: its IQM is higher by 10 (permutation test, p = 0.0286)");
  const Comparison mixed = compare({{1, 2, 3, 14}, {4, 12, 13, 11}});
  EXPECT_FALSE(mixed.pairs[0].decided());
  EXPECT_TRUE(has(verdicts(mixed)[0],
                  "A and B are not told apart by these 4 and 4 runs at 5%: the IQM of B is higher by 9 (permutation "
                  "test, p = 0."))
      << verdicts(mixed)[0];
  EXPECT_TRUE(has(verdicts(compare({{1, 2, 3, 4}, {1, 2, 3, 4}}))[0],
                  "A and B are not told apart by these 4 and 4 runs at 5%: their IQM is the same ("));
}

TEST(Verdict, TheFamilyIsAllPairs) {
  const Comparison four = compare({{1, 2, 3, 4}, {11, 12, 13, 14}, {21, 22, 23, 24}});
  EXPECT_DOUBLE_EQ(four.pairs[0].adjusted_p, 3 * 2 / 70.0);
  EXPECT_EQ(
      verdicts(four)[0],
      "A and B cannot be told apart by these 4 and 4 runs at 5%: it takes at least 5 and 5 (permutation test, p = "
      "0.0286; 0.0857 as one of 3 pairs)");
  const Comparison five = compare({{1, 2, 3, 4, 5}, {11, 12, 13, 14, 15}, {2, 3, 4, 5, 6}});
  EXPECT_TRUE(five.pairs[0].decided() && five.pairs[2].decided());
  EXPECT_FALSE(five.pairs[1].decided());
  EXPECT_TRUE(five.pairs[1].can_be_decided());
  const Values adjusted = stats::holm(Values{five.pairs[0].p, five.pairs[1].p, five.pairs[2].p});
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(five.pairs[i].adjusted_p, adjusted[i]);
}

TEST(Verdict, TasksAreStrata) {
  const Group a{"A", {{"s", evaluated({1, 2, 3})}, {"t", evaluated({1, 2, 3})}}};
  const Group b{"B", {{"s", evaluated({11, 12, 13})}, {"t", evaluated({11, 12, 13})}}};
  const Comparison comparison = compare_groups({a, b}, {.bootstrap = {.resamples = 100}});
  EXPECT_DOUBLE_EQ(comparison.pairs[0].p, 2 / 400.0) << "20 arrangements of each task";
  const Group c{"C", {{"s", evaluated({1, 2})}, {"t", evaluated({1, 2})}}};
  const Group d{"D", {{"s", evaluated({11, 12})}, {"t", evaluated({11, 12})}}};
  EXPECT_EQ(
      verdicts(compare_groups({c, d}, {.bootstrap = {.resamples = 100}}))[0],
      "C and D cannot be told apart by these 2 and 2 runs of each task at 5%: it takes at least 3 and 3 (permutation "
      "test, p = 0.0556)");
}

// The slow test's little sister (tests/error_rates_test.cc): four equal groups, six pairs, one verdict as a whole.
TEST(Verdict, EqualGroupsAreSeldomSaidToDiffer) {
  Random random(1);
  int wrong = 0, by_intervals = 0;
  for (int i = 0; i < 150; ++i) {
    const Comparison comparison = compare_groups(equal_groups({5, 5, 5, 5}, 1, Law::kLognormal, random),
                                                 {.bootstrap = {.resamples = 100}, .permutation_draws = 999});
    const auto any = [&](const auto& said) {
      return std::any_of(comparison.pairs.begin(), comparison.pairs.end(), said);
    };
    wrong += any([](const PairResult& pair) { return pair.decided(); });
    by_intervals +=
        any([](const PairResult& pair) { return pair.iqm_difference.low > 0 || pair.iqm_difference.high < 0; });
  }
  EXPECT_LE(wrong, 150 * 0.05 + 3 * std::sqrt(150 * 0.05 * 0.95));
  EXPECT_GE(by_intervals, 150 * 0.1) << "what intervals would have said";
}

TEST(Verdict, StandsInJsonAndOnThePage) {
  const Comparison few = compare({{1, 2, 3}, {11, 12, 13}}), many = compare({{1, 2, 3, 4, 5}, {11, 12, 13, 14, 15}});
  const auto json = nlohmann::json::parse(to_json(few)), enough = nlohmann::json::parse(to_json(many));
  const auto& pair = json.at("pairs").at(0);
  EXPECT_EQ(pair.at("p"), 0.1);
  EXPECT_EQ(pair.at("adjusted_p"), 0.1);
  EXPECT_EQ(pair.at("decided"), false);
  EXPECT_EQ(pair.at("can_be_decided"), false);
  EXPECT_EQ(pair.at("verdict"), verdicts(few)[0]);
  EXPECT_EQ(enough.at("pairs").at(0).at("decided"), true);
  EXPECT_EQ(json.at("level"), 0.05);
  EXPECT_TRUE(has(comparison_page(few), verdicts(few)[0]));
  // Few runs' intervals are not called 95%, anywhere.
  EXPECT_EQ(json.at("interval"), "bootstrap interval, too few runs for a 95% claim");
  EXPECT_EQ(json.at("groups").at(0).at("enough_runs"), false);
  EXPECT_EQ(enough.at("interval"), "95% bootstrap interval");
  EXPECT_EQ(enough.at("groups").at(0).at("enough_runs"), true);
  EXPECT_FALSE(has(comparison_page(few), "95% bootstrap"));
  EXPECT_TRUE(has(comparison_page(few), "too few runs for a 95% claim"));
  EXPECT_TRUE(has(comparison_page(many), "line and brackets: 95% bootstrap interval"));
}

}  // namespace
}  // namespace deepq::compare
