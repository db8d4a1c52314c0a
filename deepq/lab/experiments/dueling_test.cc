#include <gtest/gtest.h>

#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/lab.h"
#include "deepq/lab/worlds/corridor.h"
#include "deepq/lab/worlds/repeated_actions.h"

namespace deepq::lab {
namespace {

TEST(Corridor, GoesUpThenRightThenUp) {
  EXPECT_EQ(Corridor::next(0, Corridor::kUp), 1);
  EXPECT_EQ(Corridor::next(8, Corridor::kUp), 9);
  EXPECT_EQ(Corridor::next(9, Corridor::kUp), 9);
  EXPECT_EQ(Corridor::next(9, Corridor::kRight), 10);
  EXPECT_EQ(Corridor::next(9, Corridor::kDown), 8);
  EXPECT_EQ(Corridor::next(10, Corridor::kLeft), 9);
  EXPECT_EQ(Corridor::next(59, Corridor::kUp), 60);
  EXPECT_EQ(Corridor::next(60, Corridor::kLeft), 60);
  EXPECT_EQ(Corridor::next(60, Corridor::kDown), 59);
  EXPECT_EQ(Corridor::next(0, Corridor::kDown), 0);
  for (int64_t a = 4; a < 20; ++a) EXPECT_EQ(Corridor::next(30, a), 30);
  int64_t cell = 0;
  for (int64_t i = 0; i < Corridor::kGoal; ++i) cell = Corridor::next(cell, Corridor::best_action(cell));
  EXPECT_EQ(cell, Corridor::kGoal);
}

TEST(Corridor, TrueValues) {
  const std::vector<double> greedy = Corridor::action_values(5, 0, 0.9);
  const auto q = [&](int64_t cell, int64_t action) { return greedy[static_cast<size_t>(cell * 5 + action)]; };
  EXPECT_DOUBLE_EQ(q(68, Corridor::kUp), 1);
  EXPECT_NEAR(q(68, 4), 0.9, 1e-12);                 // stays, then up
  EXPECT_NEAR(q(68, Corridor::kDown), 0.81, 1e-12);  // back, twice up
  EXPECT_NEAR(q(58, Corridor::kRight), std::pow(0.9, 10), 1e-12);
  // Without the corridor: at cell 68, v = (1 - e + e / 5) 1 + e (3/5 stay: 0.9 v) + e (1/5 back: 0.9 v').
  const double e = 0.5;
  const std::vector<double> random = Corridor::action_values(5, e, 0.9);
  const auto value = [&](int64_t cell) {
    double mean = 0;
    for (int64_t a = 0; a < 5; ++a) mean += random[static_cast<size_t>(cell * 5 + a)] / 5;
    return e * mean + (1 - e) * random[static_cast<size_t>(cell * 5 + Corridor::best_action(cell))];
  };
  EXPECT_NEAR(value(68), 0.6 + 0.3 * 0.9 * value(68) + 0.1 * 0.9 * value(67), 1e-9);
}

// With much exploration every action is learnt, by both networks.
TEST(Corridor, IsLearnt) {
  for (const bool dueling : {false, true}) {
    CorridorSettings settings{
        .network = {.hidden_sizes = {50}, .dueling = dueling}, .epsilon = 0.3, .gamma = 0.9, .updates = 3'000};
    const CorridorRun run = evaluate_in_corridor(settings, 1);
    ASSERT_EQ(run.error.size(), static_cast<size_t>(kCorridorPoints));
    EXPECT_LT(run.error.back(), 0.5) << dueling;
    EXPECT_GT(run.error.front(), 5) << dueling;
  }
}

TEST(RepeatedActions, DoWhatTheirFirstNameDoes) {
  const EnvFactory factory = repeat_actions(find_env("CartPole-v1"), 3);
  const auto one = factory(), other = find_env("CartPole-v1")();
  EXPECT_EQ(one->spec().action_count, 6);
  EXPECT_EQ(one->spec().max_episode_steps, 500);
  one->reset(1);
  other->reset(1);
  for (const int64_t action : {0, 3, 5, 4, 1}) {
    const Step here = one->step(action), there = other->step(action % 2);
    EXPECT_EQ(std::vector<float>(here.observation.begin(), here.observation.end()),
              std::vector<float>(there.observation.begin(), there.observation.end()));
  }
}

// Scores of plain networks are 1; dueling ones score `few` with the fewest actions and `many` with the most.
Results made_up(double few, double many) {
  Results results;
  for (const Setting& setting : find_experiment("dueling").settings(false)) {
    const bool is_dueling = setting.name.find("dueling") != std::string::npos;
    const bool is_many = setting.name.find("-20") != std::string::npos || setting.name.ends_with("-32");
    const double score = !is_dueling ? 1 : is_many ? many : few;
    results.settings.push_back(setting.name);
    for (int64_t seed = 0; seed < 20; ++seed) {
      const Curve curve{{1, 2}, {3, 4}};
      results.jobs[setting.name].push_back(
          {.values = {{"score", score + 0.01 * static_cast<double>(seed)}, {"error", 1}, {"mean_return", score}},
           .curves = {{"error", curve}, {"return", curve}}});
    }
  }
  return results;
}

TEST(Dueling, ConcludesFromTheNumbers) {
  const Experiment& experiment = find_experiment("dueling");
  const Finding holds = conclude(experiment, made_up(2, 4)), fails = conclude(experiment, made_up(0, -2));
  for (const Check& check : holds.checks) EXPECT_EQ(check.answer(), Answer::kHolds) << check.text();
  for (const Check& check : fails.checks) EXPECT_EQ(check.answer(), Answer::kFails) << check.text();
  EXPECT_NEAR(holds.checks[1].interval.value, 2, 1e-12);
  EXPECT_EQ(conclude(experiment, made_up(4, 2)).checks[1].answer(), Answer::kFails);  // better, but by less
  EXPECT_EQ(holds.tables.at(0).rows.size(), 9u);
}

}  // namespace
}  // namespace deepq::lab
