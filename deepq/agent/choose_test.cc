#include "deepq/agent/choose.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace deepq {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The bits of some actions.
std::vector<uint64_t> mask_of(const std::vector<size_t>& actions, size_t count) {
  std::vector<uint64_t> words((count + LegalActions::kWordBits - 1) / LegalActions::kWordBits);
  for (const size_t a : actions) words[a / LegalActions::kWordBits] |= uint64_t{1} << (a % LegalActions::kWordBits);
  return words;
}

TEST(GreedyAction, IsTheFirstOfTheLargest) {
  EXPECT_EQ(greedy_action(std::array<float, 4>{1, 3, 3, 2}), 1);
  const std::array<double, 3> table{999'999'995, 999'999'996, 999'999'994};  // one and the same float
  EXPECT_EQ(greedy_action(table), 1);
  EXPECT_EQ(largest_value(table), 999'999'996);
  EXPECT_EQ(largest_value(std::array<float, 3>{-kInfinity, -5, -7}), -5);
}

TEST(GreedyAction, TakesTheBestOfTheLegal) {
  std::vector<float> q(130);
  std::iota(q.begin(), q.end(), 0.0f);
  const std::vector<uint64_t> words = mask_of({2, 64, 65, 127}, q.size());
  EXPECT_EQ(greedy_action(q, LegalActions(words)), 127);
  EXPECT_EQ(largest_value(q, LegalActions(words)), 127);
  q[127] = q[65] = -1;
  EXPECT_EQ(greedy_action(q, LegalActions(words)), 64);
  q[2] = 64;  // the first of equal ones
  EXPECT_EQ(greedy_action(q, LegalActions(words)), 2);
  std::fill(q.begin(), q.end(), -kInfinity);  // nothing is above -inf
  EXPECT_EQ(greedy_action(q, LegalActions(words)), 2);
}

TEST(LegalActions, AllOfThemInBitsIsNoMask) {
  std::vector<size_t> every(70);
  std::iota(every.begin(), every.end(), size_t{0});
  const std::vector<uint64_t> words = mask_of(every, every.size());
  Random values(3), random(4), masked(4);
  for (int i = 0; i < 200; ++i) {
    std::vector<float> q(every.size());
    for (float& value : q) value = static_cast<float>(values.below(20));
    const std::vector<double> doubles(q.begin(), q.end());
    EXPECT_EQ(epsilon_greedy_action(q, 0.5, random), epsilon_greedy_action(q, 0.5, masked, LegalActions(words)));
    EXPECT_EQ(epsilon_greedy_value(doubles, 0.3), epsilon_greedy_value(doubles, 0.3, LegalActions(words)));
  }
  EXPECT_EQ(random.below(1u << 30), masked.below(1u << 30));  // as many draws
}

TEST(EpsilonGreedy, DrawsNothingWithoutEpsilon) {
  Random random(1), untouched(1);
  EXPECT_EQ(epsilon_greedy_action(std::array<float, 3>{0, 1, 2}, 0.0, random), 2);
  EXPECT_EQ(epsilon_greedy_action(std::array<double, 3>{0, 1, 2}, 0.0, random), 2);
  EXPECT_EQ(random.uniform(), untouched.uniform());
}

// Five standard deviations of a fraction of so many draws.
double tolerance(int draws, double fraction) { return 5 * std::sqrt(draws * fraction * (1 - fraction)); }

TEST(EpsilonGreedy, ExploresAsOftenAsItSays) {
  Random random(2);
  constexpr int kDraws = 100'000;
  std::array<int, 4> counts{};
  for (int i = 0; i < kDraws; ++i)
    ++counts[static_cast<size_t>(epsilon_greedy_action(std::array<float, 4>{0, 9, 1, 2}, 0.2, random))];
  // The greedy action: 1 - epsilon + epsilon / 4; each other: epsilon / 4.
  EXPECT_NEAR(counts[1], 0.85 * kDraws, tolerance(kDraws, 0.85));
  for (const size_t other : {0, 2, 3}) EXPECT_NEAR(counts[other], 0.05 * kDraws, tolerance(kDraws, 0.05));
}

