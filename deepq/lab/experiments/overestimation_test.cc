#include <gtest/gtest.h>

#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/lab.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/probes/value_gap.h"
#include "tests/player.h"

namespace deepq::lab {
namespace {

TEST(ValueGap, OfAnEpisodeThatEndsEveryStateCounts) {
  const PlayedEpisode episode{.values = {10, 20, 30}, .rewards = {1, 2, 4}, .terminated = true};
  const ValueGap gap = value_gap({episode}, {.gamma = 0.5, .horizon = 100});
  EXPECT_EQ(gap.states, 3);
  EXPECT_DOUBLE_EQ(gap.estimated, 20);
  EXPECT_DOUBLE_EQ(gap.realized, ((1 + 1 + 1) + (2 + 2) + 4) / 3.0);
}

TEST(ValueGap, StatesNearTheCutAreLeftOut) {
  const PlayedEpisode episode{.values = {10, 20, 30, 40}, .rewards = {1, 2, 4, 8}};
  const ValueGap gap = value_gap({episode}, {.gamma = 0.5, .horizon = 3});
  EXPECT_EQ(gap.states, 2);  // followed by four and three steps
  EXPECT_DOUBLE_EQ(gap.estimated, 15);
  EXPECT_DOUBLE_EQ(gap.realized, ((1 + 1 + 1 + 1) + (2 + 2 + 2)) / 2.0);
  EXPECT_EQ(value_gap({episode}, {.gamma = 0.5, .horizon = 5}).states, 0);
  EXPECT_TRUE(std::isnan(value_gap({episode}, {.gamma = 0.5, .horizon = 5}).realized));
}

TEST(ValueGap, OnlyTheStepsAskedForCount) {
  const PlayedEpisode episode{.values = {10, 20, 30}, .rewards = {1, 2, 4}, .terminated = true};
  EXPECT_DOUBLE_EQ(value_gap({episode}, {.gamma = 0.5, .to_step = 1}).realized, 3);
  const ValueGap middle = value_gap({episode}, {.gamma = 0.5, .from_step = 1, .to_step = 2});
  EXPECT_EQ(middle.states, 1);
  EXPECT_DOUBLE_EQ(middle.estimated, 20);
  EXPECT_DOUBLE_EQ(middle.realized, 4);
  EXPECT_EQ(value_gap({episode}, {.gamma = 0.5, .from_step = 3}).states, 0);  // it ended before
}

// Always to the right fells the pole within about ten steps.
TEST(ValueGap, OfPlayedEpisodes) {
  const std::vector<double> q = {3, 7};
  test::Player right([&](std::span<const float>) { return std::span(q); }, 4, 2);
  const auto episodes =
      play_greedily(right.policy, find_env("CartPole-v1"), {.episodes = 4, .streams = {.run_seed = 1}});
  ASSERT_EQ(episodes.size(), 4u);
  for (const PlayedEpisode& episode : episodes) {
    EXPECT_TRUE(episode.terminated);
    EXPECT_EQ(episode.rewards.size(), episode.values.size());
    EXPECT_NEAR(static_cast<double>(episode.rewards.size()), 9, 3);
    for (const double value : episode.values) EXPECT_EQ(value, 7);
  }
  const auto cut = play_greedily(right.policy, find_env("CartPole-v1"),
                                 {.episodes = 2, .streams = {.run_seed = 1}, .max_episode_steps = 5});
  EXPECT_EQ(cut.at(1).rewards.size(), 5u);
  EXPECT_FALSE(cut.at(1).terminated);
}

TEST(LaterMean, OfWhatIsFiniteInTheLaterHalf) {
  const double nan = std::nan("");
  EXPECT_DOUBLE_EQ(later_mean({{1, 2, 3, 4, 5}, {100, 100, 1, nan, 3}}), 2);
  EXPECT_EQ(later_half({{1, 2}, {5, nan}}).size(), 0u);
  EXPECT_TRUE(std::isnan(later_mean({{1, 2}, {5, nan}})));
}

Results made_up(double vanilla_gap, double double_gap) {
  Results results;
  for (const std::string task : {"CartPole", "Acrobot"}) {
    for (const auto& [kind, gap] : {std::pair{"dqn-", vanilla_gap}, std::pair{"double-", double_gap}}) {
      results.settings.push_back(kind + task);
      for (int64_t seed = 0; seed < 20; ++seed) {
        const double nudge = 0.001 * static_cast<double>(seed);
        const Curve curve{{1, 2}, {3, 4}};
        results.jobs[kind + task].push_back({.values = {{"gap", gap + nudge}, {"distance", std::abs(gap + nudge)}},
                                             .curves = {{"estimated", curve}, {"realised", curve}, {"return", curve}}});
      }
    }
  }
  return results;
}

TEST(Overestimation, ConcludesFromTheNumbers) {
  const Experiment& experiment = find_experiment("overestimation");
  const Finding holds = conclude(experiment, made_up(5, 1)), fails = conclude(experiment, made_up(-1, 5));
  for (const Check& check : holds.checks) EXPECT_EQ(check.answer(), Answer::kHolds) << check.text();
  for (const Check& check : fails.checks) EXPECT_EQ(check.answer(), Answer::kFails) << check.text();
  // Too low by more than vanilla is too high: not nearer the truth.
  EXPECT_EQ(conclude(experiment, made_up(5, -9)).checks[2].answer(), Answer::kFails);
  EXPECT_EQ(holds.charts.size(), 4u);
}

// A seed that overflows neither ends the experiment nor vanishes: its values were too high without bound.
TEST(Overestimation, ASeedThatDivergesCountsAsTheWorst) {
  Results results = made_up(5, 1);
  results.jobs["dqn-CartPole"][3] = {.values = {}, .curves = {}, .diverged = true};
  results.jobs["double-Acrobot"][7] = {.values = {}, .curves = {}, .diverged = true};
  const Finding finding = conclude(find_experiment("overestimation"), results);
  for (const Check& check : finding.checks) EXPECT_EQ(check.answer(), Answer::kHolds) << check.text();
  EXPECT_EQ(finding.checks[0].by_seed.diverged, 1);
  EXPECT_EQ(finding.checks[1].by_seed.diverged, 1);
  EXPECT_EQ(finding.checks[3].by_seed.diverged, 0);
  // Acrobot's double with the diverged seed at the worst of the 40 values, 5.019: on vanilla's side by 0.012.
  EXPECT_NEAR(finding.checks[4].by_seed.values[7], 5.019 - 5.007, 1e-9);
  EXPECT_NE(finding.checks[4].text().find("of 20 seeds, 1 diverged and count as the worst"), std::string::npos);
  EXPECT_NE(finding.cautions.back().find("dqn-CartPole 1 of 20, double-Acrobot 1 of 20"), std::string::npos);
}

}  // namespace
}  // namespace deepq::lab
