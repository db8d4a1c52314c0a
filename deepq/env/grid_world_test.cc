#include "deepq/env/grid_world.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "deepq/env/sync_vector_env.h"
#include "tests/test_support.h"
#include "tests/value_iteration.h"

namespace deepq {
namespace {

std::vector<double> q_star(const GridWorld& env, int64_t cells, double gamma) {
  return test::value_iteration(cells, 4, gamma,
                               [&](int64_t cell, int64_t action) { return env.outcomes(cell, action); });
}

// Steps to the nearest goal by breadth-first search from the goals, written without the environment's own moves; -1
// where there is no way.
std::vector<int64_t> distances(const GridWorldOptions& options) {
  const std::set<int64_t> walls(options.walls.begin(), options.walls.end());
  std::vector<int64_t> distance(static_cast<size_t>(options.rows * options.columns), -1);
  std::deque<int64_t> next(options.goals.begin(), options.goals.end());
  for (const int64_t goal : next) distance[static_cast<size_t>(goal)] = 0;
  for (; !next.empty(); next.pop_front()) {
    const int64_t row = next.front() / options.columns, column = next.front() % options.columns;
    for (const auto& [down, right] : {std::pair(-1, 0), std::pair(0, 1), std::pair(1, 0), std::pair(0, -1)}) {
      const int64_t to_row = row + down, to_column = column + right;
      if (to_row < 0 || to_row >= options.rows || to_column < 0 || to_column >= options.columns) continue;
      const int64_t cell = to_row * options.columns + to_column;
      if (walls.contains(cell) || distance[static_cast<size_t>(cell)] >= 0) continue;
      distance[static_cast<size_t>(cell)] = distance[static_cast<size_t>(next.front())] + 1;
      next.push_back(cell);
    }
  }
  return distance;
}

// With d steps to go the best value is d - 1 step rewards and a goal reward, discounted.
void expect_values_of_shortest_ways(const GridWorldOptions& options, double gamma) {
  const GridWorld env(options);
  const auto distance = distances(options);
  const auto q = q_star(env, options.rows * options.columns, gamma);
  for (size_t cell = 0; cell < distance.size(); ++cell) {
    if (distance[cell] <= 0) continue;  // a goal, a wall, or walled in
    const double discount = std::pow(gamma, static_cast<double>(distance[cell] - 1));
    const double steps = gamma < 1 ? (1 - discount) / (1 - gamma) : static_cast<double>(distance[cell] - 1);
    EXPECT_NEAR(test::best_value(q, 4, static_cast<int64_t>(cell)),
                options.step_reward * steps + discount * options.goal_reward, 1e-10)
        << "cell " << cell;
  }
}

// 5 x 6 with walls, two goals and a cell that is walled in:
//   . . . # . .
//   . # . # . .
//   . # G # . #
//   . # # # # .
//   . . . . # G
const GridWorldOptions kMaze{.rows = 5,
                             .columns = 6,
                             .walls = {3, 7, 9, 13, 15, 17, 19, 20, 21, 22, 28},
                             .goals = {14, 29},
                             .starts = {24, 0, 4, 24},
                             .step_reward = -0.25,
                             .goal_reward = 2};

TEST(GridWorld, BestValuesAreThoseOfTheShortestWays) {
  for (const double gamma : {0.5, 0.9, 0.99}) {
    expect_values_of_shortest_ways(kMaze, gamma);
    expect_values_of_shortest_ways({.rows = 1, .columns = 7, .goals = {3}}, gamma);
    expect_values_of_shortest_ways({.rows = 7, .columns = 1, .goals = {0}}, gamma);
    expect_values_of_shortest_ways({.rows = 100, .columns = 100, .goals = {9999}, .step_reward = -0.01}, gamma);
  }
  expect_values_of_shortest_ways({.rows = 10, .columns = 10, .goals = {99}, .step_reward = -1}, 1);
}

// Whatever is played, the environment does what its outcomes say.
TEST(GridWorld, StepsAreItsOutcomes) {
  Random random(1);
  for (const GridWorldOptions& options : {GridWorldOptions{}, kMaze}) {
    GridWorld env(options);
    env.reset(5);
    for (int t = 0; t < 5000; ++t) {
      const int64_t cell = env.cell(), action = static_cast<int64_t>(random.below(4));
      const auto [outcome] = env.outcomes(cell, action);
      const Step step = env.step(action);
      ASSERT_EQ(env.cell(), outcome.next_state);
      ASSERT_EQ(step.observation[0], static_cast<float>(outcome.next_state));
      ASSERT_EQ(step.reward, outcome.reward);
      ASSERT_EQ(step.terminated, outcome.terminated);
      ASSERT_EQ(step.terminated, env.is_goal(env.cell()));
      ASSERT_EQ(step.reward, env.is_goal(env.cell()) ? options.goal_reward : options.step_reward);
      ASSERT_FALSE(env.is_wall(env.cell()));
      if (step.terminated || t % 40 == 0) env.reset(std::nullopt);
    }
  }
}

TEST(GridWorld, EveryStartIsUsedEquallyOften) {
  const auto expect_uniform = [](const GridWorldOptions& options, const std::vector<int32_t>& starts) {
    GridWorld env(options);
    EXPECT_EQ(env.starts(), starts);
    std::map<int32_t, int> seen;
    env.reset(2);
    const int draws = 2000 * static_cast<int>(starts.size());
    for (int i = 0; i < draws; ++i) ++seen[static_cast<int32_t>(env.reset(std::nullopt)[0])];
    EXPECT_EQ(seen.size(), starts.size());
    for (const auto& [cell, count] : seen) {
      EXPECT_TRUE(std::ranges::count(starts, cell)) << cell;
      EXPECT_NEAR(count, 2000, 180) << cell;  // four standard deviations
    }
  };
  expect_uniform({.rows = 2, .columns = 3, .walls = {1}}, {0, 2, 3, 4});
  expect_uniform(kMaze, {0, 4, 24});
  expect_uniform({.starts = {7}}, {7});
}

TEST(GridWorld, ObservationIsTheCellOrItsScaledPlace) {
  using Observation = GridWorldOptions::Observation;
  GridWorldOptions options{.rows = 3, .columns = 5, .starts = {11}};
  GridWorld numbered(options);
  EXPECT_EQ(numbered.spec().observation_space.states(), 15);
  EXPECT_EQ(numbered.spec().observation_space.shape(), std::vector<int64_t>{1});
  EXPECT_EQ(numbered.reset(0)[0], 11.0f);

  options.observation = Observation::kCoordinates;
  GridWorld placed(options);
  EXPECT_EQ(placed.spec().observation_space.states(), 0);
  EXPECT_EQ(placed.spec().observation_space.shape(), std::vector<int64_t>{2});
  const auto expect_place = [](std::span<const float> got, float row, float column) {
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0], row);
    EXPECT_EQ(got[1], column);
  };
  expect_place(placed.reset(0), 1, 0.25f);
  expect_place(placed.step(0).observation, 0.5f, 0.25f);
  expect_place(placed.step(3).observation, 0.5f, 0);
  GridWorld row({.rows = 1, .columns = 2, .observation = Observation::kCoordinates});
  expect_place(row.reset(0), 0, 0);
  expect_place(row.step(1).observation, 0, 1);
}

