#include "deepq/nn/optimizer.h"

#include <algorithm>
#include <cmath>

#include "deepq/nn/team.h"

namespace deepq {

Optimizer::Optimizer(const OptimizerConfig& config, Numerics numerics, size_t parameter_floats)
    : config_(config),
      kernels_(&kernels_for(numerics)),
      math_(numerics.arithmetic),
      mean_(parameter_floats),
      square_(parameter_floats) {}

double Optimizer::step(std::span<const float> gradients, std::span<float> parameters, double learning_rate,
                       Team& team) {
  constexpr int64_t kGrain = 1 << 15;  // floats that are worth waking a thread
  const auto n = static_cast<int64_t>(parameters.size());
  const double norm = std::sqrt(kernels_->squared_norm(n, gradients.data()));
  // Nothing has been changed: the caller ends the run with the parameters as they were.
  if (!std::isfinite(norm)) return norm;
  double scale = 1.0;
  // 1e-6 as in PyTorch's clip_grad_norm_.
  if (config_.max_grad_norm > 0) scale = std::min(1.0, config_.max_grad_norm / (norm + 1e-6));
  ++steps_;
  if (config_.kind == OptimizerKind::kRmsProp) {
    const auto epsilon = static_cast<float>(config_.epsilon);
    const RmsPropStep step{.decay = static_cast<float>(config_.rmsprop_decay),
                           .epsilon = config_.rmsprop_epsilon_inside_root ? 0 : epsilon,
                           .epsilon_inside = config_.rmsprop_epsilon_inside_root ? epsilon : 0,
                           .learning_rate = static_cast<float>(learning_rate),
                           .gradient_scale = static_cast<float>(scale),
                           .centered = config_.rmsprop_centered};
    team.split(n, kGrain, [&](int64_t i, int64_t count) {
      kernels_->rmsprop(count, step, gradients.data() + i, mean_.data() + i, square_.data() + i, parameters.data() + i);
    });
  } else {
    const AdamStep step =
        config_.kind == OptimizerKind::kAdam ? adam_step(learning_rate, scale) : radam_step(learning_rate, scale);
    team.split(n, kGrain, [&](int64_t i, int64_t count) {
      kernels_->adam(count, step, gradients.data() + i, mean_.data() + i, square_.data() + i, parameters.data() + i);
    });
  }
  return norm;
}

AdamStep Optimizer::adam_step(double learning_rate, double gradient_scale) const {
  const double t = static_cast<double>(steps_);
  // Kingma and Ba 2015, algorithm 1: epsilon is added to the corrected root.
  return {.beta1 = static_cast<float>(config_.adam_beta1),
          .beta2 = static_cast<float>(config_.adam_beta2),
          .epsilon = static_cast<float>(config_.epsilon),
          .step_size = static_cast<float>(learning_rate / (1 - math_.pow(config_.adam_beta1, t))),
          .inverse_root_bias = static_cast<float>(1 / std::sqrt(1 - math_.pow(config_.adam_beta2, t))),
          .gradient_scale = static_cast<float>(gradient_scale)};
}

// The variance of Adam's step is rectified, or, while there are too few gradients to know it (rho <= 5), the step is
// momentum alone: the denominator is 1 then.
AdamStep Optimizer::radam_step(double learning_rate, double gradient_scale) const {
  AdamStep step = adam_step(learning_rate, gradient_scale);
  const double t = static_cast<double>(steps_), decayed = math_.pow(config_.adam_beta2, t);
  const double rho_limit = 2 / (1 - config_.adam_beta2) - 1;
  const double rho = rho_limit - 2 * t * decayed / (1 - decayed);
  step.inverse_root_bias = 0;
  if (rho <= 5) {
    step.epsilon = 1;
    return step;
  }
  const double rectification = std::sqrt((rho - 4) * (rho - 2) * rho_limit / ((rho_limit - 4) * (rho_limit - 2) * rho));
  step.inverse_root_bias = 1;
  step.step_size *= static_cast<float>(rectification * std::sqrt(1 - decayed));
  return step;
}

void Optimizer::serialize(Archive& archive, const Network& shape) {
  const auto scope = archive.scope("optimizer");
  archive.value("steps", steps_, kCount);
  {
    const auto mean = archive.scope("mean");
    shape.serialize_trained(archive, mean_.span());
  }
  const auto square = archive.scope("square");
  shape.serialize_trained(archive, square_.span());
}

}  // namespace deepq
