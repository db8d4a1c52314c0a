// Epsilon-greedy exploration (Mnih et al. 2015): the schedule, and the draw, made for each environment on its own.
#pragma once

#include <span>

#include "deepq/agent/agent_config.h"
#include "deepq/core/random.h"

namespace deepq {

// Epsilon after `updates` updates and `env_steps_since_warm_up` environment steps (all environments together) since
// learning started; negative or zero while it has not: epsilon_start then.
double epsilon_at(const ExplorationConfig& config, int64_t updates, int64_t env_steps_since_warm_up);

// The first of the largest values, as NumPy's and PyTorch's argmax. Tables have doubles, networks floats.
int64_t greedy_action(std::span<const double> q_values);
int64_t greedy_action(std::span<const float> q_values);

// A uniformly random action with probability epsilon, else the greedy one.
int64_t epsilon_greedy_action(std::span<const double> q_values, double epsilon, Random& random);
int64_t epsilon_greedy_action(std::span<const float> q_values, double epsilon, Random& random);

}  // namespace deepq
