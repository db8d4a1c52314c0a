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

// The best mean is of a whole hundred: lucky first episodes do not count.
TEST(ReturnWindow, TheBestIsTheBestOfWholeWindows) {
  ReturnWindow window;
  for (int64_t i = 1; i <= 100; ++i) window.add(i <= 50 ? 10 : 0, i, {});
  EXPECT_EQ(window.best_mean(), 5);
  for (int64_t i = 101; i <= 130; ++i) window.add(0, i, {});
  EXPECT_EQ(window.last_mean(), 2);
  EXPECT_EQ(window.best_mean(), 5);
}

// At every length: before it is full, when it is solved, and long after.
TEST(ReturnWindow, ASavedOneGoesOnAsTheUnbrokenOne) {
  EnvSpec env;
  env.has_solved_return = true;
  env.solved_return = 60;
  for (const int64_t saved_after : {0, 3, 99, 100, 101, 130, 250}) {
    ReturnWindow whole, restored;
    for (int64_t i = 1; i <= 7; ++i) restored.add(1000, i, env);  // of another run
    const auto value = [](int64_t i) { return static_cast<double>(i < 140 ? i % 83 * 2 : i % 11); };
    for (int64_t i = 1; i <= saved_after; ++i) whole.add(value(i), i, env);
    Archive saved;
    whole.serialize(saved, 260);
    Archive loaded(saved.tensors());
    restored.serialize(loaded, 260);
    for (int64_t i = saved_after + 1; i <= 260; ++i) {
      EXPECT_EQ(restored.last_mean(), whole.last_mean());
      EXPECT_EQ(restored.best_mean(), whole.best_mean());
      EXPECT_EQ(restored.first_episode_solved(), whole.first_episode_solved());
      whole.add(value(i), i, env);
      restored.add(value(i), i, env);
    }
    EXPECT_GT(whole.first_episode_solved(), 99) << "nothing would be seen";
    EXPECT_LT(whole.last_mean(), whole.best_mean()) << "nothing would be seen";
  }
}

}  // namespace
}  // namespace deepq
