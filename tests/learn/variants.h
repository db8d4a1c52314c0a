// The variants of deep Q-learning one by one and in pairs, and whether they learn what their operators say: for
// variants_test.cc (each alone) and pairs_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "deepq/train/trainer.h"
#include "tests/learn/small_mdp.h"

namespace deepq::test {

enum class Axis {
  kDouble,
  kDueling,
  kPrioritized,
  kNStep,
  kNoisy,
  kMunchausen,
  kLayerNorm,
  kRAdam,
  kCategorical,
  kQuantile,
  kImplicit
};
inline constexpr std::array kNames{"double",     "dueling", "prioritized", "n_step",   "noisy",   "munchausen",
                                   "layer_norm", "radam",   "categorical", "quantile", "implicit"};

inline constexpr double kEpsilon = 0.3;

inline RunConfig base_config() {
  RunConfig config;
  config.network.hidden_sizes = {32};
  config.agent.gamma = 0.9;
  config.agent.batch_size = 32;
  config.agent.optimizer.learning_rate = 2e-3;
  config.agent.optimizer.final_learning_rate_fraction = 0.0;
  config.agent.value.atoms = 41;
  config.agent.value.v_min = -4;
  config.agent.value.v_max = 4;
  config.agent.value.quantiles = 16;
  config.agent.value.samples = config.agent.value.target_samples = 4;
  config.agent.value.action_samples = 8;
  config.replay.capacity = 10'000;
  config.exploration.schedule = EpsilonSchedule::kLinear;
  config.exploration.epsilon_start = config.exploration.epsilon_end = kEpsilon;
  config.train.env_steps = 12'000;
  config.eval.final_episodes = 0;
  return config;
}

inline void set_axis(RunConfig& config, Axis axis) {
  AgentConfig& agent = config.agent;
  switch (axis) {
    case Axis::kDouble:
      agent.double_q = true;
      break;
    case Axis::kDueling:
      config.network.dueling = true;
      break;
    case Axis::kPrioritized:
      config.replay.prioritized = true;
      config.replay.importance_beta = 1;  // less leaves a bias where outcomes are random
      break;
    case Axis::kNStep:
      agent.n_step = 3;
      break;
    case Axis::kNoisy:
      config.network.noisy = true;
      break;
    case Axis::kMunchausen:
      agent.munchausen = true;
      break;
    case Axis::kLayerNorm:
      config.network.layer_norm = true;
      break;
    case Axis::kRAdam:
      agent.optimizer.kind = OptimizerKind::kRAdam;
      break;
    case Axis::kCategorical:
      agent.value.representation = Representation::kCategorical;
      break;
    case Axis::kQuantile:
      agent.value.representation = Representation::kQuantile;
      break;
    case Axis::kImplicit:
      agent.value.representation = Representation::kImplicit;
      break;
  }
}

struct Setting {
  std::string name;
  std::vector<Axis> axes;
};

// Whether the two are refused together, are the same axis, or have no known fixed point.
inline bool excludes(Axis a, Axis b) {
  const auto is_representation = [](Axis axis) { return axis >= Axis::kCategorical; };
  if (is_representation(a) && is_representation(b)) return true;
  // Within n steps a noisy network's behaviour counts, and no fixed epsilon describes it: there is no truth to ask for.
  if (a == Axis::kNStep && b == Axis::kNoisy) return true;
  return (a == Axis::kDouble || a == Axis::kNStep) && b == Axis::kMunchausen;
}

template <class World>
double worst_error(const Setting& setting, RunConfig config) {
  Operator op{.gamma = config.agent.gamma};
  for (const Axis axis : setting.axes) set_axis(config, axis);
  op.n_step = config.agent.n_step;
  op.epsilon = config.network.noisy ? 0 : kEpsilon;
  op.munchausen = config.agent.munchausen;
  Trainer trainer(config, [] { return std::make_unique<World>(); });
  while (!trainer.done()) trainer.step();
  const World world;
  const std::vector<double> truth = fixed_point(world, op);
  double worst = 0;
  for (int64_t s = 0; s < world.spec().state_count; ++s) {
    if (!World::visited(s)) continue;
    const std::array observation{static_cast<float>(s)};
    const auto q = trainer.algorithm().q_values(observation);
    for (size_t a = 0; a < q.size(); ++a)
      worst =
          std::max(worst, std::abs(q[a] / config.agent.reward_scale - truth[static_cast<size_t>(s) * q.size() + a]));
  }
  return worst;
}

inline bool has(const Setting& setting, Axis axis) {
  return std::ranges::find(setting.axes, axis) != setting.axes.end();
}

// What was done within the n steps counts: it is to be the last policy's, not the first one's.
inline void forget_for_n_steps(RunConfig& config, const Setting& setting) {
  if (!has(setting, Axis::kNStep)) return;
  config.train.env_steps *= 2;
}

// Twice the noise and the steps, so that the worse actions are tried more often; alone it does without.
inline void try_more_with_noise(RunConfig& config, const Setting& setting) {
  if (!has(setting, Axis::kNoisy) || setting.axes.size() == 1) return;
  config.network.noisy_sigma = 1;
  config.train.env_steps *= 2;
  config.replay.capacity = config.train.env_steps;
}

// Huber's part of quantile regression is to be small against the returns, lest it learn expectiles. With steps
// twice as large three of the chain's states shared one value, their units being dead: with prioritised replay, on two
// seeds of four.
inline void scale_for_quantiles(RunConfig& config, const Setting& setting) {
  const Axis last = setting.axes.back();
  if (last != Axis::kQuantile && last != Axis::kImplicit) return;
  config.agent.reward_scale = 20;
  config.agent.munchausen_temperature *= 20;  // both are on the scale of rewards
  config.agent.munchausen_clip *= 20;
  config.agent.optimizer.learning_rate = last == Axis::kImplicit ? 3e-3 : 5e-3;
  config.network.hidden_sizes = {32, 32};
}

inline double worst_error_in_the_chain(const Setting& setting) {
  RunConfig config = base_config();
  config.train.env_steps = config.replay.capacity = 60'000;
  config.train.update_every_env_steps = 3;  // a noisy network soon stops trying what is worse
  scale_for_quantiles(config, setting);
  forget_for_n_steps(config, setting);
  try_more_with_noise(config, setting);
  return worst_error<ChainMdp>(setting, config);
}

inline double worst_error_in_the_stochastic_world(const Setting& setting) {
  RunConfig config = base_config();
  config.agent.gamma = 0.5;  // targets are noisy: larger batches, more of them, and a lower discount average them
  config.agent.batch_size = 128;
  config.agent.optimizer.learning_rate = 1e-3;
  config.train.env_steps = config.replay.capacity = 80'000;
  config.train.update_every_env_steps = 4;
  scale_for_quantiles(config, setting);
  forget_for_n_steps(config, setting);
  try_more_with_noise(config, setting);
  if (setting.axes.back() == Axis::kImplicit) {
    config.agent.batch_size = 64;
    // The mean of few quantiles of a discrete return is not its mean.
    config.agent.value.action_samples = setting.axes.size() == 1 ? 16 : 32;
  }
  return worst_error<SmallMdp>(setting, config);
}

}  // namespace deepq::test
