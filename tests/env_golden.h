// Replays what Gymnasium's environments did, as tests/golden/README.md describes, and compares every number as bits: -0
// and 0 differ, and no tolerance hides a drift. E is an environment with a `state()` of doubles.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "deepq/core/archive.h"
#include "deepq/env/env.h"
#include "tests/golden.h"

namespace deepq::test {

template <class T>
bool same_bits(std::span<const T> got, std::span<const T> expected) {
  return std::ranges::equal(std::as_bytes(got), std::as_bytes(expected));
}

// Row i of a matrix that has `count` rows.
template <class T>
std::span<const T> row(std::span<const T> matrix, size_t i, size_t count) {
  const size_t width = matrix.size() / count;
  return matrix.subspan(i * width, width);
}

// Puts the environment into a state of the test's choice, through what it saves and restores.
template <class E, class State>
void set_state(E& env, const State& state) {
  Archive saved;
  env.serialize(saved);
  TensorMap tensors = saved.tensors();
  tensors.at("state").bytes = std::as_bytes(std::span(state));
  Archive loaded(tensors);
  env.serialize(loaded);
}

// The columns that every case has, one row for each step.
class GoldenSteps {
 public:
  GoldenSteps(const Golden& golden, const std::string& name)
      : actions(golden.ints(name + ".actions")),
        states_(golden.doubles(name + ".states")),
        rewards_(golden.floats(name + ".rewards")),
        terminated_(golden.bytes(name + ".terminated")),
        truncated_(golden.bytes(name + ".truncated")) {}

  template <class E>
  void expect(size_t t, const E& env, const Step& step, std::span<const float> observation) const {
    SCOPED_TRACE("step " + std::to_string(t));
    ASSERT_TRUE(same_bits<double>(env.state(), row(states_, t, actions.size())));
    ASSERT_TRUE(same_bits<float>(step.observation, observation));
    ASSERT_EQ(step.reward, static_cast<double>(rewards_[t]));
    ASSERT_EQ(step.terminated, terminated_[t] != 0);
    ASSERT_FALSE(step.truncated) << "the time limit is VectorEnv's";
  }
  bool ended(size_t t) const { return terminated_[t] != 0 || truncated_[t] != 0; }

  const std::span<const int32_t> actions;

 private:
  std::span<const double> states_;
  std::span<const float> rewards_;
  std::span<const uint8_t> terminated_, truncated_;
};

// Whole episodes: `reset(seed)`, then `reset()` after each end.
template <class E>
void replay_episodes(const Golden& golden, const std::string& name, uint64_t seed) {
  SCOPED_TRACE(name);
  const GoldenSteps steps(golden, name);
  const auto observations = golden.floats(name + ".observations");
  const auto reset_states = golden.doubles(name + ".reset_states");
  const auto observation_count = static_cast<size_t>(golden.shape(name + ".observations")[0]);
  const auto episode_count = static_cast<size_t>(golden.shape(name + ".reset_states")[0]);
  E env;
  size_t episode = 0, observed = 0;
  const auto start = [&](std::optional<uint64_t> with_seed) {
    SCOPED_TRACE("reset of episode " + std::to_string(episode));
    const auto observation = env.reset(with_seed);
    ASSERT_LT(episode, episode_count);
    EXPECT_TRUE(same_bits<float>(observation, row(observations, observed++, observation_count)));
    EXPECT_TRUE(same_bits<double>(env.state(), row(reset_states, episode++, episode_count)));
  };
  start(seed);
  for (size_t t = 0; t < steps.actions.size(); ++t) {
    const Step step = env.step(steps.actions[t]);
    ASSERT_LT(observed, observation_count);
    steps.expect(t, env, step, row(observations, observed++, observation_count));
    if (testing::Test::HasFatalFailure()) return;
    if (steps.ended(t) && t + 1 < steps.actions.size()) start(std::nullopt);
  }
  EXPECT_EQ(observed, observation_count);
  EXPECT_EQ(episode, episode_count);
}

// Single steps, each from a state of its own.
template <class E>
void replay_single_steps(const Golden& golden, const std::string& name) {
  SCOPED_TRACE(name);
  const GoldenSteps steps(golden, name);
  const auto before = golden.doubles(name + ".before");
  const auto observations = golden.floats(name + ".observations");
  E env;
  env.reset(0);
  for (size_t t = 0; t < steps.actions.size(); ++t) {
    set_state(env, row(before, t, steps.actions.size()));
    const Step step = env.step(steps.actions[t]);
    steps.expect(t, env, step, row(observations, t, steps.actions.size()));
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace deepq::test
