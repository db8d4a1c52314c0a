// How DQN acts, and what it makes of a step before it is stored; what it learns from it is the learner's
// (learner_test.cc).
#include "deepq/agent/dqn.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace deepq {
namespace {

struct Stored {
  float reward, discount;
};

// The one transition that these settings store of one step.
Stored stored(const AgentConfig& agent, double reward, bool terminated, bool truncated, bool life_lost) {
  DqnConfig config;
  config.shape = {.observation = {.dimensions = {1}}, .action_count = 2};
  config.network.hidden_sizes = {4};
  config.agent = agent;
  config.replay.capacity = 64;
  Dqn dqn(config);
  std::array<int64_t, 1> actions{};
  dqn.act(std::array{0.5f}, {}, actions);
  const std::array<double, 1> rewards{reward};
  const std::array<uint8_t, 1> ends{terminated}, cuts{truncated}, lives{life_lost};
  const std::array next{1.0f};
  dqn.observe({.actions = actions,
               .rewards = rewards,
               .terminated = ends,
               .truncated = cuts,
               .next_observations = next,
               .life_lost = lives},
              {.env_steps = 1});
  Archive archive;
  dqn.serialize(archive);
  Stored result;  // the record's second and third number
  std::memcpy(&result, archive.tensors().at("replay/records").bytes.data() + sizeof(float), sizeof result);
  return result;
}

TEST(Dqn, ALostLifeIsAnEndAndATruncationIsNone) {
  AgentConfig agent;
  agent.gamma = 0.9;
  EXPECT_EQ(stored(agent, 1, false, false, false).discount, 0.9f);
  EXPECT_EQ(stored(agent, 1, true, false, false).discount, 0.0f);
  EXPECT_EQ(stored(agent, 1, false, false, true).discount, 0.0f);
  EXPECT_EQ(stored(agent, 1, false, true, false).discount, 0.9f);
}

TEST(Dqn, RewardsAreClippedAndThenScaled) {
  AgentConfig plain;
  plain.reward_scale = 0.5;
  AgentConfig clipped = plain;
  clipped.reward_clip = 1;
  EXPECT_EQ(stored(clipped, 7, false, false, false).reward, 0.5f);
  EXPECT_EQ(stored(clipped, -7, false, false, false).reward, -0.5f);
  EXPECT_EQ(stored(clipped, 0.5, false, false, false).reward, 0.25f);
  EXPECT_EQ(stored(plain, 7, false, false, false).reward, 3.5f);
}

// With so much noise each draw of it has a greedy action of its own.
TEST(Dqn, NoiseIsKeptForSoManyStepsOfEachEnvironment) {
  DqnConfig config;
  config.shape = {.observation = {.dimensions = {1}}, .action_count = 50, .env_count = 2};
  config.network.hidden_sizes = {16};
  config.network.noisy = true;
  config.network.noisy_sigma = 10;
  config.replay.capacity = 64;
  for (const int64_t kept : {1, 3, 4}) {
    config.exploration.noise_steps = kept;
    Dqn dqn(config);
    std::array<int64_t, 2> actions{}, last{};
    int64_t changes = 0;
    for (int64_t step = 0; step < 60; ++step, last = actions) {
      dqn.act(std::array{0.5f, 0.5f}, {.env_steps = 2 * step}, actions);
      EXPECT_EQ(actions[0], actions[1]);
      if (actions == last) continue;
      EXPECT_EQ(step % kept, 0);
      ++changes;
    }
    EXPECT_GT(changes, 60 / kept * 3 / 4) << kept;
  }
}

}  // namespace
}  // namespace deepq
