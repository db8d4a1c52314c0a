#include "deepq/agent/algorithm.h"

#include <cmath>
#include <numbers>

namespace deepq {

double learning_rate_at(const OptimizerConfig& config, double share) {
  const double last = config.final_learning_rate_fraction;
  switch (config.schedule) {
    case LearningRateSchedule::kLinear:
      break;
    case LearningRateSchedule::kCosine:
      return config.learning_rate * (last + (1 - last) * 0.5 * (1 + std::cos(std::numbers::pi * share)));
    case LearningRateSchedule::kExponential:
      return config.learning_rate * std::pow(last, share);
  }
  return config.learning_rate * (1 + share * (last - 1));
}

}  // namespace deepq
