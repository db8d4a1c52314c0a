// C51 and QR-DQN learn the distribution of the return, not only its mean: its spread too, in a stochastic world where
// both are known.
#include <gtest/gtest.h>

#include "deepq/agent/action_values.h"
#include "tests/learn/variants.h"

namespace deepq::test {
namespace {

struct Moments {
  double mean, standard_deviation;
};

// Of the return that a network predicts for one state and action.
Moments moments(const ActionOutputs& outputs, int64_t action, const ValueConfig& config) {
  const auto n = static_cast<size_t>(outputs.count);
  std::vector<double> values(n), weights(n, 1.0 / static_cast<double>(n));
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const double output = outputs(action, static_cast<int64_t>(i));
    if (config.representation == Representation::kQuantile) {
      values[i] = output;
    } else {
      values[i] = config.v_min + static_cast<double>(i) * (config.v_max - config.v_min) / static_cast<double>(n - 1);
      sum += weights[i] = std::exp(output);
    }
  }
  Moments result{0, 0};
  for (size_t i = 0; i < n; ++i) result.mean += (sum > 0 ? weights[i] / sum : weights[i]) * values[i];
  for (size_t i = 0; i < n; ++i)
    result.standard_deviation += (sum > 0 ? weights[i] / sum : weights[i]) * std::pow(values[i] - result.mean, 2);
  result.standard_deviation = std::sqrt(result.standard_deviation);
  return result;
}

void expect_mean_and_spread(const RunConfig& config) {
  Trainer trainer(config, [] { return std::make_unique<SmallMdp>(); });
  while (!trainer.done()) trainer.step();
  Archive saved;
  trainer.serialize(saved);
  Network network(config.network, network_shape(config.agent.value, {.inputs = {{.shape = {4}}}, .actions = 2}), 1,
                  Trainable::kNo);
  Archive archive(saved.tensors());
  const auto trainer_scope = archive.scope("trainer");
  const auto online = archive.scope("online");
  network.serialize(archive, network.parameters());
  network.parameters_changed();
  const auto truth = fixed_point(SmallMdp(), {.gamma = config.agent.gamma});
  const auto deviations = return_deviation(SmallMdp(), config.agent.gamma, truth);
  ObservationBatch observation(ObservationSpace::discrete(4), 1);
  const double scale = config.agent.reward_scale;
  for (int64_t s = 0; s < 4; ++s) {
    observation.put(ObservationRows(std::array{s}).in(observation.layout()));
    const ActionOutputs outputs = outputs_of(network.forward(observation.rows(), 1), 0, 0, network.output_size() / 2);
    for (int64_t a = 0; a < 2; ++a) {
      const Moments learnt = moments(outputs, a, config.agent.value);
      const auto at = static_cast<size_t>(2 * s + a);
      EXPECT_NEAR(learnt.mean / scale, truth[at], 1e-2) << s << " " << a;
      EXPECT_NEAR(learnt.standard_deviation / scale, deviations[at], 0.1 * deviations[at]) << s << " " << a;
    }
  }
}

RunConfig config_for(Representation representation) {
  RunConfig config = base_config();
  config.agent.gamma = 0.5;
  config.agent.batch_size = 128;
  config.train.env_steps = config.replay.capacity = 80'000;
  config.train.update_every_env_steps = 4;
  config.agent.value.representation = representation;
  return config;
}

TEST(Distributions, CategoricalValuesMatchMeanAndSpread) {
  RunConfig config = config_for(Representation::kCategorical);
  config.agent.value.atoms = 81;  // projecting adds at most a quarter of a squared bin to the variance
  config.agent.value.v_min = -2;
  config.agent.value.v_max = 2;
  expect_mean_and_spread(config);
}

TEST(Distributions, QuantileValuesMatchMeanAndSpread) {
  RunConfig config = config_for(Representation::kQuantile);
  config.agent.value.quantiles = 32;
  config.agent.reward_scale = 20;  // so that Huber's part is small against the returns
  config.agent.optimizer.learning_rate = 1e-2;
  config.network.hidden_sizes = {32, 32};
  expect_mean_and_spread(config);
}

}  // namespace
}  // namespace deepq::test
