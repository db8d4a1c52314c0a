#include <gtest/gtest.h>

#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/lab.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/value_gap.h"

namespace deepq::lab {
namespace {

TEST(ValueGap, OfAnEpisodeThatEndsEveryStateCounts) {
  const PlayedEpisode episode{.values = {10, 20, 30}, .rewards = {1, 2, 4}, .terminated = true};
  const ValueGap gap = value_gap({episode}, {.gamma = 0.5, .horizon = 100});
  EXPECT_EQ(gap.states, 3);
  EXPECT_DOUBLE_EQ(gap.estimated, 20);
  EXPECT_DOUBLE_EQ(gap.realised, ((1 + 1 + 1) + (2 + 2) + 4) / 3.0);
}

TEST(ValueGap, StatesNearTheCutAreLeftOut) {
  const PlayedEpisode episode{.values = {10, 20, 30, 40}, .rewards = {1, 2, 4, 8}};
  const ValueGap gap = value_gap({episode}, {.gamma = 0.5, .horizon = 3});
  EXPECT_EQ(gap.states, 2);  // followed by four and three steps
  EXPECT_DOUBLE_EQ(gap.estimated, 15);
  EXPECT_DOUBLE_EQ(gap.realised, ((1 + 1 + 1 + 1) + (2 + 2 + 2)) / 2.0);
  EXPECT_EQ(value_gap({episode}, {.gamma = 0.5, .horizon = 5}).states, 0);
  EXPECT_TRUE(std::isnan(value_gap({episode}, {.gamma = 0.5, .horizon = 5}).realised));
}

TEST(ValueGap, OnlyTheStepsAskedForCount) {
  const PlayedEpisode episode{.values = {10, 20, 30}, .rewards = {1, 2, 4}, .terminated = true};
  EXPECT_DOUBLE_EQ(value_gap({episode}, {.gamma = 0.5, .to_step = 1}).realised, 3);
  const ValueGap middle = value_gap({episode}, {.gamma = 0.5, .from_step = 1, .to_step = 2});
  EXPECT_EQ(middle.states, 1);
  EXPECT_DOUBLE_EQ(middle.estimated, 20);
  EXPECT_DOUBLE_EQ(middle.realised, 4);
  EXPECT_EQ(value_gap({episode}, {.gamma = 0.5, .from_step = 3}).states, 0);  // it ended before
}

// Always to the right fells the pole within about ten steps.
TEST(ValueGap, OfPlayedEpisodes) {
  const std::vector<float> q = {3, 7};
  const auto episodes = play_greedily([&](std::span<const float>) { return std::span(q); }, find_env("CartPole-v1"),
                                      {.episodes = 4, .streams = {.run_seed = 1}});
  ASSERT_EQ(episodes.size(), 4u);
  for (const PlayedEpisode& episode : episodes) {
    EXPECT_TRUE(episode.terminated);
    EXPECT_EQ(episode.rewards.size(), episode.values.size());
    EXPECT_NEAR(static_cast<double>(episode.rewards.size()), 9, 3);
    for (const double value : episode.values) EXPECT_EQ(value, 7);
  }
  const auto cut = play_greedily([&](std::span<const float>) { return std::span(q); }, find_env("CartPole-v1"),
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
      for (const double seed : {0.0, 0.1}) {
        const Curve curve{{1, 2}, {3, 4}};
        results.jobs[kind + task].push_back({.values = {{"gap", gap + seed}, {"distance", std::abs(gap + seed)}},
                                             .curves = {{"estimated", curve}, {"realised", curve}, {"return", curve}}});
      }
    }
  }
  return results;
}

TEST(Overestimation, ConcludesFromTheNumbers) {
  const Experiment& experiment = find_experiment("overestimation");
  const Finding holds = experiment.conclude(made_up(5, 1)), fails = experiment.conclude(made_up(-1, 5));
  for (const Check& check : holds.checks) EXPECT_EQ(check.answer(), Answer::kHolds) << check.text();
  for (const Check& check : fails.checks) EXPECT_EQ(check.answer(), Answer::kFails) << check.text();
  // Too low by more than vanilla is too high: not nearer the truth.
  EXPECT_EQ(experiment.conclude(made_up(5, -9)).checks[2].answer(), Answer::kFails);
  EXPECT_EQ(holds.charts.size(), 4u);
}

}  // namespace
}  // namespace deepq::lab
