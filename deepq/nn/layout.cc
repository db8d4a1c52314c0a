#include "deepq/nn/layout.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "deepq/core/error.h"
#include "deepq/nn/encoder.h"
#include "deepq/nn/layout_builder.h"

namespace deepq {
namespace {

int64_t product_of(const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

float scale_of(const LayoutBuilder& builder, const InputPart& part) {
  return static_cast<float>(part.divided ? 1 / builder.config.input_divisor : 1);
}

// A part of the input with its channels last, and divided by the divisor.
size_t add_channels_last(LayoutBuilder& builder, const InputPart& part, int64_t from_column) {
  const int64_t channels = part.channels_first && !builder.config.conv_channels.empty() ? part.shape[0] : 1;
  return add_to_channels_last(builder, 0, from_column, part.size(), channels, scale_of(builder, part));
}

// All parts that are normalised, side by side; the input where none is.
size_t add_normalized_inputs(LayoutBuilder& builder) {
  std::vector<NormalizeInput::Range> ranges;
  int64_t column = 0;
  for (const InputPart& part : builder.shape.inputs) {
    if (part.is_normalized(builder.config)) {
      const bool adjoins = !ranges.empty() && ranges.back().from_column + ranges.back().columns == column;
      if (adjoins)
        ranges.back().columns += part.size();
      else
        ranges.push_back({column, part.size()});
    }
    column += part.size();
  }
  return ranges.empty() ? 0 : add_normalize_input(builder, std::move(ranges));
}

size_t add_single_input(LayoutBuilder& builder, const InputPart& part) {
  if (part.is_normalized(builder.config)) return add_normalized_inputs(builder);
  // Nothing to move and nothing to scale: the first operation reads the input itself.
  const bool as_it_is = !(part.channels_first && !builder.config.conv_channels.empty() && part.shape[0] > 1) &&
                        builder.config.input_divisor == 1;
  return add_encoder(builder, as_it_is ? 0 : add_channels_last(builder, part, 0), part);
}

// A branch for each picture, where there are convolutions, and all other numbers as they are: side by side, in the
// parts' order.
size_t add_joined_inputs(LayoutBuilder& builder) {
  std::vector<Join::Part> parts;
  const size_t normalized = add_normalized_inputs(builder);
  int64_t column = 0, normalized_column = 0;
  for (const InputPart& part : builder.shape.inputs) {
    const float scale = scale_of(builder, part);
    const bool is_normalized = part.is_normalized(builder.config);
    const size_t from = is_normalized ? normalized : 0;
    if (part.is_picture() && !builder.config.conv_channels.empty()) {
      const size_t features = add_encoder(builder, add_channels_last(builder, part, column), part);
      parts.push_back({features, 0, builder.layout.activations[features].columns, 1});
    } else if (!parts.empty() && parts.back().from == from && parts.back().scale == scale) {
      parts.back().columns += part.size();
    } else {
      parts.push_back({from, is_normalized ? normalized_column : column, part.size(), scale});
    }
    column += part.size();
    if (is_normalized) normalized_column += part.size();
  }
  // Numbers alone, as they are or all normalised: the first layer reads them where they lie.
  if (parts.size() == 1 && parts[0].from == normalized && parts[0].scale == 1) return normalized;
  return add_join(builder, std::move(parts));
}

// Returns what the hidden layers read.
size_t add_inputs(LayoutBuilder& builder) {
  const std::vector<InputPart>& inputs = builder.shape.inputs;
  int64_t size = 0;
  for (const InputPart& part : inputs) size += part.size();
  builder.layout.activations.push_back({.columns = size, .stride = padded_size(size), .needs_gradient = false});
  return inputs.size() == 1 ? add_single_input(builder, inputs[0]) : add_joined_inputs(builder);
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

// The recurrent layer, if there is one. Just before the last hidden layer, which is the first of a dueling network's
// two streams, it is where Kapturowski et al. 2019 have it; without hidden layers, where Hausknecht and Stone 2015 do.
size_t add_memory(LayoutBuilder& builder, size_t top) {
  return builder.config.recurrent == Memory::kNone ? top : add_recurrent(builder, top);
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

void check_normalization(const NetworkConfig& config, const NetworkShape& shape) {
  if (!config.normalize_observations) return;
  const auto is_normalized = [&](const InputPart& part) { return part.is_normalized(config); };
  if (std::ranges::none_of(shape.inputs, is_normalized))
    throw Error(
        "network.normalize_observations is true, and no part of the observations is of real numbers beside pictures "
        "for convolutions; allowed: false (bytes and pixels are divided by network.input_divisor)");
  const auto is_both = [&](const InputPart& part) { return is_normalized(part) && part.divided; };
  if (config.input_divisor != 1 && std::ranges::any_of(shape.inputs, is_both))
    throw Error::of("network.input_divisor is ", config.input_divisor,
                    "; allowed with network.normalize_observations, which divides by the deviation: 1");
}

void check(const NetworkConfig& config, const NetworkShape& shape) {
  const size_t convolutions = config.conv_channels.size();
  const bool plain = config.encoder == Encoder::kConvolutions;
  if (plain && (config.conv_kernels.size() != convolutions || config.conv_strides.size() != convolutions))
    throw Error::of("network.conv_kernels and network.conv_strides have ", config.conv_kernels.size(), " and ",
                    config.conv_strides.size(), " values; allowed: as many as network.conv_channels, ", convolutions);
  if (convolutions > 0 && std::ranges::none_of(shape.inputs, &InputPart::is_picture))
    throw Error::of(
        "network.conv_channels has ", convolutions,
        " values; allowed: none, for the observations are no pictures of shape [height, width, channels] or "
        "[channels, height, width]");
  if (config.input_divisor != 1 && std::ranges::none_of(shape.inputs, &InputPart::divided))
    throw Error::of("network.input_divisor is ", config.input_divisor,
                    ", and no part of the observations is of bytes, which alone are divided beside others; allowed: 1");
  check_normalization(config, shape);
  if (config.dueling && config.hidden_sizes.empty() && convolutions > 0 && config.recurrent == Memory::kNone)
    throw Error("network.hidden_sizes is empty; allowed with network.dueling after convolutions: one or more");
  if (shape.max_fractions > 0 && config.hidden_sizes.empty())
    throw Error(
        "network.hidden_sizes is empty; allowed with value.representation implicit: one or more, for the quantile "
        "fractions enter before the last of them");
}

}  // namespace

int64_t ParameterTensor::size() const { return product_of(shape); }
int64_t InputPart::size() const { return product_of(shape); }

bool InputPart::is_normalized(const NetworkConfig& config) const {
  return config.normalize_observations && measured && !(is_picture() && !config.conv_channels.empty());
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
  size_t top = add_inputs(builder);
  const std::vector<int64_t>& hidden = config.hidden_sizes;
  const bool split = config.dueling && !hidden.empty();
  for (size_t i = 0; i < hidden.size(); ++i) {
    const bool last = i + 1 == hidden.size();
    if (last) top = add_memory(builder, top);
    // What the last hidden layer reads is multiplied with the embedding of the fractions.
    if (last && shape.max_fractions > 0) top = add_fractions(builder, top);
    top = add_hidden_layer(builder, top, hidden[i], last && split ? 2 : 1);
  }
  if (hidden.empty()) top = add_memory(builder, top);
  builder.layout.output = config.dueling ? add_dueling_head(builder, top, split)
                                         : add_dense(builder, top, {.out = shape.actions * shape.width});
  builder.place_statistics();
  return std::move(builder.layout);
}

}  // namespace deepq
