#include "deepq/nn/optimizer_config.h"

#include <array>
#include <cmath>
#include <numbers>

namespace deepq {

void visit_fields(OptimizerConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 3> kOptimizers{"adam", "rmsprop", "radam"};
  static constexpr std::array<std::string_view, 3> kSchedules{"linear", "cosine", "exponential"};
  visitor.choice("optimizer", config.kind, kOptimizers,
                 "adam (Kingma and Ba 2015), rmsprop, or radam (Liu et al. 2020)");
  visitor.number("learning_rate", config.learning_rate, Range::above(0), "step size of the optimiser");
  visitor.choice("learning_rate_schedule", config.schedule, kSchedules,
                 "how the step size falls over the run, if it does");
  visitor.number("final_learning_rate_fraction", config.final_learning_rate_fraction, Range::between(0, 1),
                 "final step size divided by the initial one; 1 keeps it constant");
  visitor.number("epsilon", config.epsilon, Range::above(0), "added to the denominator for numerical stability");
  visitor.number("adam_beta1", config.adam_beta1, Range::between(0, 0.9999999), "decay of the gradient's mean");
  visitor.number("adam_beta2", config.adam_beta2, Range::between(0, 0.9999999), "decay of the gradient's square");
  visitor.number("rmsprop_decay", config.rmsprop_decay, Range::between(0, 0.9999999), "decay of the gradient's square");
  visitor.flag("rmsprop_centered", config.rmsprop_centered, "subtract the squared mean of the gradient");
  visitor.flag("rmsprop_epsilon_inside_root", config.rmsprop_epsilon_inside_root,
               "add optimizer.epsilon under the root, as Mnih et al. 2015 do");
  visitor.number("max_grad_norm", config.max_grad_norm, Range::at_least(0),
                 "gradients are scaled down to this global norm; 0 leaves them alone");
}

double learning_rate_at(const OptimizerConfig& config, double fraction, Math math) {
  const double last = config.final_learning_rate_fraction;
  switch (config.schedule) {
    case LearningRateSchedule::kLinear:
      break;
    case LearningRateSchedule::kCosine:
      return config.learning_rate * (last + (1 - last) * 0.5 * (1 + math.cos(std::numbers::pi * fraction)));
    case LearningRateSchedule::kExponential:
      return config.learning_rate * math.pow(last, fraction);
  }
  // Linear, and constant where last is 1.
  return config.learning_rate * (1 + fraction * (last - 1));
}

}  // namespace deepq
