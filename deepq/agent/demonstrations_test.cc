// Which rows of a batch are demonstrations, and what they become on their way there.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "deepq/agent/dqn.h"

namespace deepq {
namespace {

// Two episodes of three steps, each worth 7; one ends, one is cut off.
class Sevens final : public Demonstrations {
 public:
  int64_t steps() const override { return 6; }
  int64_t episodes() const override { return 2; }
  void visit(const Visit& visit) const override {
    for (int64_t i = 0; i < 6; ++i) {
      const std::array from{static_cast<float>(i)}, to{static_cast<float>(i + 1)};
      visit({.observation = from,
             .action = 1,
             .reward = 7,
             .terminated = i == 2,
             .truncated = i == 5,
             .next_observation = to});
    }
  }
};

struct NoUpdates : UpdateListener {
  void on_update(const LearnStats&) override {}
};

DqnConfig config_of_ones(bool prioritized) {
  DqnConfig config;
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 3};
  config.network.hidden_sizes = {4};
  config.agent.batch_size = 8;
  config.agent.gamma = 0.5;
  config.agent.reward_scale = 0.5;
  config.replay.capacity = 16;
  config.replay.prioritized = prioritized;
  config.replay.demonstration_fraction = 0.36;  // of 8: 3 rows
  return config;
}

void act_once(ReplayLearner& learner, int64_t step, NoUpdates& none) {
  static constexpr std::array<uint8_t, 1> kNo{};
  static constexpr std::array<int64_t, 1> kAction{2};
  static constexpr std::array<double, 1> kReward{1};
  const std::array from{-1.0f}, to{-2.0f};
  const Progress progress{.env_steps = step + 1, .env_steps_before = step};
  learner.observe(
      from, {}, {.actions = kAction, .rewards = kReward, .terminated = kNo, .truncated = kNo, .next_observations = to},
      progress);
  learner.update(progress, none);
}

int64_t rows_with(ReplayLearner& learner, float reward) {
  return std::ranges::count(learner.learner().batch().rewards, reward);
}

TEST(DemonstrationsInABatch, AreItsFirstRows) {
  for (const bool prioritized : {false, true}) {
    NoUpdates none;
    const Sevens sevens;
    ReplayLearner learner(config_of_ones(prioritized), &sevens);
    for (int64_t step = 0; step < 50; ++step) act_once(learner, step, none);
    EXPECT_EQ(learner.learner().updates(), 43);
    const BatchBuffers batch = learner.learner().batch();
    for (size_t row = 0; row < 8; ++row) {
      EXPECT_EQ(batch.rewards[row], row < 3 ? 3.5f : 0.5f) << row << ", scaled as the agent's own";
      EXPECT_EQ(batch.actions[row], row < 3 ? 1 : 2) << row;
      const float observation = batch.observations.data[static_cast<int64_t>(row) * batch.observations.stride];
      EXPECT_TRUE(row < 3 ? observation >= 0 : observation == -1) << row;
    }
    EXPECT_EQ(learner.stored(), 16) << "its own replay is full, and nothing of it is a demonstration";
  }
}

TEST(DemonstrationsInABatch, AreAllOfItBeforeTheFirstStep) {
  NoUpdates none;
  const Sevens sevens;
  DqnConfig config = config_of_ones(false);
  config.pretrain_updates = 5;
  config.agent.bootstrap_at_truncation = false;
  ReplayLearner learner(config, &sevens);
  int64_t made = 0;
  while (learner.pretrain({}, none)) ++made;
  EXPECT_EQ(made, 5);
  EXPECT_EQ(rows_with(learner, 3.5f), 8) << "six of them, some twice";
  const BatchBuffers batch = learner.learner().batch();
  for (size_t row = 0; row < 8; ++row) {
    const float observation = batch.observations.data[static_cast<int64_t>(row) * batch.observations.stride];
    EXPECT_EQ(batch.discounts[row], observation == 2 || observation == 5 ? 0.0f : 0.5f);
  }
}

TEST(DemonstrationsInABatch, OfSeveralStepsSumTheirRewards) {
  NoUpdates none;
  const Sevens sevens;
  DqnConfig config = config_of_ones(false);
  config.agent.n_step = 2;
  config.offline = true;
  ReplayLearner learner(config, &sevens);
  learner.update({.env_steps = 1}, none);
  EXPECT_EQ(rows_with(learner, 3.5f) + rows_with(learner, 3.5f * 1.5f), 8);
  EXPECT_GT(rows_with(learner, 3.5f * 1.5f), 0);
}

// Alone of demonstrations of a run that acts: data of anyone's have no actions to be preferred.
TEST(DemonstrationsInABatch, AreToBePreferredUnlessOffline) {
  const auto weights = [](bool offline, double margin_weight) {
    NoUpdates none;
    const Sevens sevens;
    DqnConfig config = config_of_ones(false);
    config.agent.margin_weight = margin_weight;
    config.offline = offline;
    config.pretrain_updates = offline ? 0 : 3;
    ReplayLearner learner(config, &sevens);
    if (offline) learner.update({.env_steps = 1}, none);
    while (learner.pretrain({}, none)) continue;
    return learner.learner().weights_sha256();
  };
  EXPECT_NE(weights(false, 0), weights(false, 1));
  EXPECT_EQ(weights(true, 0), weights(true, 1));
}

}  // namespace
}  // namespace deepq
