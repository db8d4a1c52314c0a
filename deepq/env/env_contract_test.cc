// What every environment must keep, those of the registry and the toy ones that other tests rely on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deepq/core/random.h"
#include "deepq/env/registry.h"
#include "deepq/env/vector_env.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

EnvFactory make_env(const std::string& id) {
  if (id == "Identity-v0") return [] { return std::make_unique<test::IdentityEnv>(); };
  if (id == "Chain-v0") return [] { return std::make_unique<test::ChainEnv>(); };
  return find_env(id);
}

std::vector<std::string> all_ids() {
  std::vector<std::string> ids = env_ids();
  ids.insert(ids.end(), {"Identity-v0", "Chain-v0"});
  return ids;
}

// Everything that VectorEnv tells, step by step, under random actions.
struct Trace {
  std::vector<double> numbers;
  bool operator==(const Trace&) const = default;
};

void play(VectorEnv& envs, Random& random, int steps, Trace& trace) {
  std::vector<int64_t> actions(static_cast<size_t>(envs.count()));
  const auto add = [&](const auto& values) { trace.numbers.insert(trace.numbers.end(), values.begin(), values.end()); };
  for (int step = 0; step < steps; ++step) {
    for (int64_t& action : actions)
      action = static_cast<int64_t>(random.below(static_cast<uint64_t>(envs.spec().action_count)));
    envs.step(actions);
    add(envs.observations());
    add(envs.next_observations());
    add(envs.rewards());
    for (int64_t i = 0; i < envs.count(); ++i)
      add(std::vector<double>{envs.terminated(i) ? 1.0 : 0.0, envs.truncated(i) ? 1.0 : 0.0, envs.episode_return(i),
                              static_cast<double>(envs.episode_length(i))});
  }
}

// Games without a limit of their own, in the original too; training gives them one with env.max_episode_steps, as the
// tests of limits do.
bool is_endless(const std::string& id) { return id.starts_with("MinAtar/"); }

Trace trace_of(const std::string& id, uint64_t seed, int steps) {
  VectorEnv envs(make_env(id), 2, seed);
  Trace trace{{envs.observations().begin(), envs.observations().end()}};
  Random random(99);
  play(envs, random, steps, trace);
  return trace;
}

class EnvContract : public testing::TestWithParam<std::string> {};

// VectorEnv checks every value, so playing without an error is the test of the bounds.
TEST_P(EnvContract, SpecAndValuesAreInBounds) {
  const auto env = make_env(GetParam())();
  EXPECT_EQ(env->spec().id, GetParam());
  EXPECT_GE(env->spec().action_count, 2);
  EXPECT_EQ(env->spec().max_episode_steps == 0, is_endless(GetParam())) << "training could hang in one episode";
  EXPECT_NO_THROW(trace_of(GetParam(), 3, 2000));
}

TEST_P(EnvContract, SameSeedSameEpisodes) { EXPECT_EQ(trace_of(GetParam(), 5, 500), trace_of(GetParam(), 5, 500)); }

TEST_P(EnvContract, OtherSeedOtherEpisodes) { EXPECT_NE(trace_of(GetParam(), 5, 500), trace_of(GetParam(), 6, 500)); }

TEST_P(EnvContract, ResetWithASeedForgetsWhatWasBefore) {
  const auto used = make_env(GetParam())(), fresh = make_env(GetParam())();
  used->reset(1);
  for (int step = 0; step < 3; ++step)
    if (used->step(step % 2).terminated) used->reset(std::nullopt);
  const auto a = used->reset(2), b = fresh->reset(2);
  EXPECT_TRUE(std::ranges::equal(a, b));
  const Step step_a = used->step(1), step_b = fresh->step(1);
  EXPECT_TRUE(std::ranges::equal(step_a.observation, step_b.observation));
  const auto next_a = used->reset(std::nullopt), next_b = fresh->reset(std::nullopt);
  EXPECT_TRUE(std::ranges::equal(next_a, next_b));
}

