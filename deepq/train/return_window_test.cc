#include "deepq/train/return_window.h"

#include <gtest/gtest.h>

namespace deepq {
namespace {

TEST(ReturnWindow, ItsMeansAreOfTheLastHundredAndExact) {
  EnvSpec env;
  env.has_solved_return = true;
  env.solved_return = 0.7;
  ReturnWindow window;
  for (int64_t i = 1; i <= 100; ++i) window.add(i % 10 < 7 ? 1 : 0, i, env);
  EXPECT_EQ(window.last_mean(), 0.7);
  EXPECT_EQ(window.first_episode_solved(), 0) << "0.7 is not above 0.7";
  window.add(1, 101, env);  // in the place of a 1
  EXPECT_EQ(window.first_episode_solved(), 0);
  for (int64_t i = 102; i <= 110; ++i) window.add(1, i, env);
  EXPECT_EQ(window.first_episode_solved(), 107) << "the first that takes the place of a 0";
  EXPECT_EQ(window.last_mean(), 0.73);
  EXPECT_EQ(window.best_mean(), 0.73);
}

}  // namespace
}  // namespace deepq
