#include "deepq/env/t_maze.h"

#include <gtest/gtest.h>

#include <vector>

namespace deepq {
namespace {

std::vector<float> seen(std::span<const float> observation) { return {observation.begin(), observation.end()}; }

constexpr int64_t kUp = 0, kRight = 1, kDown = 2, kLeft = 3;

TEST(TMaze, ShowsTheSideAtTheStartAlone) {
  TMaze maze({.length = 3});
  bool up = false, down = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const std::vector<float> start = seen(maze.reset(seed));
    const bool goal_is_up = start == std::vector<float>{0, 1, 1};
    if (!goal_is_up) {
      EXPECT_EQ(start, (std::vector<float>{1, 1, 0}));
    }
    (goal_is_up ? up : down) = true;
    EXPECT_EQ(seen(maze.step(kRight).observation), (std::vector<float>{1, 0, 1}));
    EXPECT_EQ(seen(maze.step(kLeft).observation), start);
    maze.step(kRight), maze.step(kRight);
    const Step junction = maze.step(kRight);
    EXPECT_EQ(seen(junction.observation), (std::vector<float>{0, 1, 0}));
    EXPECT_FALSE(junction.terminated);
    const Step turned = maze.step(seed % 2 == 0 ? kUp : kDown);
    EXPECT_TRUE(turned.terminated);
    EXPECT_EQ(turned.reward, (seed % 2 == 0) == goal_is_up ? 4 : -0.1);
  }
  EXPECT_TRUE(up && down);
}

TEST(TMaze, WallsCost) {
  TMaze maze({.length = 2});
  maze.reset(1);
  for (const int64_t wall : {kUp, kDown, kLeft}) EXPECT_EQ(maze.step(wall).reward, -0.1);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(maze.step(kRight).reward, 0);
  const Step end = maze.step(kRight);
  EXPECT_EQ(end.reward, -0.1);
  EXPECT_FALSE(end.terminated);
  EXPECT_EQ(seen(end.observation), (std::vector<float>{0, 1, 0}));
}

TEST(TMaze, IsTenTimesAsLongAsTheWay) {
  EXPECT_EQ(TMaze({.length = 50}).spec().max_episode_steps, 510);
  EXPECT_EQ(TMaze().spec().max_episode_steps, 110);
}

TEST(TMaze, IsDrawn) {
  TMaze maze({.length = 4});
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const bool up = maze.reset(seed)[0] == 0;
    maze.step(kRight);
    EXPECT_EQ(maze.render_text(), up ? "####G\n.@...\n####.\n" : "####.\n.@...\n####G\n");
  }
}

}  // namespace
}  // namespace deepq
