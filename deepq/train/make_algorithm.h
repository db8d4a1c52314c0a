// From a run's settings to its learning algorithm.
#pragma once

#include <memory>

#include "deepq/agent/dqn.h"
#include "deepq/agent/pqn.h"
#include "deepq/agent/tabular.h"
#include "deepq/config/run_config.h"
#include "deepq/env/env.h"

namespace deepq {

// What the run's algorithm sees of the environment. Throws deepq::Error for env.image_channels last and stacks of
// frames.
AlgorithmShape algorithm_shape(const RunConfig& config, const EnvSpec& env);
DqnConfig dqn_config(const RunConfig& config, const AlgorithmShape& shape);
PqnSettings pqn_settings(const RunConfig& config, const AlgorithmShape& shape);
TabularSettings tabular_settings(const RunConfig& config, const AlgorithmShape& shape);

// Throws deepq::Error for settings that do not fit the environment.
// `demonstrations`: of config.replay, or null.
std::unique_ptr<Algorithm> make_algorithm(const RunConfig& config, const EnvSpec& env,
                                          const Demonstrations* demonstrations = nullptr);

}  // namespace deepq
