#include "deepq/agent/exploration.h"

#include <algorithm>
#include <cmath>

namespace deepq {

double epsilon_at(const ExplorationConfig& config, int64_t updates, int64_t env_steps_since_warm_up, Math math) {
  if (config.schedule == EpsilonSchedule::kExponential) {
    const double decayed = config.epsilon_start * math.pow(config.decay_per_update, static_cast<double>(updates));
    return std::max(config.epsilon_end, decayed);
  }
  // 0 or less during the warm-up, which clamped is epsilon_start.
  const double fraction = static_cast<double>(env_steps_since_warm_up) / static_cast<double>(config.anneal_env_steps);
  return config.epsilon_start + std::clamp(fraction, 0.0, 1.0) * (config.epsilon_end - config.epsilon_start);
}

}  // namespace deepq