TEST(GridWorld, TimeLimitIsTheOptions) {
  EXPECT_EQ(GridWorld({.max_episode_steps = 0}).spec().max_episode_steps, 0);
  const EnvFactory make = [] {
    return std::make_unique<GridWorld>(GridWorldOptions{.starts = {0}, .max_episode_steps = 7});
  };
  SyncVectorEnv env(make, 1, 0);
  for (int step = 1; step <= 14; ++step) {
    env.step(std::array<int64_t, 1>{0});
    EXPECT_EQ(env.truncated(0), step % 7 == 0) << step;
  }
}

TEST(GridWorld, RefusesWhatContradictsItself) {
  const auto refusal = [](const GridWorldOptions& options) { return test::error_of([&] { GridWorld env(options); }); };
  EXPECT_EQ(refusal({.rows = 0}), "grid_world.rows is 0; allowed: 1 to 16777216");
  EXPECT_EQ(refusal({.columns = -1}), "grid_world.columns is -1; allowed: 1 to 16777216");
  EXPECT_EQ(refusal({.rows = 1 << 20, .columns = 32}),
            "grid_world.rows is 1048576 and grid_world.columns is 32; allowed: up to 16777216 cells in all");
  EXPECT_EQ(refusal({.walls = {25}}), "grid_world.walls holds 25; allowed: 0 to 24, the cells of the grid");
  EXPECT_EQ(refusal({.goals = {-1}}), "grid_world.goals holds -1; allowed: 0 to 24, the cells of the grid");
  EXPECT_EQ(refusal({.starts = {3, 25}}), "grid_world.starts holds 25; allowed: 0 to 24, the cells of the grid");
  EXPECT_EQ(refusal({.walls = {3, 7}, .goals = {24, 7}}),
            "grid_world.goals holds 7, which is one of grid_world.walls; allowed: cells without a wall");
  EXPECT_EQ(refusal({.walls = {24}}),
            "grid_world.goals holds 24, which is one of grid_world.walls; allowed: cells without a wall");
  EXPECT_EQ(refusal({.walls = {3}, .starts = {3}}),
            "grid_world.starts holds 3, which is a wall; allowed: cells that are neither wall nor goal");
  EXPECT_EQ(refusal({.starts = {24}}),
            "grid_world.starts holds 24, which is a goal; allowed: cells that are neither wall nor goal");
  EXPECT_EQ(refusal({.rows = 1, .columns = 2, .walls = {0}}),
            "grid_world.starts is empty and no cell is free; allowed: at least one that is neither wall nor goal");
  EXPECT_EQ(refusal({.rows = 1, .columns = 1}),
            "grid_world.starts is empty and no cell is free; allowed: at least one that is neither wall nor goal");
  EXPECT_EQ(refusal({.rows = 100, .columns = 100}), "no error");
}

// A checkpoint of another grid.
TEST(GridWorld, RefusesASavedCellThatIsNone) {
  const auto restored = [](const GridWorldOptions& from, const GridWorldOptions& to) {
    GridWorld saved_env(from), env(to);
    saved_env.reset(0);
    Archive saved;
    saved_env.serialize(saved);
    Archive loaded(saved.tensors());
    return test::error_of([&] { env.serialize(loaded); });
  };
  EXPECT_EQ(restored({.starts = {8}}, {.rows = 2, .columns = 2}), "the saved state's 'cell' is 8; allowed: 0 to 3");
  EXPECT_EQ(restored({.starts = {8}}, {.walls = {8}}), "the saved cell is 8, a wall; allowed: cells without one");
  EXPECT_EQ(restored({.starts = {8}}, {}), "no error");
}

TEST(GridWorld, TextShowsWallsGoalsAndWhereOneStands) {
  GridWorld env({.rows = 2, .columns = 3, .walls = {1}, .starts = {3}});
  env.reset(0);
  EXPECT_EQ(env.render_text(), " .  #  . \n[.] .  G \n");
  env.step(1);
  EXPECT_EQ(env.render_text(), " .  #  . \n . [.] G \n");
}

}  // namespace
}  // namespace deepq
