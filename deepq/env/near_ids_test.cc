#include "deepq/env/near_ids.h"

#include <gtest/gtest.h>

#include "deepq/env/atari_scores.h"
#include "deepq/env/registry.h"

namespace deepq {
namespace {

std::string here(std::string_view id) { return advice_on_env(id, env_ids(), false); }

std::string with_gymnasium(std::string_view id) {
  std::vector<std::string> ids = env_ids();
  for (const char* const other :
       {"CartPole-v0", "phys2d/CartPole-v1", "LunarLander-v3", "ALE/Breakout-v5", "ALE/Pong-v5"})
    ids.emplace_back(other);
  return advice_on_env(id, ids, true);
}

TEST(NearIds, TheSameNameInAnotherVersionOrCase) {
  for (const char* const id :
       {"CartPole-v0", "CartPole", "cartpole", "cart_pole", "cart-pole-v1", "gymnasium:cartpole"})
    EXPECT_EQ(here(id), "; did you mean 'CartPole-v1'?") << id;
  EXPECT_EQ(here("Taxi-v2"), "; did you mean 'Taxi-v4'?") << "the newest";
  EXPECT_EQ(here("frozen_lake_8x8"), "; did you mean 'FrozenLake8x8-v1'?");
  EXPECT_EQ(here("MinAtar/breakout"), "; did you mean 'MinAtar/Breakout-v1'?");
  EXPECT_EQ(here("CartPol-v1"), "; did you mean 'CartPole-v1'?") << "the nearest";
  EXPECT_EQ(here(""), "");
  EXPECT_EQ(here("zzzzzzzzzzzzzzzz"), "");
}

TEST(NearIds, WhatThePythonPackageBrings) {
  const auto brings = [](const std::string& id) {
    return "; " + id + " comes with the Python package: python -m deepq in place of deepq, see docs/python.md";
  };
  for (const char* const id : {"LunarLander-v3", "LunarLander-v2", "lunarlander"})
    EXPECT_EQ(here(id), brings("LunarLander-v3"));
  for (const char* const id : {"ALE/Pong-v5", "PongNoFrameskip-v4", "Pong-v0", "Pong-ramDeterministic-v4", "pong"})
    EXPECT_EQ(here(id), brings("ALE/Pong-v5")) << id;
  EXPECT_EQ(here("gymnasium:CartPole-v1"), brings("gymnasium:CartPole-v1")) << "and not deepq's own CartPole-v1";
  EXPECT_EQ(here("Breakout-v4"), "; did you mean 'MinAtar/Breakout-v1'?" + brings("ALE/Breakout-v5"));
  EXPECT_EQ(here("Pendulum-v0"),
            "; the actions of Pendulum-v1 are continuous, and deepq learns among a number of them");
  EXPECT_NE(here("MiniGrid-Empty-8x8-v0").find("Gymnasium's environments and one's own come with the Python package"),
            std::string::npos);
}

TEST(NearIds, WhereOthersAreKnown) {
  EXPECT_EQ(with_gymnasium("PongNoFrameskip-v4"), "; did you mean 'ALE/Pong-v5'?");
  EXPECT_EQ(with_gymnasium("cartpole"), "; did you mean 'CartPole-v1'?");
  EXPECT_EQ(with_gymnasium("phys2d/cartpole"), "; did you mean 'phys2d/CartPole-v1'?");
  EXPECT_EQ(with_gymnasium("pong"), "; did you mean 'ALE/Pong-v5'?");
  EXPECT_EQ(with_gymnasium("BreakoutDeterministic-v4"), "; did you mean 'ALE/Breakout-v5'?");
  EXPECT_EQ(with_gymnasium("breakout"), "; did you mean 'MinAtar/Breakout-v1' or 'ALE/Breakout-v5'?");
  EXPECT_EQ(with_gymnasium("LunarLander-v2"), "; did you mean 'LunarLander-v3'?");
  EXPECT_EQ(with_gymnasium("MiniGrid-Empty-8x8-v0"), "");
  EXPECT_EQ(advice_on_env("Pong-v4", env_ids(), true), "; did you mean 'ALE/Pong-v5'?")
      << "it says that it needs ale-py";
}

TEST(NearIds, AtariGamesByTheirOldNames) {
  EXPECT_EQ(atari_id("PongNoFrameskip-v4"), "ALE/Pong-v5");
  EXPECT_EQ(atari_id("Pong-ram-v0"), "ALE/Pong-v5");
  EXPECT_EQ(atari_id("space_invaders"), "ALE/SpaceInvaders-v5");
  EXPECT_EQ(atari_id("AirRaidNoFrameskip-v4"), "ALE/AirRaid-v5") << "a game without scores";
  EXPECT_EQ(atari_id("ALE/Pong-v5"), "ALE/Pong-v5");
  EXPECT_EQ(atari_id("CartPole-v1"), "");
  EXPECT_EQ(atari_id("MinAtar/Breakout-v1"), "");
}

}  // namespace
}  // namespace deepq
