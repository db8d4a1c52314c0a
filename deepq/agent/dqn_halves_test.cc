// What acts and what learns, each by itself: the actor hands rows over as through a queue, the learner takes them
// later.
#include <gtest/gtest.h>

#include <algorithm>
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
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 3, .env_count = kEnvs};
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
    learner.observe(sent.observations, {}, result_of(sent), progress_at(i + 1));
  }
  EXPECT_EQ(learner.stored(), dqn.stored());

  const Progress now = {.env_steps = kEnvs * kSteps, .env_steps_before = 0};
  learner.update(now, listener);
  dqn.update(now, listener);
  EXPECT_EQ(learner.learner().updates(), kEnvs * kSteps);
  EXPECT_EQ(learner.learner().weights_sha256(), dqn.weights_sha256());
}

// With so many actions and so much noise the actions of eight environments are a fingerprint of the noise.
class NoisyActor : public ::testing::Test {
 protected:
  static constexpr int64_t kMany = 8;

  static DqnConfig config() {
    DqnConfig config;
    config.shape = {.observation = ObservationSpace::real({1}), .actions = 50, .env_count = kMany};
    config.network = {.hidden_sizes = {16}, .noisy = true, .noisy_sigma = 10};
    config.agent.batch_size = 4;
    config.replay.capacity = 64;
    config.exploration.noise_steps = 2;
    return config;
  }

  // The actions of the step that follows `steps` others.
  std::vector<int64_t> act(int64_t steps) { return act(actor_, steps); }
  std::vector<int64_t> act(DqnActor& actor, int64_t steps) {
    std::vector<int64_t> actions(kMany);
    const int64_t before = kMany * std::max<int64_t>(0, steps - 1);
    actor.act(observations_, {.env_steps = kMany * steps, .env_steps_before = before}, 0, actions);
    return actions;
  }
  std::vector<double> values() {
    const std::span<const double> q = actor_.values().values(observations_);
    return {q.begin(), q.end()};
  }

  const std::vector<float> observations_ = {-3, -2, -1, -0.5f, 0.5f, 1, 2, 3};
  ReplayLearner learning_{config()};
  Learner& learner_ = learning_.learner();
  DqnActor actor_{config(), learner_};
};

TEST_F(NoisyActor, KeepsItsNoiseUntilItIsRenewed) {
  const std::vector<int64_t> first = act(0);
  const std::vector<double> without = values();
  EXPECT_EQ(act(1), first) << "evaluation in between changes nothing";
  learner_.update(0);  // draws noise of its own; the weights stay
  EXPECT_EQ(act(1), first);
  const std::vector<int64_t> second = act(2);
  EXPECT_NE(second, first);
  EXPECT_EQ(act(3), second);
  EXPECT_EQ(values(), without);
}

// One stream for what acts and what learns, in the order of their draws: the results of older versions depend on it.
TEST_F(NoisyActor, DrawsFromTheLearnersStream) {
  const auto next = [](Random stream) { return stream.next_u64(); };
  Random expected = learner_.noise();
  act(0);
  EXPECT_NE(next(learner_.noise()), next(expected));
  Network same(config().network, network_for(config().shape.observation, config().shape.actions), 1, Trainable::kNo);
  same.sample_noise(expected);
  EXPECT_EQ(next(learner_.noise()), next(expected)) << "the noise of one network";
  act(1);
  EXPECT_EQ(next(learner_.noise()), next(expected)) << "kept noise draws nothing";
}

TEST_F(NoisyActor, ActsOnWithItsNoiseWhenRestored) {
  act(0);
  learner_.update(0);
  const std::vector<int64_t> second = act(2);
  Archive saved;
  actor_.serialize(saved), learner_.serialize(saved);
  ReplayLearner other(config());
  DqnActor restored(config(), other.learner());
  Archive loaded(saved.tensors());
  restored.serialize(loaded), other.learner().serialize(loaded);
  EXPECT_EQ(act(restored, 3), second);
}

}  // namespace
}  // namespace deepq
