// How DQN acts, what it makes of a step before it is stored, and when it synchronises; what it learns is the learner's
// (learner_test.cc).
#include "deepq/agent/dqn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

namespace deepq {
namespace {

struct Stored {
  float reward, discount;
};

// The one transition that these settings store of one step.
Stored stored(const AgentConfig& agent, double reward, bool terminated, bool truncated, bool life_lost) {
  DqnConfig config;
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 2};
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
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 50, .env_count = 2};
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
      dqn.act(std::array{0.5f, 0.5f}, {.env_steps = 2 * step, .env_steps_before = std::max<int64_t>(0, 2 * step - 2)},
              actions);
      EXPECT_EQ(actions[0], actions[1]);
      if (actions == last) continue;
      EXPECT_EQ(step % kept, 0);
      ++changes;
    }
    EXPECT_GT(changes, 60 / kept * 3 / 4) << kept;
  }
}

// The step from `at` to `at + 1`, with reward `at`.
void step(Dqn& dqn, float at, bool skipped = false, bool truncated = false) {
  std::array<int64_t, 1> actions{};
  dqn.act(std::array{at}, {}, actions);
  const std::array<double, 1> rewards{at};
  const std::array<uint8_t, 1> no{0}, cut{truncated}, ignored{skipped};
  const std::array next{at + 1};
  dqn.observe({.actions = actions,
               .rewards = rewards,
               .terminated = no,
               .truncated = cut,
               .next_observations = next,
               .skipped = ignored},
              {.env_steps = 1});
}

struct Gathered {
  std::vector<float> observations, next_observations, rewards, discounts;
};

Gathered all_of(const Dqn& dqn) {
  std::vector<int64_t> indices(static_cast<size_t>(dqn.stored()));
  std::iota(indices.begin(), indices.end(), 0);
  const size_t n = indices.size();
  Gathered all{std::vector<float>(n), std::vector<float>(n), std::vector<float>(n), std::vector<float>(n)};
  std::vector<int64_t> actions(n);
  dqn.gather(indices,
             {{all.observations.data(), 1}, {all.next_observations.data(), 1}, actions, all.rewards, all.discounts});
  return all;
}

// One environment whose observation is a number that grows from step to step.
DqnConfig counting_config(int64_t n_step) {
  DqnConfig config;
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 2};
  config.network.hidden_sizes = {4};
  config.agent.n_step = n_step;
  config.agent.gamma = 0.5;
  config.replay.capacity = 64;
  return config;
}

// The mean weights judge, whatever noise was last acted with.
TEST(Dqn, ValuesAreWithoutNoise) {
  DqnConfig config;
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 5};
  config.network.hidden_sizes = {16};
  config.network.noisy = true;
  config.network.noisy_sigma = 10;
  config.replay.capacity = 64;
  Dqn dqn(config);
  const auto values = [&] {
    const auto q = dqn.q_values(std::array{0.5f});
    return std::vector<double>(q.begin(), q.end());
  };
  const std::vector<double> before = values();
  for (int64_t i = 0; i < 5; ++i) {
    std::array<int64_t, 1> actions{};
    dqn.act(std::array{0.5f}, {.env_steps = i}, actions);
    EXPECT_EQ(values(), before);
  }
}

struct Losses : UpdateListener {
  void on_update(const LearnStats& stats) override { all.push_back(stats.loss); }
  std::vector<double> all;
};

// `steps` steps of all environments, with observations and rewards that differ; the losses of their updates.
std::vector<double> losses_of(Dqn& dqn, int64_t env_count, int64_t steps, double fraction = 0) {
  Losses losses;
  const auto envs = static_cast<size_t>(env_count);
  for (int64_t step = 1; step <= steps; ++step) {
    std::vector<float> observations(envs), next(envs);
    std::vector<double> rewards(envs);
    for (size_t i = 0; i < envs; ++i) {
      observations[i] = static_cast<float>((static_cast<size_t>(step) * 7 + i * 3) % 11) / 10;
      next[i] = static_cast<float>((static_cast<size_t>(step) * 5 + i) % 13) / 10;
      rewards[i] = static_cast<double>((static_cast<size_t>(step) * 3 + i * 5) % 7) - 2;
    }
    const std::vector<uint8_t> no(envs);
    std::vector<int64_t> actions(envs);
    dqn.act(observations, {env_count * (step - 1), fraction}, actions);
    dqn.observe({actions, rewards, no, no, next}, {env_count * step, fraction});
    dqn.update({env_count * step, fraction, env_count * (step - 1)}, losses);
  }
  return losses.all;
}

