// Adam (Kingma and Ba 2015), RAdam (Liu et al. 2020, algorithm 2) and RMSProp (Hinton 2012; centred as in Graves 2013)
// over a parameter arena, after clipping by the gradient's global norm. Formulas and epsilon's place are PyTorch's. One
// step is one pass over the arena.
#pragma once

#include "deepq/nn/network.h"
#include "deepq/nn/optimizer_config.h"

namespace deepq {

class Optimizer {
 public:
  Optimizer(const OptimizerConfig& config, Numerics numerics, size_t parameter_floats);

  // Changes `parameters` by one step with the given step size; returns the gradient's norm before clipping. When the
  // norm is not finite nothing is changed. The team's threads share the parameters.
  double step(std::span<const float> gradients, std::span<float> parameters, double learning_rate, Team& team);

  int64_t steps() const { return steps_; }

  void serialize(Archive& archive, const Network& shape);

 private:
  AdamStep adam_step(double learning_rate, double gradient_scale) const;
  AdamStep radam_step(double learning_rate, double gradient_scale) const;

  OptimizerConfig config_;
  const Kernels* kernels_;
  Math math_;
  int64_t steps_ = 0;
  AlignedBuffer<float> mean_, square_;  // of the gradient: exponential moving averages
};

}  // namespace deepq
