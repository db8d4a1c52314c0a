#include "deepq/nn/network.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// Kernels may load one register past the end of a buffer.
size_t with_slack(int64_t floats) { return static_cast<size_t>(floats + kPadFloats); }

}  // namespace

Network::Layout Network::make_layout(int64_t input_size, const NetworkConfig& config, int64_t output_size) {
  std::vector<int64_t> sizes{input_size};
  sizes.insert(sizes.end(), config.hidden_sizes.begin(), config.hidden_sizes.end());
  sizes.push_back(output_size);
  Layout layout;
  for (size_t i = 0; i + 1 < sizes.size(); ++i) {
    DEEPQ_ASSERT(sizes[i] >= 1 && sizes[i + 1] >= 1);
    Layer layer{sizes[i], sizes[i + 1], layout.parameters, 0, layout.transposed};
    layer.bias = layer.weight + whole_registers(layer.in * layer.out);
    layout.parameters = layer.bias + whole_registers(layer.out);
    layout.transposed += transposed_size(layer.in, layer.out);
    layout.layers.push_back(layer);
    layout.row_offsets.push_back(layout.row);
    layout.row += padded_size(layer.out);
  }
  return layout;
}

Network::Network(int64_t input_size, const NetworkConfig& config, int64_t output_size, int64_t max_rows,
                 Trainable trainable)
    : Network(make_layout(input_size, config, output_size), config.engine, max_rows, trainable) {}

Network::Network(Layout layout, Engine engine, int64_t max_rows, Trainable trainable)
    : kernels_(&kernels_for(engine)),
      layers_(std::move(layout.layers)),
      row_offsets_(std::move(layout.row_offsets)),
      max_rows_(max_rows),
      parameters_(with_slack(layout.parameters)),
      transposed_(with_slack(layout.transposed)),
      activation_buffer_(with_slack(layout.row * max_rows)),
      activations_(activation_buffer_.data()),
      activation_gradients_(nullptr) {
  if (trainable == Trainable::kYes) {
    gradients_ = AlignedBuffer<float>(with_slack(layout.parameters));
    activation_gradient_buffer_ = AlignedBuffer<float>(with_slack(layout.row * max_rows));
    activation_gradients_ = activation_gradient_buffer_.data();
  }
}

int64_t Network::bytes(int64_t input_size, const NetworkConfig& config, int64_t output_size, int64_t max_rows,
                       Trainable trainable) {
  const Layout layout = make_layout(input_size, config, output_size);
  const int64_t copies = trainable == Trainable::kYes ? 2 : 1;
  const int64_t floats = copies * (layout.parameters + layout.row * max_rows) + layout.transposed;
  return static_cast<int64_t>(sizeof(float)) * floats;
}

int64_t Network::arena_bytes(int64_t input_size, const NetworkConfig& config, int64_t output_size) {
  return make_layout(input_size, config, output_size).parameters * static_cast<int64_t>(sizeof(float));
}

void Network::initialize(Random& random) {
  for (const Layer& layer : layers_) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(layer.in));
    float* const weight = parameters_.data() + layer.weight;
    float* const bias = parameters_.data() + layer.bias;
    for (int64_t i = 0; i < layer.in * layer.out; ++i) weight[i] = static_cast<float>(random.uniform(-bound, bound));
    for (int64_t i = 0; i < layer.out; ++i) bias[i] = static_cast<float>(random.uniform(-bound, bound));
  }
  parameters_changed();
}

int64_t Network::parameter_count() const {
  int64_t count = 0;
  for (const Layer& layer : layers_) count += (layer.in + 1) * layer.out;
  return count;
}

void Network::parameters_changed() {
  for (const Layer& layer : layers_)
    kernels_->transpose(layer.out, layer.in, parameters_.data() + layer.weight, transposed_.data() + layer.transposed);
}

void Network::blend_from(const Network& other, double tau) {
  DEEPQ_ASSERT(other.parameters_.size() == parameters_.size());
  if (tau == 1.0) {
    std::copy(other.parameters().begin(), other.parameters().end(), parameters_.data());
  } else {
    kernels_->blend(static_cast<int64_t>(parameters_.size()), static_cast<float>(tau), other.parameters_.data(),
                    parameters_.data());
  }
  parameters_changed();
}

Rows Network::forward(Rows input, int64_t rows) {
  DEEPQ_ASSERT(rows <= max_rows_ && input.stride == padded_size(input_size()));
  input_ = input.data;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const LayerWeights weights{parameters_.data() + layer.weight, transposed_.data() + layer.transposed,
                               parameters_.data() + layer.bias};
    const bool hidden = i + 1 < layers_.size();
    kernels_->forward({rows, layer.in, layer.out}, activation(i), weights, hidden, activation(i + 1));
  }
  return output();
}

void Network::backward(int64_t rows) {
  DEEPQ_ASSERT(activation_gradients_ && rows <= max_rows_);
  for (size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    const LayerShape shape{rows, layer.in, layer.out};
    const float* const weight = parameters_.data() + layer.weight;
    kernels_->backward_weights(shape, gradient_rows(i + 1), activation(i), gradients_.data() + layer.weight,
                               gradients_.data() + layer.bias);
    if (i > 0) kernels_->backward_input(shape, gradient_rows(i + 1), weight, activation(i), gradient_rows(i));
  }
}

void Network::serialize(Archive& archive, std::span<float> values) const {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const auto part = [&](int64_t begin, int64_t size) {
      return values.subspan(static_cast<size_t>(begin), static_cast<size_t>(size));
    };
    const auto scope = archive.scope(std::to_string(i));
    archive.array("weight", part(layer.weight, layer.in * layer.out), {layer.out, layer.in});
    archive.array("bias", part(layer.bias, layer.out));
  }
}

}  // namespace deepq
