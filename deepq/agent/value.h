// Value representations: a closed set of small structs with the same five functions, so that the update exists once.
//   scalar       the expected return (Mnih et al. 2015)
//   categorical  probabilities of fixed atoms (Bellemare, Dabney and Munos 2017, C51)
//   quantile     returns at fixed quantile fractions (Dabney, Rowland et al. 2018, QR-DQN)
//   implicit     returns at fractions that are drawn anew each time (Dabney, Ostrovski et al. 2018, IQN)
// All work on one sample at a time and allocate nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <variant>
#include <vector>

#include "deepq/agent/agent_config.h"
#include "deepq/agent/choose.h"
#include "deepq/nn/network.h"

namespace deepq {

// What a network says of one sample: for each action `count` numbers, with a register's slack (kPadFloats) after the
// last.
struct ActionOutputs {
  const float* data;
  int64_t action_stride, stride, count;
  float operator()(int64_t action, int64_t i) const { return data[action * action_stride + i * stride]; }
};

// What is learnt from: reward + discount * the return that follows. With discount 0 nothing that follows is read.
struct Backup {
  float reward, discount;
  ActionOutputs next;
  std::span<const NextAction> actions;
};

// Where the gradient of the loss by the chosen action's numbers goes.
struct OutputGradient {
  float* data;
  int64_t stride;
  float weight;  // that the sample's loss is multiplied by
  float& operator[](int64_t i) const { return data[i * stride]; }
};

// h(x) = sign(x) (sqrt(|x| + 1) - 1) + epsilon x, by which returns of any size are learnt (Pohlen et al. 2018,
// proposition A.2), and its inverse. With epsilon 0 both are the identity: nothing is rescaled.
class Rescaling {
 public:
  explicit Rescaling(double epsilon = 0) : epsilon_(epsilon) {}
  explicit Rescaling(const ValueConfig& config) : Rescaling(config.rescale ? config.rescale_epsilon : 0) {}

  bool changes() const { return epsilon_ != 0; }

  // In double precision: the inverse divides a small difference of numbers near 1.
  float operator()(float x) const;
  float inverse(float x) const;

 private:
  double epsilon_;
};

struct ScalarValue {
  explicit ScalarValue(Loss kind, Rescaling of_returns = Rescaling()) : loss(kind), rescaling(of_returns) {}

  // The expected return of `action`.
  float q(const ActionOutputs& outputs, int64_t action) const { return outputs(action, 0); }
  // Fills `target`, of the size that target_size() says.
  void make_target(const Backup& backup, std::span<float> target);
  // The sample's loss, unweighted, and its weighted gradient.
  float loss_and_gradient(const ActionOutputs& outputs, int64_t action, std::span<const float> target,
                          const OutputGradient& gradient);
  // Adds the gradient of weight * q(outputs, action), of whatever else the loss asks of expected returns.
  void add_q_gradient(const ActionOutputs&, int64_t, const OutputGradient& gradient) { gradient[0] += gradient.weight; }
  // What prioritised replay takes as the error: |TD error|, or the loss where that is a distance of distributions.
  float priority_error(float q, std::span<const float> target, float) const { return std::abs(target[0] - q); }

  Loss loss;
  Rescaling rescaling;  // outputs and targets are rescaled, rewards are not

 private:
  void make_rescaled_target(const Backup& backup, std::span<float> target) const;
};

class CategoricalValue {
 public:
  CategoricalValue(const ValueConfig& config, Numerics numerics);

  float q(const ActionOutputs& outputs, int64_t action);
  void make_target(const Backup& backup, std::span<float> target);
  float loss_and_gradient(const ActionOutputs& outputs, int64_t action, std::span<const float> target,
                          const OutputGradient& gradient);
  void add_q_gradient(const ActionOutputs& outputs, int64_t action, const OutputGradient& gradient);
  float priority_error(float, std::span<const float>, float loss) const { return loss; }

 private:
  void softmax(const ActionOutputs& outputs, int64_t action);  // into probabilities_

  const Kernels* kernels_;
  Support support_;
  std::vector<float> atoms_, probabilities_, places_, masses_;  // with a register's slack
};

class QuantileValue {
 public:
  QuantileValue(int64_t quantiles, Numerics numerics);

  // The fractions of the outputs that loss_and_gradient gets next; at first the middles of equal parts.
  void set_fractions(const float* fractions) { std::copy_n(fractions, quantiles_, fractions_.begin()); }

  float q(const ActionOutputs& outputs, int64_t action) const;
  void make_target(const Backup& backup, std::span<float> target);
  float loss_and_gradient(const ActionOutputs& outputs, int64_t action, std::span<const float> target,
                          const OutputGradient& gradient);
  void add_q_gradient(const ActionOutputs& outputs, int64_t action, const OutputGradient& gradient);
  float priority_error(float, std::span<const float>, float loss) const { return loss; }

 private:
  const Kernels* kernels_;
  int64_t quantiles_;
  std::vector<float> fractions_, predicted_, losses_, gradients_;  // with a register's slack
};

using Value = std::variant<ScalarValue, CategoricalValue, QuantileValue>;

Value make_value(const AgentConfig& config, Numerics numerics);
int64_t target_size(const ValueConfig& config);
std::vector<float> middle_fractions(int64_t count);  // (2 i + 1) / (2 count)

// The network that such values need, for this input and so many actions.
NetworkShape network_shape(const ValueConfig& config, NetworkShape shape);

}  // namespace deepq
