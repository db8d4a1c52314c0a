#include "deepq/record/run_notes.h"

#include <gtest/gtest.h>

#include "deepq/config/flat_toml.h"
#include "deepq/config/run_config.h"

namespace deepq {
namespace {

using Texts = std::vector<std::string>;

// A whole config.toml with some keys set.
FlatToml settings(const Texts& assignments) {
  RunConfig config;
  for (const std::string& assignment : assignments) set_field(config, assignment);
  return flat_toml(to_toml(config), "test");
}

std::string world(const Texts& assignments) { return world_name(settings(assignments)); }

TEST(World, ArgumentsOfGymnasiumsMakeAreOfTheWorld) {
  const FlatToml usual{{"env.id", "gymnasium:FrozenLake-v1"}, {"gymnasium.step_timeout", "5"}};
  const FlatToml other{{"env.id", "gymnasium:FrozenLake-v1"}, {"gymnasium.kwargs", "{\"is_slippery\": false}"}};
  EXPECT_EQ(world_of(usual), world_of({{"env.id", "gymnasium:FrozenLake-v1"}}));
  EXPECT_EQ(world_name(usual), "gymnasium:FrozenLake-v1");
  EXPECT_EQ(world_name(other), "gymnasium:FrozenLake-v1 (gymnasium.kwargs = {\"is_slippery\":false})");
  EXPECT_EQ(setting_differences(world_of(usual), world_of(other), "A", "B"),
            "gymnasium.kwargs is '' in A, {\"is_slippery\":false} in B");
  EXPECT_EQ(world_of({{"env.id", "X"}, {"gymnasium.kwargs", "{\"a\": 1, \"b\": 2}"}}),
            world_of({{"env.id", "X"}, {"gymnasium.kwargs", "{\"b\":2,\"a\":1}"}}))
      << "in any order";
}

TEST(Notes, SayThatEarlyEpisodesAreLost) {
  const RunFacts whole{.source = "A/seed-0", .config = settings({})},
      cut{.source = "A/seed-1", .config = settings({"train.seed=1"}), .first_episode = 66};
  EXPECT_EQ(notes_on({whole, cut}, "A"),
            Texts{"The episodes before number 66 of seed 1 of A are not in its episodes.csv any more."});
}

TEST(World, IsTheEnvironmentsWholeSection) {
  EXPECT_EQ(world({"env.id=FrozenLake-v1"}), "FrozenLake-v1");
  EXPECT_EQ(world({"env.id=FrozenLake-v1", "frozen_lake.is_slippery=false", "frozen_lake.goal_reward=2"}),
            "FrozenLake-v1 (frozen_lake.goal_reward = 2, frozen_lake.is_slippery = false)");
  EXPECT_EQ(world({"env.id=GridWorld-v0", "grid_world.rows=7"}), "GridWorld-v0 (grid_world.rows = 7)");
  EXPECT_EQ(world({"env.id=MinAtar/Breakout-v1", "minatar.difficulty_ramping=false"}),
            "MinAtar/Breakout-v1 (minatar.difficulty_ramping = false)");
  EXPECT_EQ(world({"env.id=ALE/Pong-v5", "atari.protocol=machado", "atari.threads=4", "atari.step_timeout=7"}),
            "ALE/Pong-v5 (atari.protocol = machado)")
      << "how it is stepped is no part";
  EXPECT_EQ(world({"frozen_lake.is_slippery=false", "env.count=4", "agent.gamma=0.5"}), "CartPole-v1")
      << "another environment's settings";
}

TEST(World, HasATimeLimit) {
  EXPECT_EQ(world({"env.max_episode_steps=200"}), "CartPole-v1 (env.max_episode_steps = 200)");
  EXPECT_EQ(world({"env.max_episode_steps=500"}), "CartPole-v1") << "its own limit, said aloud";
  EXPECT_EQ(world({"env.id=Someones-v3", "env.max_episode_steps=9"}), "Someones-v3 (env.max_episode_steps = 9)");
}

TEST(World, LeftOutKeysHaveTheirDefaults) {
  EXPECT_EQ(world_of({{"env.id", "FrozenLake-v1"}}), world_of(settings({"env.id=FrozenLake-v1"})));
  EXPECT_EQ(setting_differences({{"agent.gamma", "0.99"}}, {}, "A", "B"), "");
}

TEST(World, LongValuesAreCutAndStillDiffer) {
  std::string walls = "grid_world.walls=[1";
  for (int i = 2; i < 90; ++i) walls += "," + std::to_string(i);
  const std::string one = world({"env.id=GridWorld-v0", "grid_world.rows=50", walls + "]"}),
                    two = world({"env.id=GridWorld-v0", "grid_world.rows=50", walls + ",90]"});
  EXPECT_NE(one, two);
  EXPECT_LT(one.size(), 120u) << one;
}

TEST(World, DifferencesNameKeyAndBothValues) {
  const FlatToml a = settings({"env.id=FrozenLake-v1", "frozen_lake.is_slippery=false"}),
                 b = settings({"env.id=FrozenLake-v1", "env.max_episode_steps=50"});
  EXPECT_EQ(setting_differences(world_of(a), world_of(b), "A", "B"),
            "env.max_episode_steps is 0 in A, 50 in B; frozen_lake.is_slippery is false in A, true in B");
  EXPECT_EQ(
      setting_differences(protocol_of(a), protocol_of(settings({"eval.epsilon=0.05", "train.env_steps=9"})), "A", "B"),
      "eval.epsilon is 0 in A, 0.05 in B; train.env_steps is 0 in A, 9 in B");
}

TEST(RunNotes, ASeedCountsOnce) {
  const auto run = [](const Texts& assignments, bool finished) {
    return RunFacts{.source = "x", .config = settings(assignments), .finished = finished};
  };
  const std::vector<RunFacts> runs{run({"train.seed=0"}, false),
                                   run({"train.seed=1"}, true),
                                   run({"train.seed=0", "train.env_steps=99", "log.metrics_every_updates=7"}, true),
                                   run({"train.seed=0", "agent.gamma=0.5"}, true),
                                   run({"train.seed=1", "eval.epsilon=0.5", "network.threads=2"}, true),
                                   {.source = "a.csv"},
                                   {.source = "b.csv"}};
  EXPECT_EQ(originals(runs), (std::vector<size_t>{2, 1, 2, 3, 1, 5, 6}));
  EXPECT_EQ(notes_on(runs, "A"),
            (Texts{"2 of the 7 runs of A are copies (seed 0, 1): each seed counts once.",
                   "Some runs of A share a seed, so they are not independent and the intervals are too narrow.",
                   "2 of the 5 runs of A do not say their settings: whether they differ from the others in more than "
                   "the seed is not known.",
                   "The runs of A differ in more than the seed: agent.gamma, log.metrics_every_updates, "
                   "train.env_steps."}));
}

TEST(RunNotes, NothingToSayOfSeedsOfOneSetting) {
  EXPECT_EQ(notes_on({{.source = "x", .config = settings({"train.seed=0"})},
                      {.source = "y", .config = settings({"train.seed=1"})}},
                     ""),
            Texts{});
  EXPECT_EQ(notes_on({{.source = "y.csv"}, {.source = "z.csv"}}, "A"), Texts{});
}

TEST(RunNotes, RunsThatWereChangedWhileTraining) {
  std::vector<RunFacts> runs;
  for (const std::string seed : {"0", "1", "2"})
    runs.push_back({.source = "seed-" + seed, .config = settings({"train.seed=" + seed})});
  runs[1].history = {{2000, "optimizer.learning_rate", "0.01", "0.001"}};
  runs[2].history = {{3000, "train.env_steps", "3000", "6000"}};  // the same episodes as a longer run's
  EXPECT_EQ(notes_on(runs, "A"), (Texts{"Of the 3 runs of A 1 was changed while training: seed-1, at step 2000 "
                                        "optimizer.learning_rate from 0.01 to 0.001."}));
  EXPECT_EQ(notes_on({runs[1]}, ""), Texts{}) << "a report of one run tells its history";
}

TEST(RunNotes, AlgorithmsAndEndings) {
  const std::vector<RunFacts> runs{{.source = "x", .config = settings({"train.seed=0"}), .finished = false},
                                   {.source = "y", .config = settings({"train.seed=1", "agent.algorithm=pqn"})}};
  EXPECT_EQ(notes_on(runs, "A"),
            (Texts{"1 of the 2 runs of A have not finished: they count as far as they have come.",
                   "The runs of A are of several algorithms: dqn, pqn. Their average is no agent's.",
                   "The runs of A differ in more than the seed: agent.algorithm."}));
  EXPECT_EQ(notes_on({runs[0]}, "")[0], "The run has not finished. The figures are those so far.");
}

}  // namespace
}  // namespace deepq
