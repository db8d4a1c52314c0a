// How exploring falls while training goes on (Mnih et al. 2015). The draw itself is choose.h's, made for each
// environment on its own.
#pragma once

#include "deepq/agent/agent_config.h"
#include "deepq/core/math.h"

namespace deepq {

// Epsilon after `updates` updates and `env_steps_since_warm_up` environment steps (all environments together) since
// learning started; negative or zero while it has not: epsilon_start then.
double epsilon_at(const ExplorationConfig& config, int64_t updates, int64_t env_steps_since_warm_up, Math math = {});

}  // namespace deepq
