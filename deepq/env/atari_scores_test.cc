#include "deepq/env/atari_scores.h"

#include <gtest/gtest.h>

namespace deepq {
namespace {

TEST(AtariScores, ByIdAndByName) {
  for (const char* env : {"ALE/SpaceInvaders-v5", "SpaceInvadersNoFrameskip-v4", "SpaceInvaders-ramDeterministic-v0",
                          "SpaceInvaders", "space_invaders"}) {
    const auto scores = atari_scores(env);
    ASSERT_TRUE(scores) << env;
    EXPECT_EQ(scores->random, 148.0);
    EXPECT_EQ(scores->human, 1668.7);
  }
  for (const char* env : {"MinAtar/SpaceInvaders-v1", "CartPole-v1", "", "Space"})
    EXPECT_FALSE(atari_scores(env)) << env;
  EXPECT_EQ(atari_scores("ALE/Zaxxon-v5")->human, 9173.3);
  EXPECT_EQ(atari_scores("ALE/Alien-v5")->random, 227.8);
  EXPECT_EQ(atari_scores("ALE/Pong-v5")->normalized(-20.7), 0.0);
  EXPECT_EQ(atari_scores("ALE/Pong-v5")->normalized(14.6), 1.0);
  EXPECT_GT(atari_scores("ALE/Pong-v5")->normalized(21), 1.0);
}

}  // namespace
}  // namespace deepq
