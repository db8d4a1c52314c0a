#include "deepq/agent/value.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"

namespace deepq {

float Rescaling::operator()(float x) const {
  if (epsilon_ == 0) return x;
  const double size = std::abs(static_cast<double>(x));
  return static_cast<float>(std::copysign(std::sqrt(size + 1) - 1 + epsilon_ * size, static_cast<double>(x)));
}

float Rescaling::inverse(float x) const {
  if (epsilon_ == 0) return x;
  const double size = std::abs(static_cast<double>(x));
  const double root = (std::sqrt(1 + 4 * epsilon_ * (size + 1 + epsilon_)) - 1) / (2 * epsilon_);
  return static_cast<float>(std::copysign(root * root - 1, static_cast<double>(x)));
}

// y = r + discount * E[value of what follows]; with one action of probability 1, the maximum of algorithm 1.
void ScalarValue::make_target(const Backup& backup, std::span<float> target) {
  if (rescaling.changes()) return make_rescaled_target(backup, target);
  float next = 0;
  // At a true end nothing that follows is looked at: 0 times an infinity would be NaN.
  if (backup.discount != 0)
    for (const NextAction& a : backup.actions) next += a.probability * (backup.next(a.action, 0) + a.bonus);
  target[0] = backup.reward + (backup.discount != 0 ? backup.discount * next : 0);
}

// y = h(r + discount * E[h^-1(value of what follows)])     (Pohlen et al. 2018, section 3.2)
void ScalarValue::make_rescaled_target(const Backup& backup, std::span<float> target) const {
  float next = 0;
  if (backup.discount != 0)
    for (const NextAction& a : backup.actions) next += a.probability * rescaling.inverse(backup.next(a.action, 0));
  target[0] = rescaling(backup.reward + (backup.discount != 0 ? backup.discount * next : 0));
}

float ScalarValue::loss_and_gradient(const ActionOutputs& outputs, int64_t action, std::span<const float> target,
                                     const OutputGradient& gradient) {
  const float error = outputs(action, 0) - target[0];
  const float size = std::abs(error);
  // Squared: e^2, gradient 2 e. Huber with delta 1: e^2 / 2 up to 1, then |e| - 1/2, gradient e or its sign.
  const bool linear = loss == Loss::kHuber && size > 1;
  const float scale = loss == Loss::kHuber ? 0.5f : 1.0f;
  gradient[0] = gradient.weight * (linear ? std::copysign(1.0f, error) : 2 * scale * error);
  return linear ? size - 0.5f : scale * error * error;
}

CategoricalValue::CategoricalValue(const ValueConfig& config, Numerics numerics)
    : kernels_(&kernels_for(numerics)),
      support_{config.atoms, static_cast<float>(config.v_min), static_cast<float>(config.v_max),
               static_cast<float>((config.v_max - config.v_min) / static_cast<double>(config.atoms - 1))},
      atoms_(categorical_atoms(config)) {
  // Kernels read and write whole registers: room for one behind the last atom.
  for (std::vector<float>* buffer : {&atoms_, &probabilities_, &places_, &masses_})
    buffer->resize(static_cast<size_t>(config.atoms + kPadFloats));
}

void CategoricalValue::softmax(const ActionOutputs& outputs, int64_t action) {
  kernels_->softmax(outputs.count, outputs.data + action * outputs.action_stride, probabilities_.data());
}

float CategoricalValue::q(const ActionOutputs& outputs, int64_t action) {
  softmax(outputs, action);
  return kernels_->dot(whole_registers(support_.atoms), probabilities_.data(), atoms_.data());
}

// Bellemare et al. 2017, algorithm 1, with any discount; what follows may be a mixture over actions.
void CategoricalValue::make_target(const Backup& backup, std::span<float> target) {
  std::fill(target.begin(), target.end(), 0.0f);
  if (backup.discount == 0) {
    // A true end: all mass at the reward.
    places_[0] = backup.reward, masses_[0] = 1;
    return kernels_->project(support_, 1, places_.data(), masses_.data(), target.data());
  }
  for (const NextAction& a : backup.actions) {
    softmax(backup.next, a.action);
    for (size_t j = 0; j < target.size(); ++j) {
      places_[j] = backup.reward + backup.discount * (atoms_[j] + a.bonus);
      masses_[j] = a.probability * probabilities_[j];
    }
    kernels_->project(support_, support_.atoms, places_.data(), masses_.data(), target.data());
  }
}

float CategoricalValue::loss_and_gradient(const ActionOutputs& outputs, int64_t action, std::span<const float> target,
                                          const OutputGradient& gradient) {
  DEEPQ_ASSERT(gradient.stride == 1);
  return kernels_->cross_entropy(support_.atoms, outputs.data + action * outputs.action_stride, target.data(),
                                 gradient.weight, probabilities_.data(), gradient.data);
}

// q = sum_j p_j z_j with p the softmax of the outputs, so dq/doutput_j = p_j (z_j - q).
void CategoricalValue::add_q_gradient(const ActionOutputs& outputs, int64_t action, const OutputGradient& gradient) {
  const float mean = q(outputs, action);  // which leaves the probabilities behind
  for (int64_t j = 0; j < support_.atoms; ++j) {
    const auto at = static_cast<size_t>(j);
    gradient[j] += gradient.weight * probabilities_[at] * (atoms_[at] - mean);
  }
}

QuantileValue::QuantileValue(int64_t quantiles, Numerics numerics)
    : kernels_(&kernels_for(numerics)), quantiles_(quantiles), fractions_(middle_fractions(quantiles)) {
  const auto size = static_cast<size_t>(quantiles + kPadFloats);
  for (std::vector<float>* buffer : {&fractions_, &predicted_, &losses_, &gradients_}) buffer->resize(size);
}

float QuantileValue::q(const ActionOutputs& outputs, int64_t action) const {
  float sum = 0;
  for (int64_t i = 0; i < outputs.count; ++i) sum += outputs(action, i);
  return sum / static_cast<float>(outputs.count);
}

void QuantileValue::make_target(const Backup& backup, std::span<float> target) {
  std::fill(target.begin(), target.end(), backup.reward);
  if (backup.discount == 0) return;
  for (const NextAction& a : backup.actions)
    for (size_t j = 0; j < target.size(); ++j)
      target[j] += backup.discount * a.probability * (backup.next(a.action, static_cast<int64_t>(j)) + a.bonus);
}

// sum over i, mean over j of |tau_i - [u < 0]| Huber(u), u = target_j - theta_i   (Dabney et al. 2018, equation 10).
float QuantileValue::loss_and_gradient(const ActionOutputs& outputs, int64_t action, std::span<const float> target,
                                       const OutputGradient& gradient) {
  const float fraction = 1 / static_cast<float>(target.size());
  for (int64_t i = 0; i < quantiles_; ++i) predicted_[static_cast<size_t>(i)] = outputs(action, i);
  kernels_->quantile_huber(quantiles_, predicted_.data(), fractions_.data(), static_cast<int64_t>(target.size()),
                           target.data(), losses_.data(), gradients_.data());
  float loss = 0;
  for (int64_t i = 0; i < quantiles_; ++i) {
    loss += fraction * losses_[static_cast<size_t>(i)];
    gradient[i] = gradient.weight * fraction * gradients_[static_cast<size_t>(i)];
  }
  return loss;
}

// q is their mean.
void QuantileValue::add_q_gradient(const ActionOutputs& outputs, int64_t, const OutputGradient& gradient) {
  const float share = gradient.weight / static_cast<float>(outputs.count);
  for (int64_t i = 0; i < outputs.count; ++i) gradient[i] += share;
}

std::vector<float> middle_fractions(int64_t count) {
  std::vector<float> fractions;
  for (int64_t i = 0; i < count; ++i)
    fractions.push_back(static_cast<float>((2.0 * static_cast<double>(i) + 1) / (2.0 * static_cast<double>(count))));
  return fractions;
}

Value make_value(const AgentConfig& config, Numerics numerics) {
  switch (config.value.representation) {
    case Representation::kScalar:
      break;
    case Representation::kCategorical:
      return CategoricalValue(config.value, numerics);
    case Representation::kQuantile:
      return QuantileValue(config.value.quantiles, numerics);
    case Representation::kImplicit:
      return QuantileValue(config.value.samples, numerics);
  }
  return ScalarValue(config.loss, Rescaling(config.value));
}

int64_t target_size(const ValueConfig& config) {
  switch (config.representation) {
    case Representation::kCategorical:
      return config.atoms;
    case Representation::kQuantile:
      return config.quantiles;
    case Representation::kImplicit:
      return config.target_samples;
    case Representation::kScalar:
      break;
  }
  return 1;
}

NetworkShape network_shape(const ValueConfig& config, NetworkShape shape) {
  if (config.representation == Representation::kCategorical) shape.width = config.atoms;
  if (config.representation == Representation::kQuantile) shape.width = config.quantiles;
  if (config.representation == Representation::kImplicit)
    shape.max_fractions = std::max({config.samples, config.target_samples, config.action_samples});
  return shape;
}

}  // namespace deepq
