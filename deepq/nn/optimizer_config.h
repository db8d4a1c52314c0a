// Settings of the optimiser, and how its step size falls over a run.
#pragma once

#include "deepq/core/fields.h"
#include "deepq/core/math.h"

namespace deepq {

enum class OptimizerKind { kAdam, kRmsProp, kRAdam };
enum class LearningRateSchedule { kLinear, kCosine, kExponential };

struct OptimizerConfig {
  OptimizerKind kind = OptimizerKind::kAdam;
  double learning_rate = 1e-3;
  LearningRateSchedule schedule = LearningRateSchedule::kLinear;
  double final_learning_rate_fraction = 1.0;
  double epsilon = 1e-8;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double rmsprop_decay = 0.95;
  bool rmsprop_centered = false;
  bool rmsprop_epsilon_inside_root = false;
  double max_grad_norm = 0.0;
};

void visit_fields(OptimizerConfig& config, FieldVisitor& visitor);

// The step size after this fraction of the run, 0 to 1: from learning_rate to final_learning_rate_fraction of it.
double learning_rate_at(const OptimizerConfig& config, double fraction, Math math = {});

}  // namespace deepq
