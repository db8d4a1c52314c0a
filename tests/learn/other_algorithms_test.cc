// PQN and the tabular algorithms learn the action values of small worlds; Sarsa and expected Sarsa those of the policy
// that they follow.
#include <gtest/gtest.h>

#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/train/run.h"
#include "deepq/train/trainer.h"
#include "tests/learn/small_mdp.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

constexpr double kEpsilon = 0.3;

template <class World>
double worst_error(const RunConfig& config, const std::vector<double>& truth) {
  Trainer trainer(config, [] { return std::make_unique<World>(); });
  while (!trainer.done()) trainer.step();
  double worst = 0;
  for (int64_t s = 0; s < World().spec().observation_space.states(); ++s) {
    if (!World::visited(s)) continue;
    const std::array observation{s};
    const auto q = trainer.algorithm().q_values(observation);
    for (size_t a = 0; a < q.size(); ++a)
      if (test::is_legal<World>(static_cast<size_t>(s), a))
        worst = std::max(worst, std::abs(q[a] - truth[static_cast<size_t>(s) * q.size() + a]));
  }
  return worst;
}

RunConfig tabular_config(AlgorithmKind algorithm) {
  RunConfig config;
  config.agent.algorithm = algorithm;
  config.agent.gamma = 0.9;
  config.agent.optimizer.final_learning_rate_fraction = 0;
  config.tabular.learning_rate = 0.2;
  config.exploration.schedule = EpsilonSchedule::kLinear;
  config.exploration.epsilon_start = config.exploration.epsilon_end = kEpsilon;
  config.train.env_steps = 400'000;
  config.eval.final_episodes = 0;
  return config;
}

class TabularTest : public ::testing::TestWithParam<AlgorithmKind> {
 protected:
  // Sarsa's fixed point is that of the behaviour: infinitely many steps of it before bootstrapping.
  test::Operator target() const {
    const bool on_policy = GetParam() == AlgorithmKind::kSarsa || GetParam() == AlgorithmKind::kExpectedSarsa;
    return {.gamma = 0.9, .n_step = on_policy ? 200 : 1, .epsilon = on_policy ? kEpsilon : 0};
  }
};

TEST_P(TabularTest, LearnsTheChain) {
  const auto truth = test::fixed_point(test::ChainMdp(), target());
  EXPECT_LT(worst_error<test::ChainMdp>(tabular_config(GetParam()), truth), 1e-2);
}

TEST_P(TabularTest, LearnsTheStochasticWorld) {
  const auto truth = test::fixed_point(test::SmallMdp(), target());
  EXPECT_LT(worst_error<test::SmallMdp>(tabular_config(GetParam()), truth), 2e-2);
}

TEST_P(TabularTest, LearnsWhereSomeActionsAreIllegal) {
  RunConfig config = tabular_config(GetParam());
  config.tabular.initial_value = 5;  // of actions that are never taken, too
  const auto truth = test::fixed_point(test::MaskedMdp(), target());
  EXPECT_LT(worst_error<test::MaskedMdp>(config, truth), 2e-2);
}

// Values that only doubles tell apart: each step to the goal's billion costs 1, so a float has one value for all cells.
// Whatever acts, acts by the doubles: training, the learner in hand, the best agent, one that was loaded.
TEST_P(TabularTest, ActsByDoubles) {
  RunConfig config = tabular_config(GetParam());
  config.env.id = "GridWorld-v0";
  config.env_options.grid_world.goal_reward = 1e9;
  config.env_options.grid_world.step_reward = -1;
  config.env_options.grid_world.max_episode_steps = 50;
  config.agent.gamma = 1;
  config.tabular.learning_rate = 1;  // nothing is random
  config.exploration.epsilon_end = 0;
  config.exploration.anneal_env_steps = 30'000;
  config.train.env_steps = 40'000;
  config.eval = {.every_env_steps = 10'000, .episodes = 10, .final_episodes = 10, .keep_best = true};
  const test::TemporaryFolder folder;
  const RunSummary summary = start_run(config, {.folder = folder / "run"});
  constexpr double kAlways = 1e9 - 50;  // the goal is reached in every episode
  EXPECT_GT(summary.last_100_mean_return, kAlways) << "in training";
  if (GetParam() == AlgorithmKind::kSarsa) return;  // with so large a step it forgets cells that it no longer visits
  EXPECT_GT(summary.eval_mean_return, kAlways);
  EXPECT_GT(evaluate_run(folder / "run", {.episodes = 10, .seed = 1}).mean_return, kAlways);
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  while (!trainer.done()) trainer.step();
  const EvaluationRecord record =
      evaluate(trainer.policy(), find_env(config.env.id, config.env_options), {.episodes = 10});
  EXPECT_GT(record.mean_return, kAlways);
}

TEST_P(TabularTest, NeedsDiscreteObservations) {
  EXPECT_THROW(Trainer(tabular_config(GetParam()), find_env("CartPole-v1")), Error);
}

INSTANTIATE_TEST_SUITE_P(All, TabularTest,
                         ::testing::Values(AlgorithmKind::kQLearning, AlgorithmKind::kSarsa,
                                           AlgorithmKind::kExpectedSarsa, AlgorithmKind::kDoubleQLearning));

// With lambda 0 PQN bootstraps after one step, so exploration leaves its fixed point alone.
TEST(PqnLearning, LearnsTheChainAndTheStochasticWorld) {
  RunConfig config = tabular_config(AlgorithmKind::kPqn);
  config.env.count = 8;
  config.agent.gamma = 0.5;
  config.network.hidden_sizes = {32};
  config.agent.optimizer.learning_rate = 2e-3;
  config.pqn = {.rollout_steps = 16, .epochs = 2, .minibatches = 4, .lambda = 0};
  const test::Operator op{.gamma = 0.5};
  EXPECT_LT(worst_error<test::ChainMdp>(config, test::fixed_point(test::ChainMdp(), op)), 1e-2);
  EXPECT_LT(worst_error<test::SmallMdp>(config, test::fixed_point(test::SmallMdp(), op)), 1e-2);
  EXPECT_LT(worst_error<test::MaskedMdp>(config, test::fixed_point(test::MaskedMdp(), op)), 1e-2);
}

}  // namespace
}  // namespace deepq
