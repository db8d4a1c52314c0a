#include "deepq/train/make_algorithm.h"

namespace deepq {

AlgorithmShape algorithm_shape(const EnvSpec& env, int64_t env_count) {
  return {.observation = {.dimensions = env.observation_shape,
                          .state_count = env.state_count,
                          .frame_stack = env.frame_stack},
          .action_count = env.action_count,
          .env_count = env_count,
          .byte_observations = env.byte_observations};
}

DqnConfig dqn_config(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .network = config.network,
          .agent = config.agent,
          .target = config.target,
          .replay = config.replay,
          .exploration = config.exploration,
          .learning_starts_env_steps = config.train.learning_starts_env_steps,
          .update_every_env_steps = config.train.update_every_env_steps,
          .updates_per_round = config.train.updates_per_round,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

PqnSettings pqn_settings(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .network = config.network,
          .agent = config.agent,
          .pqn = config.pqn,
          .exploration = config.exploration,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

TabularSettings tabular_settings(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .agent = config.agent,
          .tabular = config.tabular,
          .exploration = config.exploration,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

std::unique_ptr<Algorithm> make_algorithm(const RunConfig& config, const EnvSpec& env) {
  const AlgorithmShape shape = algorithm_shape(env, config.env.count);
  switch (config.agent.algorithm) {
    case AlgorithmKind::kDqn:
      return std::make_unique<Dqn>(dqn_config(config, shape));
    case AlgorithmKind::kPqn:
      return std::make_unique<Pqn>(pqn_settings(config, shape));
    default:
      return std::make_unique<Tabular>(tabular_settings(config, shape));
  }
}

}  // namespace deepq
