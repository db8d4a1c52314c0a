// The variants of deep Q-learning one by one and in pairs, and whether they learn what their operators say: for
// variants_test.cc (each alone) and pairs_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/train/make_algorithm.h"
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
  return (a == Axis::kDouble || a == Axis::kNStep) && b == Axis::kMunchausen;
}

inline bool has(const Setting& setting, Axis axis) {
  return std::ranges::find(setting.axes, axis) != setting.axes.end();
}

// Trains on what uniformly random actions bring.
template <class World>
std::unique_ptr<Algorithm> learn_from_random_play(const RunConfig& config) {
  struct : UpdateListener {
    void on_update(const LearnStats&) override {}
  } nobody;
  SyncVectorEnv env([] { return std::make_unique<World>(); }, 1, 0);
  std::unique_ptr<Algorithm> algorithm = make_algorithm(config, env.spec());
  Random random(1);
  std::vector<int64_t> actions(1);
  for (int64_t step = 0; step < config.train.env_steps; ++step) {
    const double fraction = static_cast<double>(step) / static_cast<double>(config.train.env_steps);
    algorithm->act(env.observations(), {step, fraction, step},
                   actions);  // notes what is acted on; its choice is replaced
    actions[0] = random_action(env.spec().action_count, random, env.observations().legal(0));
    env.step(actions);
    algorithm->observe({.actions = actions,
                        .rewards = env.rewards(),
                        .terminated = env.terminated(),
                        .truncated = env.truncated(),
                        .next_observations = env.next_observations()},
                       {step + 1, fraction, step});
    algorithm->update({step + 1, fraction, step}, nobody);
  }
  return algorithm;
}

template <class World>
double worst_error_of(Algorithm& algorithm, const RunConfig& config, const Operator& op) {
  const World world;
  const std::vector<double> truth = fixed_point(world, op);
  double worst = 0;
  for (int64_t s = 0; s < world.spec().observation_space.states(); ++s) {
    if (!World::visited(s)) continue;
    const std::array observation{s};
    const auto q = algorithm.q_values(observation);
    for (size_t a = 0; a < q.size(); ++a)
      if (is_legal<World>(static_cast<size_t>(s), a))
        worst =
            std::max(worst, std::abs(q[a] / config.agent.reward_scale - truth[static_cast<size_t>(s) * q.size() + a]));
  }
  return worst;
}

// A noisy network soon stops trying what is worse, and within n steps no fixed epsilon describes what it does. Neither
// is a matter of how it learns: in pairs it learns from random play.
template <class World>
double worst_error(const Setting& setting, RunConfig config) {
  Operator op{.gamma = config.agent.gamma};
  for (const Axis axis : setting.axes) set_axis(config, axis);
  op.n_step = config.agent.n_step;
  op.epsilon = config.network.noisy ? 1 : kEpsilon;
  op.munchausen = config.agent.munchausen;
  if (config.network.noisy && setting.axes.size() > 1)
    return worst_error_of<World>(*learn_from_random_play<World>(config), config, op);
  Trainer trainer(config, [] { return std::make_unique<World>(); });
  while (!trainer.done()) trainer.step();
  return worst_error_of<World>(trainer.algorithm(), config, op);
}

// What was done within the n steps counts: it is to be the last policy's, not the first one's.
inline void forget_for_n_steps(RunConfig& config, const Setting& setting) {
  if (!has(setting, Axis::kNStep)) return;
  config.train.env_steps *= 2;
}

// Huber's part of quantile regression is to be small against the returns, or expectiles are learnt. With steps
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
  return worst_error<ChainMdp>(setting, config);
}

template <class World>
double worst_error_in_a_stochastic_world(const Setting& setting) {
  RunConfig config = base_config();
  config.agent.gamma = 0.5;  // targets are noisy: larger batches, more of them, and a lower discount average them
  config.agent.batch_size = 128;
  config.agent.optimizer.learning_rate = 1e-3;
  config.train.env_steps = config.replay.capacity = 80'000;
  config.train.update_every_env_steps = 4;
  scale_for_quantiles(config, setting);
  forget_for_n_steps(config, setting);
  if (setting.axes.back() == Axis::kImplicit) {
    config.agent.batch_size = 64;
    // The mean of few quantiles of a discrete return is not its mean.
    config.agent.value.action_samples = setting.axes.size() == 1 ? 16 : 32;
  }
  return worst_error<World>(setting, config);
}

inline double worst_error_in_the_stochastic_world(const Setting& setting) {
  return worst_error_in_a_stochastic_world<SmallMdp>(setting);
}

inline double worst_error_where_some_are_illegal(const Setting& setting) {
  return worst_error_in_a_stochastic_world<MaskedMdp>(setting);
}

}  // namespace deepq::test
