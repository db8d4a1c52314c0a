// The library's small worlds with some of their actions cut away, and Taxi by its own mask: what is learnt is Q* of
// value iteration over the actions that are legal.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <limits>
#include <memory>
#include <set>

#include "deepq/core/error.h"
#include "deepq/env/cliff_walking.h"
#include "deepq/env/frozen_lake.h"
#include "deepq/env/taxi.h"
#include "deepq/train/trainer.h"
#include "tests/value_iteration.h"

namespace deepq::test {
namespace {

using Legal = std::function<bool(int64_t state, int64_t action)>;

// A copy of a world in which one action of each state is illegal, another from state to state.
template <class World, int64_t kStride>
class FewerActions : public Env {
 public:
  explicit FewerActions(World world) : world_(std::move(world)), spec_(world_.spec()) {
    spec_.id = "FewerActions-v0";
    spec_.observation_space = spec_.observation_space.with_legal_actions(spec_.action_count);
  }

  static bool legal(int64_t state, int64_t action) { return action != (kStride * state + state / 4) % 4; }

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override { return world_.reset(seed); }
  ObservationRow typed_observation() const override { return world_.typed_observation(); }
  std::span<const Outcome> outcomes(int64_t state, int64_t action) const { return world_.outcomes(state, action); }
  int64_t state() const { return world_.state(); }

  LegalActions legal_actions() const override {
    legal_[0] = 0;
    for (int64_t a = 0; a < spec_.action_count; ++a)
      if (legal(state(), a)) allow(legal_, static_cast<size_t>(a));
    return LegalActions(legal_);
  }

  Step step(int64_t action) override {
    if (!legal(state(), action)) throw Error::of("action ", action, " is illegal in state ", state());
    return world_.step(action);
  }

