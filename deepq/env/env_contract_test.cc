// What every environment must keep, those of the registry and the toy ones that other tests rely on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deepq/core/random.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "tests/legal_play.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

EnvFactory make_env(const std::string& id) {
  if (id == "Identity-v0") return [] { return std::make_unique<test::IdentityEnv>(); };
  if (id == "Chain-v0") return [] { return std::make_unique<test::ChainEnv>(); };
  return find_env(id);
}

bool is_one_of(const std::string& id, std::initializer_list<std::string_view> ids) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Without a time limit, as in Gymnasium and MinAtar: whoever plays them brings one.
bool is_endless(const std::string& id) {
  return is_one_of(id, {"CliffWalking-v1", "CliffWalkingSlippery-v1"}) || id.starts_with("MinAtar/");
}

// Nothing in these is random, starts included, so every seed gives the same episodes.
bool is_without_chance(const std::string& id) { return is_one_of(id, {"CliffWalking-v1"}); }

// What SyncVectorEnv is given as a time limit: nothing, where the environment has its own.
int64_t own_limit_or(int64_t limit, const std::string& id) { return is_endless(id) ? limit : 0; }

std::vector<std::string> all_ids() {
  std::vector<std::string> ids = env_ids();
  ids.insert(ids.end(), {"Identity-v0", "Chain-v0"});
  return ids;
}

// Everything that SyncVectorEnv tells, step by step, under random actions.
struct Trace {
  std::vector<double> numbers;
  bool operator==(const Trace&) const = default;
};

std::vector<uint8_t> bytes_of(const ObservationRows& rows) {
  const std::span bytes(reinterpret_cast<const uint8_t*>(rows.bytes().data()), rows.bytes().size());
  return {bytes.begin(), bytes.end()};
}

void play(SyncVectorEnv& envs, Random& random, int steps, Trace& trace) {
  std::vector<int64_t> actions(static_cast<size_t>(envs.count()));
  const auto add = [&](const auto& values) { trace.numbers.insert(trace.numbers.end(), values.begin(), values.end()); };
  for (int step = 0; step < steps; ++step) {
    test::choose_legal(envs, random, actions);
    envs.step(actions);
    add(bytes_of(envs.observations()));
    add(bytes_of(envs.next_observations()));
    add(envs.rewards());
    for (int64_t i = 0; i < envs.count(); ++i)
      add(std::vector<double>{envs.terminated(i) ? 1.0 : 0.0, envs.truncated(i) ? 1.0 : 0.0, envs.episode_return(i),
                              static_cast<double>(envs.episode_length(i))});
  }
}

Trace trace_of(const std::string& id, uint64_t seed, int steps) {
  SyncVectorEnv envs(make_env(id), 2, seed, own_limit_or(50, id));
  const std::vector<uint8_t> first = bytes_of(envs.observations());
  Trace trace{{first.begin(), first.end()}};
  Random random(99);
  play(envs, random, steps, trace);
  return trace;
}

class EnvContract : public testing::TestWithParam<std::string> {};

// SyncVectorEnv checks every value, so playing without an error is the test of the bounds.
TEST_P(EnvContract, SpecAndValuesAreInBounds) {
  const auto env = make_env(GetParam())();
  EXPECT_EQ(env->spec().id, GetParam());
  EXPECT_GE(env->spec().action_count, 2);
  if (is_endless(GetParam())) {
    EXPECT_EQ(env->spec().max_episode_steps, 0);
  } else {
    EXPECT_GE(env->spec().max_episode_steps, 1) << "no limit: training could hang in one episode";
  }
  EXPECT_NO_THROW(trace_of(GetParam(), 3, 2000));
}

TEST_P(EnvContract, SameSeedSameEpisodes) { EXPECT_EQ(trace_of(GetParam(), 5, 500), trace_of(GetParam(), 5, 500)); }

TEST_P(EnvContract, OtherSeedOtherEpisodes) {
  const bool equal = trace_of(GetParam(), 5, 500) == trace_of(GetParam(), 6, 500);
  EXPECT_EQ(equal, is_without_chance(GetParam()));
}

// Observations and the text of a discrete environment, over a random walk.
TEST_P(EnvContract, DiscreteObservationsAreStateNumbers) {
  SyncVectorEnv envs(make_env(GetParam()), 1, 4, own_limit_or(50, GetParam()));
  const int64_t states = envs.spec().observation_space.states();
  if (states == 0) return;
  EXPECT_EQ(envs.spec().observation_space.shape(), std::vector<int64_t>{1});
  Random random(8);
  const auto check = [&](ObservationRow observation) {
    ASSERT_GE(observation.state(), 0);
    ASSERT_LT(observation.state(), states);
  };
  check(envs.observations()[0]);
  for (int step = 0; step < 2000; ++step) {
    std::array<int64_t, 1> actions{};
    test::choose_legal(envs, random, actions);
    envs.step(actions);
    check(envs.next_observations()[0]);
    check(envs.observations()[0]);
  }
}