TEST(Dqn, LearningStartsAtItsStepAndSoDoesEpsilonsFall) {
  for (const int64_t envs : {1, 3}) {
    DqnConfig config = counting_config(1);
    config.shape.env_count = envs;
    config.agent.batch_size = 4;
    config.learning_starts_env_steps = 10;
    config.exploration = {
        .schedule = EpsilonSchedule::kLinear, .epsilon_start = 0.8, .epsilon_end = 0.2, .anneal_env_steps = 100};
    Dqn dqn(config), restored(config);
    const int64_t first = (10 + envs - 1) / envs;  // the step of all together that learning starts with
    EXPECT_TRUE(losses_of(dqn, envs, first - 1).empty());
    EXPECT_EQ(dqn.epsilon({.env_steps = 1000}), 0.8) << "it has not started";
    Dqn whole(config);
    EXPECT_EQ(static_cast<int64_t>(losses_of(whole, envs, first).size()), envs);
    Archive saved;
    whole.serialize(saved);
    Archive loaded(saved.tensors());
    restored.serialize(loaded);
    for (const Dqn* const agent : {&whole, &restored}) {
      EXPECT_NEAR(agent->epsilon({.env_steps = envs * first + 50}), 0.5, 1e-12);
      EXPECT_NEAR(agent->epsilon({.env_steps = envs * first + 100}), 0.2, 1e-12);
    }
  }
}

// With beta at its end the losses are those of an agent that had it there from the start.
TEST(Dqn, ImportanceWeightsGoByStepsOrByTheRunsFraction) {
  const auto losses = [](double beta, double end, int64_t anneal_env_steps, double fraction) {
    DqnConfig config = counting_config(1);
    config.agent.batch_size = 8;
    config.learning_starts_env_steps = 20;
    config.updates_per_round = 4;
    config.replay.prioritized = true;
    config.replay.importance_beta = beta;
    config.replay.importance_beta_end = end;
    config.replay.importance_beta_anneal_env_steps = anneal_env_steps;
    Dqn dqn(config);
    return losses_of(dqn, 1, 25, fraction);
  };
  const std::vector<double> one = losses(1, 1, 0, 0), none = losses(0, 0, 0, 0);
  ASSERT_GT(one.size(), 16u);
  EXPECT_NE(one, none);
  EXPECT_EQ(losses(0, 1, 20, 0), one) << "20 environment steps have passed";
  EXPECT_EQ(losses(0, 1, 0, 1), one) << "the run is at its end";
  EXPECT_EQ(losses(0, 1, 0, 0), none) << "the run is at its beginning";
}

TEST(Dqn, FreshEpisodesBeginFreshWindows) {
  Dqn dqn(counting_config(3));
  step(dqn, 1);
  step(dqn, 2);
  dqn.drop_partial_episodes();
  for (const float at : {10.0f, 11.0f, 12.0f, 13.0f}) step(dqn, at);
  const Gathered all = all_of(dqn);
  EXPECT_EQ(all.observations, (std::vector<float>{10, 11}));
  EXPECT_EQ(all.rewards, (std::vector<float>{10 + 5.5f + 3, 11 + 6 + 3.25f}));
  EXPECT_EQ(all.next_observations, (std::vector<float>{13, 14}));
}

