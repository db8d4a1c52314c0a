#include "deepq/config/config_history.h"

#include <gtest/gtest.h>

#include "tests/test_support.h"

namespace deepq {
namespace {

std::string refusal(const std::string& assignment, bool best_agent = false) {
  RunConfig then, now;
  set_field(now, assignment);
  return test::error_of([&] { changes_of(to_toml(then), now, 500, best_agent); });
}

TEST(ConfigHistory, WhatWasUsedCannotChange) {
  EXPECT_EQ(refusal("train.seed=1"),
            "train.seed is 1; the run was trained with 0, and that cannot change while it goes on (a new run can have "
            "it)");
  for (const char* assignment :
       {"env.id=Acrobot-v1", "env.count=2", "env.max_episode_steps=7", "frozen_lake.is_slippery=false",
        "agent.gamma=0.5", "agent.double=true", "agent.algorithm=pqn", "agent.n_step=2", "network.hidden_sizes=[8]",
        "network.dueling=true", "replay.capacity=77", "replay.prioritized=true", "target.tau=0.5",
        "optimizer.optimizer=rmsprop", "agent.batch_size=3", "exploration.noise_steps=2"})
    EXPECT_NE(refusal(assignment).find("cannot change while it goes on"), std::string::npos) << assignment;
  RunConfig other;
  other.preset = "rainbow";
  EXPECT_NE(test::error_of([&] { changes_of(to_toml({}), other, 500, false); }).find("cannot change while it goes on"),
            std::string::npos);
}

TEST(ConfigHistory, WhatMayChangeIsListed) {
  RunConfig then, now;
  then.train.env_steps = 2'000;
  now.train.env_steps = 60'000;
  now.log.metrics_every_updates = 7;
  now.agent.optimizer.learning_rate = 0.5;
  const ConfigHistory changes = changes_of(to_toml(then), now, 2'000, false);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(describe(changes[0]), "at step 2000 log.metrics_every_updates from 100 to 7");
  EXPECT_EQ(describe(changes[1]), "at step 2000 optimizer.learning_rate from 0.001 to 0.5");
  EXPECT_EQ(describe(changes[2]), "at step 2000 train.env_steps from 2000 to 60000");
  EXPECT_TRUE(changes_of(to_toml(then), then, 2'000, true).empty());
}

TEST(ConfigHistory, HowTheBestAgentWasPickedIsInUse) {
  for (const char* assignment : {"eval.episodes=3", "eval.epsilon=0.5", "eval.max_episode_steps=9"}) {
    EXPECT_EQ(refusal(assignment), "no error") << assignment;
    EXPECT_NE(refusal(assignment, true).find("cannot change"), std::string::npos) << assignment;
  }
  EXPECT_EQ(refusal("eval.final_episodes=9", true), "no error");
}

TEST(ConfigHistory, ComesBackAsItWas) {
  const ConfigHistory history{{2'000, "train.env_steps", "2000", "60000"}, {9, "a \"key\"", "", "\n"}};
  const ConfigHistory read = history_of(history_text(history));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(history_text(read), history_text(history));
  for (const char* text : {"", "{", "[1]", "{}", "[{\"key\": 1}]"}) EXPECT_TRUE(history_of(text).empty()) << text;
}

TEST(ConfigHistory, SaysWhenTheConfigurationRepeatsTheRun) {
  const ConfigHistory longer{{2'000, "train.env_steps", "2000", "60000"}};
  const auto repeats = [&](const std::string& settings, const ConfigHistory& history) {
    return config_repeats(flat_toml(settings, "x"), history);
  };
  const std::string constant = "[agent]\nfinal_learning_rate_fraction = 1.0\n",
                    falling = "[agent]\nfinal_learning_rate_fraction = 0.1\n",
                    beta = "[replay]\nprioritized = true\nimportance_beta_anneal_env_steps = ";
  EXPECT_TRUE(repeats(constant, longer));
  EXPECT_FALSE(repeats(falling, longer));
  EXPECT_FALSE(repeats(beta + "0\n", longer));
  EXPECT_TRUE(repeats(beta + "100\n", longer));
  EXPECT_FALSE(repeats("[eval]\nstop_when_solved = true\n", longer));
  EXPECT_TRUE(repeats(falling, {{5, "log.metrics_every_updates", "1", "2"}}));
  EXPECT_TRUE(repeats(constant, {{5, "eval.final_episodes", "1", "2"}}));
  EXPECT_TRUE(repeats(constant, {{5, "eval.episodes", "1", "2"}}));
  EXPECT_FALSE(repeats("[eval]\nkeep_best = true\n", {{5, "eval.every_env_steps", "1", "2"}}));
  EXPECT_FALSE(repeats(constant, {{5, "optimizer.learning_rate", "1", "2"}}));
  EXPECT_FALSE(repeats(constant, {{5, "the environments", "their state", "fresh episodes"}}));
}

}  // namespace
}  // namespace deepq
