#include <gtest/gtest.h>

#include <cmath>

#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/phases.h"

namespace deepq::lab {
namespace {

TEST(Phases, MeansAndSlopeOfTheirOwnEpisodes) {
  const std::vector<double> returns = {100, 1, 2, 3, 4, 100}, lengths = {9, 10, 30, 10, 50, 9},
                            epsilons = {9, 1, 0.5, 0.2, 0.1, 9};
  const PhaseFigures middle = phase_figures({2, 5, "middle"}, returns, lengths, epsilons);
  EXPECT_DOUBLE_EQ(middle.mean_return, 2.5);
  EXPECT_DOUBLE_EQ(middle.epsilon, (10 + 15 + 2 + 5) / 100.0);
  EXPECT_DOUBLE_EQ(middle.rise, 100);
  const PhaseFigures last = phase_figures({5, 0, "to the end"}, returns, lengths, epsilons);
  EXPECT_DOUBLE_EQ(last.mean_return, 52);
  EXPECT_DOUBLE_EQ(last.rise, 9600);
  EXPECT_TRUE(std::isnan(phase_figures({6, 9, "too short"}, returns, lengths, epsilons).mean_return));
}

// A run whose epsilon falls within its episodes: what counts is the one that each step was taken with.
TEST(Phases, EpsilonIsThatOfEachStep) {
  EpisodeLog log;
  for (const double epsilon : {1.0, 0.8, 0.6}) log.before_step(epsilon);
  log.on_episode({.episode_return = 3, .length = 3, .epsilon = 0.5});
  log.before_step(0.5);
  log.on_episode({.episode_return = 1, .length = 1, .epsilon = 0.4});
  ASSERT_EQ(log.epsilons.size(), 2u);
  EXPECT_DOUBLE_EQ(log.epsilons[0], 0.8);
  EXPECT_DOUBLE_EQ(log.epsilons[1], 0.5);
  EXPECT_DOUBLE_EQ(phase_figures({1, 2, "both"}, log.returns, log.lengths, log.epsilons).epsilon, 2.9 / 4);
}

JobResult fake(const std::string& setting, double nudge, double first, double second, double third) {
  if (setting == "random") return {.values = {{"return", 22 + nudge}}, .curves = {}};
  const double rise = second - first + nudge, epsilon = first < 30 ? 0.9 : 0.1;
  return {.values = {{"exploration_return", first + nudge},
                     {"exploration_epsilon", epsilon},
                     {"exploration_rise", 0},
                     {"learning_return", second + nudge},
                     {"learning_epsilon", 0.1},
                     {"learning_rise", rise},
                     {"refinement_return", third + 2 * nudge},
                     {"refinement_epsilon", 0.01},
                     {"refinement_rise", 1},
                     {"env_steps", 1},
                     {"best_return", 1},
                     {"last_return", 1}},
          .curves = {{"return", {{5.5, 15.5}, {1, 2}}}}};
}

TEST(LearningCurve, ConcludesFromThePhases) {
  const auto verdict_of = [](double first, double second, double third) {
    return fake_verdict("learning-curve", [=](const std::string& setting, double nudge) {
      return fake(setting, nudge, first, second, third);
    });
  };
  EXPECT_EQ(verdict_of(25, 200, 400), Verdict::kHolds);
  EXPECT_EQ(verdict_of(25, 200, 150), Verdict::kPart);
  EXPECT_EQ(verdict_of(300, 200, 100), Verdict::kFails);
}

}  // namespace
}  // namespace deepq::lab