// The row after an end, in which the environment began its next episode, is in no transition and no window.
TEST(Dqn, WhatTheEnvironmentIgnoredIsNotStored) {
  for (const int64_t n_step : {1, 2}) {
    Dqn dqn(counting_config(n_step));
    step(dqn, 1, false, true);
    step(dqn, 50, true);
    step(dqn, 7);
    step(dqn, 8);
    const Gathered all = all_of(dqn);
    EXPECT_EQ(all.observations, n_step == 1 ? (std::vector<float>{1, 7, 8}) : (std::vector<float>{1, 7}));
    EXPECT_EQ(all.rewards, n_step == 1 ? (std::vector<float>{1, 7, 8}) : (std::vector<float>{1, 11}));
    EXPECT_EQ(all.discounts, n_step == 1 ? (std::vector<float>{0.5f, 0.5f, 0.5f}) : (std::vector<float>{0.5f, 0.25f}));
  }
}

std::vector<float> floats_of(Dqn& dqn, const std::string& tensor) {
  Archive archive;
  dqn.serialize(archive);
  const auto bytes = archive.tensors().at(tensor).bytes;
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

struct NoListener : UpdateListener {
  void on_update(const LearnStats&) override {}
};

// The online network stands still, the target network begins at 0: after k synchronisations it has come 1 - (1 - tau)^k
// of the way. One for each period that the steps of all environments together have passed.
void expect_synchronisations(const TargetConfig& target, int64_t env_count, int64_t updates_per_round) {
  SCOPED_TRACE(testing::Message() << env_count << " environments, every " << target.sync_every_env_steps << " steps, "
                                  << target.sync_every_updates << " updates, " << updates_per_round << " at once");
  DqnConfig config = counting_config(1);
  config.shape.env_count = env_count;
  config.agent.batch_size = 1;
  config.agent.optimizer.learning_rate = 1e-30;
  config.target = target;
  config.updates_per_round = updates_per_round;
  Dqn dqn(config);
  Archive saved;
  dqn.serialize(saved);
  TensorMap tensors = saved.tensors();
  const std::vector<std::byte> zeros(tensors.at("target/1/weight").bytes.size());
  tensors.at("target/1/weight").bytes = zeros;
  Archive loaded(tensors);
  dqn.serialize(loaded);
  const std::vector<float> online = floats_of(dqn, "online/1/weight");
  const auto envs = static_cast<size_t>(env_count);
  const std::vector<float> observations(envs, 0.5f);
  const std::vector<double> rewards(envs);
  const std::vector<uint8_t> no(envs);
  std::vector<int64_t> actions(envs);
  NoListener listener;
  for (int64_t env_steps = env_count; env_steps <= 7 * env_count; env_steps += env_count) {
    dqn.act(observations, {env_steps - env_count, 0}, actions);
    dqn.observe({actions, rewards, no, no, observations}, {env_steps, 0});
    dqn.update({env_steps, 0, env_steps - env_count}, listener);
    const int64_t expected = target.sync_every_env_steps > 0 ? env_steps / target.sync_every_env_steps
                                                             : dqn.updates() / target.sync_every_updates;
    EXPECT_EQ(dqn.updates(), env_steps * updates_per_round);
    const double fraction = 1 - std::pow(1 - target.tau, static_cast<double>(expected));
    const std::vector<float> now = floats_of(dqn, "target/1/weight");
    for (size_t i = 0; i < now.size(); ++i) ASSERT_NEAR(now[i], fraction * online[i], 1e-6) << "step " << env_steps;
  }
}

TEST(Dqn, TheTargetFollowsOncePerPeriodHoweverManyPassAtOnce) {
  for (const int64_t envs : {1, 2, 5, 8})
    for (const int64_t period : {1, 2, 3, 7})
      expect_synchronisations({.tau = 0.1, .sync_every_updates = 0, .sync_every_env_steps = period}, envs, 1);
  for (const int64_t envs : {1, 3})
    for (const int64_t updates_per_round : {1, 4})
      expect_synchronisations({.tau = 0.1, .sync_every_updates = 3}, envs, updates_per_round);
}

}  // namespace
}  // namespace deepq
