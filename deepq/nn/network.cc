#include "deepq/nn/network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "deepq/core/error.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

// Kernels may load one register past the end of a buffer.
size_t with_slack(int64_t floats) { return static_cast<size_t>(floats + kPadFloats); }

}  // namespace

Network::Network(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows, Trainable trainable)
    : kernels_(&kernels_for(config.numerics())),
      math_(config.arithmetic),
      layout_(std::make_unique<const NetworkLayout>(make_layout(config, shape, max_rows))),
      noisy_sigma_(config.noisy_sigma),
      max_rows_(max_rows),
      max_fractions_(shape.max_fractions),
      parameters_(with_slack(layout_->parameters)),
      transposed_(with_slack(layout_->transposed)),
      values_(with_slack(layout_->intermediate)),
      statistics_(with_slack(layout_->statistics)),
      team_(std::make_unique<Team>(config.threads, config.arithmetic)) {
  if (trainable == Trainable::kYes) {
    gradients_ = AlignedBuffer<float>(with_slack(layout_->parameters));
    value_gradients_ = AlignedBuffer<float>(with_slack(layout_->intermediate));
    patches_ = AlignedBuffer<float>(static_cast<size_t>(config.threads) * with_slack(layout_->patches));
  }
  if (layout_->noise > 0) {
    noise_ = AlignedBuffer<float>(with_slack(layout_->noise));
    noisy_parameters_ = AlignedBuffer<float>(with_slack(layout_->parameters));
  }
  pass_ = std::make_unique<Pass>(Pass{.kernels = kernels_,
                                      .layout = layout_.get(),
                                      // Passes of a noisy network read mu + sigma * noise, which refresh() composes.
                                      .parameters = noisy() ? noisy_parameters_.data() : parameters_.data(),
                                      .parameter_gradients = gradients_.data(),
                                      .transposed = transposed_.data(),
                                      .noise = noise_.data(),
                                      .input = nullptr,
                                      .values = values_.data(),
                                      .gradients = value_gradients_.data(),
                                      .statistics = statistics_.data(),
                                      .patches = patches_.data(),
                                      .patch_floats = static_cast<int64_t>(with_slack(layout_->patches)),
                                      .team = team_.get(),
                                      .fractions = {},
                                      .sequences = {},
                                      .rows = 0});
}

Network::Network(Network&&) noexcept = default;
Network::~Network() = default;

int64_t Network::input_size() const { return layout_->activations.front().columns; }
int64_t Network::memory_size() const { return layout_->memory; }
int64_t Network::output_size() const { return layout_->activations[layout_->output].columns; }

int64_t Network::bytes(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows, Trainable trainable) {
  const NetworkLayout layout = make_layout(config, shape, max_rows);
  const int64_t copies = trainable == Trainable::kYes ? 2 : 1;
  const int64_t noisy = layout.noise > 0 ? layout.noise + layout.parameters : 0;
  const int64_t patches = trainable == Trainable::kYes ? config.threads * layout.patches : 0;
  const int64_t floats =
      copies * (layout.parameters + layout.intermediate) + patches + layout.transposed + layout.statistics + noisy;
  return static_cast<int64_t>(sizeof(float)) * floats;
}

int64_t Network::arena_bytes(const NetworkConfig& config, const NetworkShape& shape) {
  return make_layout(config, shape, 1).parameters * static_cast<int64_t>(sizeof(float));
}

void Network::initialize(Random& random) {
  for (const ParameterTensor& tensor : layout_->tensors) {
    float* const values = parameters_.data() + tensor.begin;
    // U(-1 / sqrt(inputs), 1 / sqrt(inputs)): where PyTorch's Linear and Conv2d begin.
    const double bound = 1.0 / std::sqrt(static_cast<double>(tensor.fan_in));
    for (int64_t i = 0; i < tensor.size(); ++i) {
      if (tensor.init == Init::kUniform) values[i] = static_cast<float>(random.uniform(-bound, bound));
      if (tensor.init == Init::kOne) values[i] = 1;
      if (tensor.init == Init::kZero) values[i] = 0;
      if (tensor.init == Init::kSigma) values[i] = static_cast<float>(noisy_sigma_ * bound);
    }
  }
  parameters_changed();
}

int64_t Network::parameter_count() const {
  int64_t count = 0;
  for (const ParameterTensor& tensor : layout_->tensors) count += tensor.trained ? tensor.size() : 0;
  return count;
}

// Without statistics the whole arena, slack included.
size_t Network::trained_floats() const {
  return layout_->trained == layout_->parameters ? parameters_.size() : static_cast<size_t>(layout_->trained);
}

