#include "deepq/nn/layout.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "deepq/core/error.h"
#include "deepq/nn/encoder.h"
#include "deepq/nn/layout_builder.h"

namespace deepq {
namespace {

// Channels last, and divided by the divisor.
size_t add_input(LayoutBuilder& builder) {
  const NetworkShape& shape = builder.shape;
  const int64_t size = std::accumulate(shape.input.begin(), shape.input.end(), int64_t{1}, std::multiplies<>());
  builder.layout.activations.push_back({.columns = size, .stride = padded_size(size), .needs_gradient = false});
  const int64_t channels = shape.channels_first && !builder.config.conv_channels.empty() ? shape.input[0] : 1;
  // Nothing to move and nothing to scale: the first operation reads the input itself.
  if (channels == 1 && builder.config.input_divisor == 1) return 0;
  return add_to_channels_last(builder, 0, channels, static_cast<float>(1 / builder.config.input_divisor));
}

// `blocks` layers of `units` side by side: with two of them, the last one of a dueling network's two streams.
size_t add_hidden_layer(LayoutBuilder& builder, size_t from, int64_t units, int64_t blocks) {
  const bool norm = builder.config.layer_norm;
  const size_t linear = add_dense(builder, from, {.out = blocks * units, .relu = !norm, .blocks = blocks});
  return norm ? add_layer_norm(builder, linear, blocks) : linear;
}

// Implicit quantiles: the fractions' embedding enters.
size_t add_fractions(LayoutBuilder& builder, size_t features) {
  const int64_t columns = builder.layout.activations[features].columns;
  const size_t cosines = add_cosine_embedding(builder);
  const size_t embedding =
      add_dense(builder, cosines, {.out = columns, .relu = true, .never_noisy = true, .name = "tau"});
  return add_multiply(builder, features, embedding);
}

size_t add_dueling_head(LayoutBuilder& builder, size_t top, bool split) {
  const NetworkShape& shape = builder.shape;
  // The last hidden layer holds both streams side by side: value reads the first half, advantage the second.
  const int64_t columns = builder.layout.activations[top].columns / (split ? 2 : 1);
  const size_t value = add_dense(builder, top, {.out = shape.width, .in = columns, .name = "value"});
  const size_t advantage = add_dense(
      builder, top,
      {.out = shape.actions * shape.width, .from_column = split ? columns : 0, .in = columns, .name = "advantage"});
  return add_duel(builder, value, advantage);
}

void check(const NetworkConfig& config, const NetworkShape& shape) {
  const size_t convolutions = config.conv_channels.size();
  const bool plain = config.encoder == Encoder::kConvolutions;
  if (plain && (config.conv_kernels.size() != convolutions || config.conv_strides.size() != convolutions))
    throw Error::of("network.conv_kernels and network.conv_strides have ", config.conv_kernels.size(), " and ",
                    config.conv_strides.size(), " values; allowed: as many as network.conv_channels, ", convolutions);
  if (convolutions > 0 && shape.input.size() != 3)
    throw Error::of(
        "network.conv_channels has ", convolutions,
        " values; allowed: none, for the observations are no pictures of shape [height, width, channels] or "
        "[channels, height, width]");
  if (config.dueling && config.hidden_sizes.empty() && convolutions > 0)
    throw Error("network.hidden_sizes is empty; allowed with network.dueling after convolutions: one or more");
  if (shape.max_fractions > 0 && config.hidden_sizes.empty())
    throw Error(
        "network.hidden_sizes is empty; allowed with value.representation implicit: one or more, for the quantile "
        "fractions enter before the last of them");
}

}  // namespace

int64_t ParameterTensor::size() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

int64_t NetworkLayout::cost() const {
  int64_t sum = 0;
  for (const Operation& operation : operations)
    sum += std::visit([this](const auto& kind) { return kind.cost(*this); }, operation);
  return sum;
}

NetworkLayout make_layout(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows) {
  check(config, shape);
  LayoutBuilder builder(config, shape, max_rows);
  size_t top = add_encoder(builder, add_input(builder));
  const std::vector<int64_t>& hidden = config.hidden_sizes;
  const bool split = config.dueling && !hidden.empty();
  for (size_t i = 0; i < hidden.size(); ++i) {
    const bool last = i + 1 == hidden.size();
    // What the last hidden layer reads is multiplied with the embedding of the fractions.
    if (last && shape.max_fractions > 0) top = add_fractions(builder, top);
    top = add_hidden_layer(builder, top, hidden[i], last && split ? 2 : 1);
  }
  builder.layout.output = config.dueling ? add_dueling_head(builder, top, split)
                                         : add_dense(builder, top, {.out = shape.actions * shape.width});
  return std::move(builder.layout);
}

}  // namespace deepq
