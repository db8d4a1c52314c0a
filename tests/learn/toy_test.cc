// Environments with a known Q*, learnt to within 1e-2 in seconds, by every combination of loss, optimiser and target
// update.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deepq/train/trainer.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

struct Setting {
  std::string name;
  RunConfig config;
};

std::vector<Setting> settings() {
  RunConfig base;
  base.network.hidden_sizes = {32};
  base.agent.gamma = 0.9;
  base.agent.batch_size = 32;
  base.agent.optimizer.learning_rate = 2e-3;
  base.agent.optimizer.final_learning_rate_fraction = 0.0;
  base.replay.capacity = 5'000;
  base.exploration.epsilon_end = 0.3;
  base.train.env_steps = 12'000;
  base.eval.final_episodes = 0;
  std::vector<Setting> all{{"adam_mse_hard", base}};
  RunConfig soft = base;
  soft.target.tau = 0.02;
  soft.target.sync_every_updates = 1;
  soft.agent.loss = Loss::kHuber;
  all.push_back({"huber_soft", soft});
  RunConfig rmsprop = base;
  rmsprop.agent.optimizer.kind = OptimizerKind::kRmsProp;
  rmsprop.agent.optimizer.rmsprop_centered = true;
  rmsprop.agent.optimizer.epsilon = 1e-3;
  rmsprop.agent.optimizer.max_grad_norm = 1.0;
  all.push_back({"rmsprop_clipped", rmsprop});
  RunConfig twice = base;
  twice.agent.double_q = true;
  twice.env.count = 4;
  twice.exploration.schedule = EpsilonSchedule::kLinear;
  twice.replay.with_replacement = true;
  all.push_back({"double_four_envs", twice});
  return all;
}

// The largest error over all states and actions after training.
template <class ToyEnv>
double error_after_training(const RunConfig& config) {
  const ToyEnv env;
  Trainer trainer(config, [] { return std::make_unique<ToyEnv>(); });
  while (!trainer.done()) trainer.step();
  const std::vector<double> truth = env.q_star(config.agent.gamma);
  const std::vector<float> observations = env.all_observations();
  const auto size = static_cast<size_t>(env.spec().observation_size());
  const auto actions = static_cast<size_t>(env.spec().action_count);
  double worst = 0;
  for (size_t s = 0; s * size < observations.size(); ++s) {
    const auto q = trainer.algorithm().q_values(std::span(observations).subspan(s * size, size));
    for (size_t a = 0; a < actions; ++a) worst = std::max(worst, std::abs(q[a] - truth[s * actions + a]));
  }
  return worst;
}

class ToyTest : public ::testing::TestWithParam<Setting> {};

TEST_P(ToyTest, LearnsTheChainsValues) { EXPECT_LT(error_after_training<test::ChainEnv>(GetParam().config), 1e-2); }

TEST_P(ToyTest, LearnsTheIdentitysActionGaps) {
  // The next state is drawn at random, so single targets are noisy: a larger target period and the falling step size
  // average them.
  RunConfig config = GetParam().config;
  config.agent.gamma = 0.5;
  EXPECT_LT(error_after_training<test::IdentityEnv>(config), 1e-2);
}

// The same values from a screen: single frames in the replay, stacks of them through convolutions.
void expect_the_chains_values_from_the_screen(RunConfig config) {
  config.train.env_steps = 5'000;
  config.network.input_divisor = 255;
  const auto make = [] { return std::make_unique<test::PixelChainEnv>(test::PixelChainEnv::Screen{.width = 6}); };
  Trainer trainer(config, make);
  while (!trainer.done()) trainer.step();
  const std::vector<double> truth = test::ChainEnv(6).q_star(config.agent.gamma);
  const auto env = make();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto observation = env->reset(seed);
    const std::span<const float> last_line = observation.last(6);
    const auto state = static_cast<size_t>(std::ranges::max_element(last_line) - last_line.begin());
    const auto q = trainer.policy().q_values(observation);
    for (size_t a = 0; a < 2; ++a) EXPECT_NEAR(q[a], truth[state * 2 + a], 0.05) << state << " " << a;
  }
}

TEST(PixelTest, LearnsTheChainsValuesFromTheScreen) {
  RunConfig config = settings()[0].config;
  config.network.conv_channels = {8, 8};
  config.network.conv_kernels = {3, 2};
  config.network.conv_strides = {1, 2};
  expect_the_chains_values_from_the_screen(config);
}

TEST(PixelTest, LearnsThemThroughAResidualStage) {
  RunConfig config = settings()[0].config;
  config.network.encoder = Encoder::kResidual;
  config.network.conv_channels = {8};
  expect_the_chains_values_from_the_screen(config);
}

INSTANTIATE_TEST_SUITE_P(Settings, ToyTest, ::testing::ValuesIn(settings()),
                         [](const auto& setting) { return setting.param.name; });

}  // namespace
}  // namespace deepq