void Network::set_input_statistics(std::span<const float> mean, std::span<const float> scale) {
  const auto put = [this](std::span<const float> values, size_t index) {
    const ParameterTensor& tensor = layout_->tensors[index];
    DEEPQ_ASSERT(static_cast<int64_t>(values.size()) == tensor.size());
    std::ranges::copy(values, parameters_.data() + tensor.begin);
    // What a pass reads, so that nothing else need be made anew for it.
    if (noisy()) std::ranges::copy(values, noisy_parameters_.data() + tensor.begin);
  };
  put(mean, *layout_->input_mean);
  put(scale, *layout_->input_scale);
}

void Network::refresh() {
  stale_ = false;
  const Preparation preparation{.kernels = kernels_,
                                .layout = layout_.get(),
                                .parameters = parameters_.data(),
                                .noise = noise_.data(),
                                .effective = noisy() ? noisy_parameters_.data() : parameters_.data(),
                                .transposed = transposed_.data(),
                                .team = team_.get()};
  for (const Operation& operation : layout_->operations)
    std::visit([&](const auto& kind) { kind.prepare(preparation); }, operation);
}

void Network::blend_from(const Network& other, double tau) {
  DEEPQ_ASSERT(other.parameters_.size() == parameters_.size());
  // A copy must be one bit for bit; to + 1 * (from - to) may round.
  if (tau == 1.0) {
    std::copy(other.parameters().begin(), other.parameters().end(), parameters_.data());
  } else {
    const size_t trained = trained_floats();
    kernels_->blend(static_cast<int64_t>(trained), static_cast<float>(tau), other.parameters_.data(),
                    parameters_.data());
    // Statistics are never blended: both networks see the same.
    std::ranges::copy(other.parameters().subspan(trained), parameters_.data() + trained);
  }
  parameters_changed();
}

void Network::sample_noise(Random& random) {
  if (!noisy()) return;
  muted_ = false;
  const int64_t end = layout_->noise;
  int64_t i = 0;
  // Normal numbers come in pairs, 128 uniform ones at a time. The order is that of random.normal(), so that a spare one
  // of before comes first and a last single one leaves its partner.
  if (random.has_spare_normal()) noise_[0] = noise_factor(random.normal(math_)), i = 1;
  for (std::array<double, 128> uniform{}; end - i > 1;) {
    const int64_t pairs = std::min<int64_t>((end - i) / 2, uniform.size() / 2);
    for (int64_t k = 0; k < 2 * pairs; ++k) uniform[static_cast<size_t>(k)] = random.uniform();
    kernels_->noise_factors(pairs, uniform.data(), &noise_[static_cast<size_t>(i)]);
    i += 2 * pairs;
  }
  if (i < end) noise_[static_cast<size_t>(i)] = noise_factor(random.normal(math_));
  parameters_changed();
}

void Network::mute_noise() {
  if (muted_) return;
  muted_ = true;
  std::fill(noise_.span().begin(), noise_.span().end(), 0.0f);
  parameters_changed();
}

Rows Network::forward(Rows input, int64_t rows, std::span<const float> fractions, const Sequences& sequences) {
  DEEPQ_ASSERT(rows <= max_rows_ && input.stride == padded_size(input_size()));
  DEEPQ_ASSERT(static_cast<int64_t>(fractions.size()) <= rows * max_fractions_ &&
               (fractions.empty() == (max_fractions_ == 0)));
  // Transposed weights, and noise put on: once for all passes between two changes of the parameters.
  if (stale_) refresh();
  pass_->input = input.data;
  pass_->rows = rows;
  pass_->fractions = fractions;
  pass_->sequences = sequences;
  for (const Operation& operation : layout_->operations)
    std::visit([this](const auto& kind) { kind.forward(*pass_); }, operation);
  return output();
}

Rows Network::output() const { return {pass_->value(layout_->output), layout_->activations[layout_->output].stride}; }

Rows Network::output_gradient() {
  return {pass_->gradient(layout_->output), layout_->activations[layout_->output].stride};
}

void Network::backward() {
  DEEPQ_ASSERT(pass_->gradients);
  for (auto operation = layout_->operations.rbegin(); operation != layout_->operations.rend(); ++operation)
    std::visit([this](const auto& kind) { kind.backward(*pass_); }, *operation);
}

void Network::serialize(Archive& archive, std::span<float> values) const {
  for (const ParameterTensor& tensor : layout_->tensors)
    archive.array(tensor.name, values.subspan(static_cast<size_t>(tensor.begin), static_cast<size_t>(tensor.size())),
                  tensor.shape);
}

void Network::serialize_trained(Archive& archive, std::span<float> values) const {
  for (const ParameterTensor& tensor : layout_->tensors)
    if (tensor.trained)
      archive.array(tensor.name, values.subspan(static_cast<size_t>(tensor.begin), static_cast<size_t>(tensor.size())),
                    tensor.shape);
}

}  // namespace deepq