TEST_P(EnvContract, NoEpisodeIsLongerThanTheLimit) {
  VectorEnv envs(make_env(GetParam()), 1, 0, is_endless(GetParam()) ? 500 : 0);
  const int64_t limit = envs.spec().max_episode_steps;
  const std::array<int64_t, 1> action{0};
  for (int64_t step = 0; step < 3 * limit; ++step) {
    envs.step(action);
    ASSERT_LE(envs.episode_length(0), limit);
    ASSERT_EQ(envs.truncated(0), envs.episode_length(0) == limit);
  }
}

TEST_P(EnvContract, RestoredMidEpisodeEqualsUnbroken) {
  VectorEnv unbroken(make_env(GetParam()), 3, 11);
  Random random(1);
  Trace ignored, expected, got;
  play(unbroken, random, 137, ignored);
  Archive saved;
  unbroken.serialize(saved);
  random.serialize(saved);

  VectorEnv resumed(make_env(GetParam()), 3, 12345);
  Random other_random(2);
  play(resumed, other_random, 20, ignored);
  Archive loaded(saved.tensors());
  resumed.serialize(loaded);
  other_random.serialize(loaded);
  EXPECT_TRUE(resumed.restored_exactly());
  EXPECT_TRUE(std::ranges::equal(resumed.observations(), unbroken.observations()));
  EXPECT_TRUE(std::ranges::equal(resumed.next_observations(), unbroken.next_observations()));
  play(unbroken, random, 600, expected);
  play(resumed, other_random, 600, got);
  EXPECT_EQ(got, expected);
}

// The same at every moment, those right after an end included.
TEST_P(EnvContract, RestoredAnywhereEqualsUnbroken) {
  VectorEnv unbroken(make_env(GetParam()), 2, 11), resumed(make_env(GetParam()), 2, 12345);
  Random random(1), other_random(2);
  for (int step = 0; step < 100; ++step) {
    Archive saved;
    unbroken.serialize(saved);
    random.serialize(saved);
    Archive loaded(saved.tensors());
    resumed.serialize(loaded);
    other_random.serialize(loaded);
    Trace expected, got;
    play(unbroken, random, 1, expected);
    play(resumed, other_random, 1, got);
    ASSERT_EQ(got, expected) << "after step " << step;
    play(resumed, other_random, 7, got);  // away from there, so that the next restore has something to do
  }
}

INSTANTIATE_TEST_SUITE_P(All, EnvContract, testing::ValuesIn(all_ids()), [](const auto& tested) {
  std::string name = tested.param;
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
});

// Bellman's equation on every transition of a long random walk. The next state of IdentityEnv is random, but all states
// are worth the same, so the equation holds without an expectation.
template <class Toy>
void expect_bellman(double gamma) {
  Toy env;
  const auto q = env.q_star(gamma);
  const auto rows = env.all_observations();
  const auto actions = static_cast<size_t>(env.spec().action_count);
  const auto size = static_cast<size_t>(env.spec().observation_size());
  ASSERT_EQ(q.size() / actions, rows.size() / size);
  const auto state_of = [&](std::span<const float> observation) {
    for (size_t s = 0; s < rows.size() / size; ++s)
      if (std::ranges::equal(observation, std::span(rows).subspan(s * size, size))) return s;
    return rows.size();
  };
  Random random(1);  // with the environment's own seed the actions would be its states
  std::vector<bool> seen(q.size());
  size_t state = state_of(env.reset(0));
  for (int t = 0; t < 1000; ++t) {
    const auto action = static_cast<size_t>(random.below(actions));
    const Step step = env.step(static_cast<int64_t>(action));
    double target = step.reward;
    size_t next = 0;
    if (step.terminated) {
      next = state_of(env.reset(std::nullopt));
    } else {
      next = state_of(step.observation);
      ASSERT_LT(next, rows.size());
      target += gamma * *std::max_element(&q[next * actions], &q[next * actions] + actions);
    }
    ASSERT_NEAR(q[state * actions + action], target, 1e-12) << "state " << state << ", action " << action;
    seen[state * actions + action] = true;
    state = next;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), false), 0) << "a pair was never tried";
}

TEST(ToyEnvs, QStarSatisfiesBellmansEquation) {
  for (const double gamma : {0.0, 0.5, 0.99}) {
    expect_bellman<test::IdentityEnv>(gamma);
    expect_bellman<test::ChainEnv>(gamma);
  }
}

}  // namespace
}  // namespace deepq