TEST(EpsilonGreedy, ExploresTheLegalAlikeAndNoOther) {
  Random random(5);
  constexpr int kDraws = 100'000;
  const std::vector<uint64_t> words = mask_of({1, 3, 66}, 70);
  std::vector<float> q(70, 1.0f);
  q[66] = 0, q[0] = 9;
  std::vector<int> counts(70);
  for (int i = 0; i < kDraws; ++i)
    ++counts[static_cast<size_t>(epsilon_greedy_action(q, 0.3, random, LegalActions(words)))];
  EXPECT_NEAR(counts[1], 0.8 * kDraws, tolerance(kDraws, 0.8));  // greedy, the first of equal ones
  EXPECT_NEAR(counts[3], 0.1 * kDraws, tolerance(kDraws, 0.1));
  EXPECT_NEAR(counts[66], 0.1 * kDraws, tolerance(kDraws, 0.1));
  EXPECT_EQ(counts[1] + counts[3] + counts[66], kDraws);
}

TEST(OnSeveralAxes, TheBestOfEachIsTaken) {
  const ActionSpace actions({2, 3});
  const std::array<double, 5> q{1, 2, 5, 3, 4};
  EXPECT_EQ(greedy_action(q, actions, {}), 3 * 1 + 0);
  const auto words = mask_of({0, 3, 4}, 5);
  EXPECT_EQ(greedy_action(q, actions, LegalActions(words)), 3 * 0 + 2);
}

// With probability epsilon all axes explore, each by itself.
TEST(OnSeveralAxes, AllOfThemExploreTogether) {
  const ActionSpace actions({2, 3});
  const std::array<double, 5> q{1, 2, 5, 3, 4};
  const auto words = mask_of({0, 1, 2, 4}, 5);
  Random random(3);
  std::array<int, 6> taken{}, legally{};
  constexpr int kDraws = 60'000;
  for (int i = 0; i < kDraws; ++i) {
    ++taken[static_cast<size_t>(epsilon_greedy_action(q, actions, 0.6, random, {}))];
    ++legally[static_cast<size_t>(epsilon_greedy_action(q, actions, 0.6, random, LegalActions(words)))];
  }
  for (size_t action = 0; action < 6; ++action) {
    const bool is_legal = action % 3 != 1, is_best = action == 3;
    EXPECT_NEAR(taken[action], kDraws * (0.1 + (is_best ? 0.4 : 0)), 500) << action;
    EXPECT_NEAR(legally[action], kDraws * ((is_legal ? 0.15 : 0) + (is_best ? 0.4 : 0)), is_legal ? 500 : 0) << action;
  }
}

TEST(EpsilonGreedyValue, IsThePolicysExpectation) {
  const std::array<double, 4> q{1, 5, -2, 0};
  EXPECT_DOUBLE_EQ(epsilon_greedy_value(q, 0), 5);
  EXPECT_DOUBLE_EQ(epsilon_greedy_value(q, 0.4), 0.6 * 5 + 0.4 * 1);
  EXPECT_DOUBLE_EQ(epsilon_greedy_value(q, 1), 1);
  const std::vector<uint64_t> words = mask_of({0, 2}, q.size());
  EXPECT_DOUBLE_EQ(epsilon_greedy_value(q, 0.4, LegalActions(words)), 0.6 * 1 + 0.4 * -0.5);
}

TEST(SoftmaxPolicy, IsTheSoftmaxAndItsLogarithm) {
  const std::array<float, 3> q{0.01f, -0.02f, 0.05f};
  constexpr float kTemperature = 0.03f;
  std::array<NextAction, 3> policy{};
  softmax_policy(q, kTemperature, policy);
  double sum = 0;
  for (const float value : q) sum += std::exp(double{value} / kTemperature);
  for (size_t a = 0; a < q.size(); ++a) {
    const double expected = std::exp(double{q[a]} / kTemperature) / sum;
    EXPECT_EQ(policy[a].action, static_cast<int64_t>(a));
    EXPECT_NEAR(policy[a].probability, expected, 1e-6);
    EXPECT_NEAR(policy[a].bonus, -kTemperature * std::log(expected), 1e-7);
  }
}

TEST(SoftmaxPolicy, HasNothingForTheIllegal) {
  const std::array<float, 4> q{1000, 1, kInfinity, 1};  // what is illegal may be anything
  const std::vector<uint64_t> words = mask_of({1, 3}, q.size());
  std::array<NextAction, 4> policy{};
  softmax_policy(q, 0.5f, policy, LegalActions(words));
  for (const size_t illegal : {0, 2}) {
    EXPECT_EQ(policy[illegal].probability, 0);
    EXPECT_EQ(policy[illegal].bonus, 0);
  }
  for (const size_t legal : {1, 3}) {
    EXPECT_FLOAT_EQ(policy[legal].probability, 0.5f);
    EXPECT_FLOAT_EQ(policy[legal].bonus, 0.5f * std::log(2.0f));
  }
}

}  // namespace
}  // namespace deepq