 private:
  World world_;
  EnvSpec spec_;
  mutable std::array<uint64_t, 1> legal_{};
};

// With these strides the cut actions are missed: see HaveOtherValues.
using Lake = FewerActions<FrozenLake, 3>;
using Cliff = FewerActions<CliffWalking, 2>;

// Of the legal in states that episodes come to; where an episode has ended nothing is chosen.
template <class World>
std::set<std::pair<int64_t, int64_t>> reached(World& world, const Legal& legal) {
  std::set<std::pair<int64_t, int64_t>> pairs;
  std::vector<int64_t> open;
  for (uint64_t seed = 0; seed < 5'000; ++seed) {
    world.reset(seed);
    open.push_back(world.state());
  }
  while (!open.empty()) {
    const int64_t state = open.back();
    open.pop_back();
    for (int64_t a = 0; a < world.spec().action_count; ++a) {
      if (!legal(state, a) || !pairs.insert({state, a}).second) continue;
      for (const Outcome& outcome : world.outcomes(state, a))
        if (!outcome.terminated && outcome.probability > 0) open.push_back(outcome.next_state);
    }
  }
  return pairs;
}

// Q* [states, actions]; of what is illegal, minus infinity.
template <class World>
std::vector<double> q_star(const World& world, double gamma, const Legal& legal) {
  const EnvSpec& spec = world.spec();
  const std::array never{Outcome{.reward = -std::numeric_limits<double>::infinity(), .terminated = true}};
  return value_iteration(spec.observation_space.states(), spec.action_count, gamma, [&](int64_t s, int64_t a) {
    return legal(s, a) ? world.outcomes(s, a) : std::span<const Outcome>(never);
  });
}

// The largest over all that is legal and reached.
template <class World>
double worst_error(const RunConfig& config, const std::function<World()>& make, const Legal& legal) {
  Trainer trainer(config, [&] { return std::make_unique<World>(make()); });
  while (!trainer.done()) trainer.step();
  World world = make();
  const std::vector<double> truth = q_star(world, config.agent.gamma, legal);
  const auto pairs = reached(world, legal);
  double worst = 0;
  for (const auto& [state, action] : pairs) {
    const double right = truth[static_cast<size_t>(state * world.spec().action_count + action)];
    const double learnt = trainer.algorithm().q_values(std::array{state})[static_cast<size_t>(action)];
    worst = std::max(worst, std::abs(learnt - right));
  }
  EXPECT_GT(pairs.size(), 20u);
  return worst;
}

RunConfig table(AlgorithmKind algorithm, double learning_rate) {
  RunConfig config;
  config.agent.algorithm = algorithm;
  config.agent.gamma = 0.9;
  config.agent.optimizer.final_learning_rate_fraction = learning_rate == 1 ? 1 : 0;
  config.tabular.learning_rate = learning_rate;
  config.tabular.initial_value = 30;  // of actions that are never taken, too: above all others
  config.exploration.schedule = EpsilonSchedule::kLinear;
  config.exploration.epsilon_start = config.exploration.epsilon_end = 0.5;
  config.train.env_steps = 3'000'000;
  config.eval.final_episodes = 0;
  return config;
}

class FewerActionsTest : public ::testing::TestWithParam<AlgorithmKind> {};

TEST_P(FewerActionsTest, LearnsFrozenLake) {
  RunConfig config = table(GetParam(), 0.1);
  config.tabular.initial_value = 2;
  config.train.env_steps = 12'000'000;  // what slips is random
  EXPECT_LT(worst_error<Lake>(
                config, [] { return Lake(FrozenLake({.success_rate = 0.7})); }, Lake::legal),
            1e-2);
}

TEST_P(FewerActionsTest, LearnsCliffWalking) {
  const auto make = [] { return Cliff(CliffWalking()); };
  EXPECT_LT(worst_error<Cliff>(table(GetParam(), 1), make, Cliff::legal), 1e-2);
}

TEST_P(FewerActionsTest, LearnsTaxiByItsOwnMask) {
  const auto make = [] { return Taxi({.action_mask = true}); };
  // Asked of the world itself, state by state: what is legal changes something.
  const Legal legal = [world = Taxi()](int64_t state, int64_t action) {
    const auto outcomes = world.outcomes(state, action);
    return outcomes[0].terminated || outcomes[0].next_state != state;
  };
  EXPECT_LT(worst_error<Taxi>(table(GetParam(), 1), make, legal), 1e-2);
}

INSTANTIATE_TEST_SUITE_P(All, FewerActionsTest,
                         ::testing::Values(AlgorithmKind::kQLearning, AlgorithmKind::kDoubleQLearning));

// What is cut away counts: some action that is legal and reached has another value than in the whole world.
template <class World>
double largest_difference(World world) {
  const auto few = q_star(world, 0.9, World::legal), all = q_star(world, 0.9, [](int64_t, int64_t) { return true; });
  double largest = 0;
  for (const auto& [state, action] : reached(world, World::legal)) {
    const auto at = static_cast<size_t>(state * world.spec().action_count + action);
    largest = std::max(largest, all[at] - few[at]);
  }
  return largest;
}

TEST(FewerActions, HaveOtherValues) {
  EXPECT_GT(largest_difference(Lake(FrozenLake({.success_rate = 0.7}))), 0.05);
  EXPECT_GT(largest_difference(Cliff(CliffWalking())), 5);
}

// Each step costs, so the values of actions that nobody takes, near 0, are above all others.
TEST(FewerActions, NetworkLearnsFrozenLake) {
  RunConfig config;
  config.network.hidden_sizes = {32};
  config.agent.gamma = 0.8;
  config.agent.batch_size = 64;
  config.agent.optimizer.learning_rate = 3e-3;
  config.agent.optimizer.final_learning_rate_fraction = 0;
  config.replay.capacity = 30'000;
  config.exploration.epsilon_start = config.exploration.epsilon_end = 1;
  config.train.env_steps = 60'000;
  config.train.update_every_env_steps = 2;
  config.eval.final_episodes = 0;
  const auto make = [] {
    return Lake(FrozenLake({.is_slippery = false, .goal_reward = -0.2, .hole_reward = -1, .frozen_reward = -0.5}));
  };
  EXPECT_LT(worst_error<Lake>(config, make, Lake::legal), 1e-2);
}

}  // namespace
}  // namespace deepq::test
