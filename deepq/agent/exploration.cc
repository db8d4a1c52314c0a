#include "deepq/agent/exploration.h"

#include <algorithm>
#include <cmath>

namespace deepq {
namespace {

template <class T>
int64_t first_of_the_largest(std::span<const T> q_values) {
  return std::max_element(q_values.begin(), q_values.end()) - q_values.begin();
}

template <class T>
int64_t explore_or(std::span<const T> q_values, double epsilon, Random& random) {
  if (epsilon > 0 && random.uniform() < epsilon) return static_cast<int64_t>(random.below(q_values.size()));
  return first_of_the_largest(q_values);
}

}  // namespace

double epsilon_at(const ExplorationConfig& config, int64_t updates, int64_t env_steps_since_warm_up) {
  if (config.schedule == EpsilonSchedule::kExponential) {
    const double decayed = config.epsilon_start * std::pow(config.decay_per_update, static_cast<double>(updates));
    return std::max(config.epsilon_end, decayed);
  }
  const double share = static_cast<double>(env_steps_since_warm_up) / static_cast<double>(config.anneal_env_steps);
  return config.epsilon_start + std::clamp(share, 0.0, 1.0) * (config.epsilon_end - config.epsilon_start);
}

int64_t greedy_action(std::span<const double> q_values) { return first_of_the_largest(q_values); }
int64_t greedy_action(std::span<const float> q_values) { return first_of_the_largest(q_values); }

int64_t epsilon_greedy_action(std::span<const double> q_values, double epsilon, Random& random) {
  return explore_or(q_values, epsilon, random);
}

int64_t epsilon_greedy_action(std::span<const float> q_values, double epsilon, Random& random) {
  return explore_or(q_values, epsilon, random);
}

}  // namespace deepq