// Whoever steps a world himself reads floats; what trains on it gets the same numbers in the space's own type.
TEST_P(EnvContract, TypedObservationsAreTheFloats) {
  const auto env = make_env(GetParam())();
  const ObservationLayout layout = ObservationLayout(env->spec().observation_space).without_legal_actions();
  std::vector<float> numbers(static_cast<size_t>(layout.size()));
  const auto check = [&](std::span<const float> floats) {
    const ObservationRow typed = env->typed_observation();
    ASSERT_EQ(typed.empty(), layout.is_real());
    if (typed.empty()) return;
    layout.check(typed);
    layout.put_numbers(typed, numbers);
    ASSERT_TRUE(std::ranges::equal(numbers, floats));
  };
  Random random(8);
  check(env->reset(3));
  for (int step = 0; step < 1000; ++step) {
    const auto wanted = static_cast<int64_t>(random.below(static_cast<uint64_t>(env->spec().action_count)));
    const Step taken = env->step(test::legal_from(wanted, *env));
    check(taken.observation);
    if (taken.terminated || taken.truncated) check(env->reset({}));
  }
}

// Where there is text, it is lines, and the same for the same state.
TEST_P(EnvContract, TextBelongsToTheState) {
  const auto env = make_env(GetParam())(), twin = make_env(GetParam())();
  env->reset(3);
  const std::string text = env->render_text();
  if (text.empty()) return;
  EXPECT_EQ(text.back(), '\n');
  twin->reset(3);
  EXPECT_EQ(twin->render_text(), text);
  bool changed = false;
  for (int64_t action = 0; action < env->spec().action_count; ++action) {
    env->reset(3);
    // One step moves a cart by less than a character.
    bool ended = false;
    for (int step = 0; step < 30 && !ended && !changed; ++step) {
      ended = env->step(test::legal_from(action, *env)).terminated;
      changed = env->render_text() != text;
    }
  }
  EXPECT_TRUE(changed) << "no action changes the text";
}

TEST_P(EnvContract, ResetWithASeedForgetsWhatWasBefore) {
  const auto used = make_env(GetParam())(), fresh = make_env(GetParam())();
  used->reset(1);
  for (int step = 0; step < 3; ++step)
    if (used->step(test::legal_from(step % 2, *used)).terminated) used->reset(std::nullopt);
  const auto a = used->reset(2), b = fresh->reset(2);
  EXPECT_TRUE(std::ranges::equal(a, b));
  const int64_t action = test::legal_from(1, *used);
  const Step step_a = used->step(action), step_b = fresh->step(action);
  EXPECT_TRUE(std::ranges::equal(step_a.observation, step_b.observation));
  const auto next_a = used->reset(std::nullopt), next_b = fresh->reset(std::nullopt);
  EXPECT_TRUE(std::ranges::equal(next_a, next_b));
}

TEST_P(EnvContract, NoEpisodeIsLongerThanTheLimit) {
  SyncVectorEnv envs(make_env(GetParam()), 1, 0, own_limit_or(500, GetParam()));
  const int64_t limit = envs.spec().max_episode_steps;
  for (int64_t step = 0; step < 3 * limit; ++step) {
    envs.step(std::array<int64_t, 1>{test::legal_from(0, envs, 0)});
    ASSERT_LE(envs.episode_length(0), limit);
    ASSERT_EQ(envs.truncated(0), envs.episode_length(0) == limit);
  }
}

TEST_P(EnvContract, RestoredMidEpisodeEqualsUnbroken) {
  const int64_t limit = own_limit_or(40, GetParam());
  SyncVectorEnv unbroken(make_env(GetParam()), 3, 11, limit);
  Random random(1);
  Trace ignored, expected, got;
  play(unbroken, random, 137, ignored);
  Archive saved;
  unbroken.serialize(saved);
  random.serialize(saved);

  SyncVectorEnv resumed(make_env(GetParam()), 3, 12345, limit);
  Random other_random(2);
  play(resumed, other_random, 20, ignored);
  Archive loaded(saved.tensors());
  resumed.serialize(loaded);
  other_random.serialize(loaded);
  EXPECT_TRUE(resumed.restored_exactly());
  EXPECT_EQ(bytes_of(resumed.observations()), bytes_of(unbroken.observations()));
  EXPECT_EQ(bytes_of(resumed.next_observations()), bytes_of(unbroken.next_observations()));
  play(unbroken, random, 600, expected);
  play(resumed, other_random, 600, got);
  EXPECT_EQ(got, expected);
}

// The same at every moment, those right after an end included.
TEST_P(EnvContract, RestoredAnywhereEqualsUnbroken) {
  const int64_t limit = own_limit_or(40, GetParam());
  SyncVectorEnv unbroken(make_env(GetParam()), 2, 11, limit), resumed(make_env(GetParam()), 2, 12345, limit);
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
