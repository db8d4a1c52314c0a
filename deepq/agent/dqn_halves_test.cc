// What acts and what learns, each by itself: the actor hands rows over as through a queue, the learner takes them
// later.
#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <vector>

#include "deepq/agent/dqn.h"

namespace deepq {
namespace {

constexpr int64_t kSteps = 40, kEnvs = 2;
constexpr double kEpsilon = 0.3;

DqnConfig config_of_two() {
  DqnConfig config;
  config.shape = {.observation = ObservationSpace::real({1}), .action_count = 3, .env_count = kEnvs};
  config.network.hidden_sizes = {8};
  config.agent.batch_size = 4;
  config.agent.n_step = 3;
  config.replay.capacity = 256;
  config.exploration.epsilon_start = kEpsilon;  // most actions are the network's
  config.seed = 7;
  return config;
}

// One step's row in the queue: what was acted on, and what came of it.
struct Sent {
  std::array<float, kEnvs> observations, next;
  std::array<int64_t, kEnvs> actions;
  std::array<double, kEnvs> rewards;
};

// Rewards depend on the actions, so that another action is another transition.
Sent step(int64_t index) {
  const auto x = static_cast<float>(index);
  return {.observations = {x / 10, x / 7}, .next = {(x + 1) / 10, (x + 1) / 7}, .actions = {}, .rewards = {}};
}

void reward(Sent& sent) {
  for (size_t i = 0; i < kEnvs; ++i) sent.rewards[i] = static_cast<double>(sent.actions[i]) - 0.5;
}

StepResult result_of(const Sent& sent) {
  static constexpr std::array<uint8_t, kEnvs> kNo{};
  return {.actions = sent.actions,
          .rewards = sent.rewards,
          .terminated = kNo,
          .truncated = kNo,
          .next_observations = sent.next};
}

Progress progress_at(int64_t index) { return {.env_steps = kEnvs * index, .env_steps_before = kEnvs * (index - 1)}; }

struct NoListener : UpdateListener {
  void on_update(const LearnStats&) override {}
};

TEST(DqnHalves, ALearnerFedFromAQueueLearnsWhatDqnLearns) {
  const DqnConfig config = config_of_two();
  NoListener listener;

  // In one place; no update while the queue's actor acts, for its parameters stand still then.
  Dqn dqn(config);
  std::vector<Sent> queue;
  for (int64_t i = 0; i < kSteps; ++i) {
    Sent sent = step(i);
    dqn.act(sent.observations, progress_at(i), sent.actions);
    reward(sent);
    dqn.observe(result_of(sent), progress_at(i + 1));
    queue.push_back(sent);
  }

  ReplayLearner learner(config);
  DqnActor actor(config, learner.learner());
  for (int64_t i = 0; i < kSteps; ++i) {
    Sent sent = step(i);
    actor.act(sent.observations, progress_at(i), kEpsilon, sent.actions);
    EXPECT_EQ(sent.actions, queue[static_cast<size_t>(i)].actions) << i;
    EXPECT_EQ(actor.acted_on()[1].as<float>()[0], sent.observations[1]);
  }
  for (int64_t i = 0; i < kSteps; ++i) {
    Sent& sent = queue[static_cast<size_t>(i)];
    learner.observe(sent.observations, result_of(sent), progress_at(i + 1));
  }
  EXPECT_EQ(learner.stored(), dqn.stored());

  const Progress now = {.env_steps = kEnvs * kSteps, .env_steps_before = 0};
  learner.update(now, listener);
  dqn.update(now, listener);
  EXPECT_EQ(learner.learner().updates(), kEnvs * kSteps);
  EXPECT_EQ(learner.learner().weights_sha256(), dqn.weights_sha256());
}

}  // namespace
}  // namespace deepq
