// Plays the golden cases of tools/golden/toy_text.py on environments with discrete observations.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "deepq/env/sync_vector_env.h"
#include "deepq/env/tabular_env.h"
#include "tests/golden.h"

namespace deepq::test {

constexpr uint64_t kDiscreteGoldenSeeds = 20;

// One seed of a case: `reset(seed)`, then whole episodes with `reset()` in between, time limit included. Every number
// that Gymnasium gave is compared, and that all of them were met.
inline void replay_discrete(const Golden& golden, const std::string& name, const EnvFactory& factory, uint64_t seed) {
  SCOPED_TRACE(name);
  const auto actions = golden.bytes(name + ".actions");
  const auto observations = golden.ints(name + ".observations");
  const auto rewards = golden.floats(name + ".rewards");
  const auto terminated = golden.bytes(name + ".terminated");
  const auto truncated = golden.bytes(name + ".truncated");
  SyncVectorEnv env(factory, 1, seed);
  size_t row = 0;
  ASSERT_EQ(env.observations()[0].state(), observations[row++]) << "first reset";
  for (size_t t = 0; t < actions.size(); ++t) {
    env.step(std::array<int64_t, 1>{actions[t]});
    ASSERT_EQ(env.next_observations()[0].state(), observations[row++]) << "step " << t;
    ASSERT_EQ(env.rewards()[0], static_cast<double>(rewards[t])) << "step " << t;
    ASSERT_EQ(env.terminated(0), terminated[t] != 0) << "step " << t;
    ASSERT_EQ(env.truncated(0), truncated[t] != 0) << "step " << t;
    if (env.ended(0) && t + 1 < actions.size()) {
      ASSERT_EQ(env.observations()[0].state(), observations[row++]) << "reset after step " << t;
    }
  }
  EXPECT_EQ(row, observations.size());
  EXPECT_TRUE(env.ended(0));
}

inline void replay_discrete_seeds(const Golden& golden, const std::string& name, const EnvFactory& factory) {
  for (uint64_t seed = 0; seed < kDiscreteGoldenSeeds; ++seed)
    replay_discrete(golden, name + "." + std::to_string(seed), factory, seed);
}

// Every outcome of every state and action, those that no episode meets included.
inline void compare_table(const Golden& golden, const std::string& name, const TabularEnv& env) {
  SCOPED_TRACE(name);
  const auto counts = golden.bytes(name + ".table.counts");
  const auto probabilities = golden.floats(name + ".table.probabilities");
  const auto next_states = golden.ints(name + ".table.next_states");
  const auto rewards = golden.floats(name + ".table.rewards");
  const auto terminated = golden.bytes(name + ".table.terminated");
  const int64_t action_count = env.spec().action_count;
  ASSERT_EQ(static_cast<int64_t>(counts.size()), env.spec().observation_space.states() * action_count);
  size_t row = 0;
  for (size_t pair = 0; pair < counts.size(); ++pair) {
    const int64_t state = static_cast<int64_t>(pair) / action_count, action = static_cast<int64_t>(pair) % action_count;
    SCOPED_TRACE("state " + std::to_string(state) + ", action " + std::to_string(action));
    const auto outcomes = env.outcomes(state, action);
    ASSERT_EQ(outcomes.size(), counts[pair]);
    for (const Outcome& outcome : outcomes) {
      ASSERT_EQ(static_cast<float>(outcome.probability), probabilities[row]);
      ASSERT_EQ(outcome.next_state, next_states[row]);
      ASSERT_EQ(outcome.reward, static_cast<double>(rewards[row]));
      ASSERT_EQ(outcome.terminated, terminated[row] != 0);
      ++row;
    }
  }
  EXPECT_EQ(row, next_states.size());
}

}  // namespace deepq::test
