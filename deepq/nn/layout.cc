#include "deepq/nn/layout.h"

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/nn/kernels/kernels.h"

namespace deepq {
namespace {

constexpr int64_t kCosines = 64;  // Dabney et al. 2018, section 4

// Floats of the patches' gradients that a convolution works on at a time, unless one image has more: 3/4 MB, about half
// of a second-level cache.
constexpr int64_t kPatchFloats = 3 << 16;

class LayoutBuilder {
 public:
  LayoutBuilder(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows)
      : config_(config), shape_(shape), max_rows_(max_rows) {}

  NetworkLayout build() {
    int64_t size = 1;
    for (const int64_t dimension : shape_.input) size *= dimension;
    layout_.slots.push_back({.columns = size, .stride = padded_size(size), .needs_gradient = false});
    size_t top = convolutions(interleaved_input());
    const auto& hidden = config_.hidden_sizes;
    const bool split = config_.dueling && !hidden.empty();
    for (size_t i = 0; i < hidden.size(); ++i) {
      const bool last = i + 1 == hidden.size();
      if (last && shape_.max_taus > 0) top = merge_taus(top);
      top = hidden_layer(top, hidden[i], last && split ? 2 : 1);
    }
    layout_.output = config_.dueling ? dueling_head(top, split) : dense(top, {.out = shape_.actions * shape_.width});
    return std::move(layout_);
  }

 private:
  struct DenseSpec {
    int64_t out;
    bool relu = false;
    bool convolution = false;  // no noise; rows without gaps, so that the positions lie side by side
    int64_t positions = 0;     // 0: as many as the input has
    int64_t blocks = 1;
    int64_t from_column = 0, in = 0;  // 0: all columns
    std::string name = "";            // "": the next number
  };

  size_t add_slot(Slot slot) {
    const int64_t taus = slot.per_tau ? shape_.max_taus : 1;
    slot.begin = layout_.intermediate;
    layout_.intermediate += whole_registers(max_rows_ * slot.positions * taus * slot.stride);
    layout_.slots.push_back(slot);
    return layout_.slots.size() - 1;
  }

  size_t add_tensor(std::string name, std::vector<int64_t> shape, ParameterTensor::Start start, int64_t fan_in) {
    ParameterTensor tensor{std::move(name), std::move(shape), start, fan_in, layout_.parameters};
    layout_.parameters += whole_registers(tensor.size());
    layout_.tensors.push_back(std::move(tensor));
    return layout_.tensors.size() - 1;
  }

  size_t dense(size_t from, const DenseSpec& spec) {
    const Dense layer = make_dense(from, spec);
    layout_.operations.push_back(layer);
    return layer.to;
  }

  Dense make_dense(size_t from, const DenseSpec& spec) {
    using Start = ParameterTensor::Start;
    const Slot input = layout_.slots[from];
    const int64_t in = spec.in > 0 ? spec.in : input.columns;
    name_ = spec.name.empty() ? std::to_string(next_number_++) : spec.name;
    Dense layer{.from = from,
                .to = add_slot({.columns = spec.out,
                                .stride = spec.convolution ? spec.out : padded_size(spec.out),
                                .positions = spec.positions > 0 ? spec.positions : input.positions,
                                .per_tau = input.per_tau,
                                .rectified = spec.relu}),
                .from_column = spec.from_column,
                .in = in,
                .out = spec.out,
                .weight = add_tensor(name_ + "/weight", {spec.out, in}, Start::kUniform, in),
                .bias = add_tensor(name_ + "/bias", {spec.out}, Start::kUniform, in),
                .transposed = layout_.transposed,
                .relu = spec.relu,
                .noisy = config_.noisy && !spec.convolution && spec.name != "tau",
                .blocks = spec.blocks,
                .noise = layout_.noise};
    layout_.transposed += transposed_size(in, spec.out);
    if (layer.noisy) {
      add_tensor(name_ + "/weight_sigma", {spec.out, in}, Start::kSigma, in);
      add_tensor(name_ + "/bias_sigma", {spec.out}, Start::kSigma, in);
      layout_.noise += spec.blocks * in + spec.out;
    }
    return layer;
  }

  // Channels last, and divided by the divisor.
  size_t interleaved_input() {
    const int64_t channels = shape_.channels_first && !config_.conv_channels.empty() ? shape_.input[0] : 1;
    if (channels == 1 && config_.input_divisor == 1) return 0;
    Slot slot = layout_.slots[0];
    const auto scale = static_cast<float>(1 / config_.input_divisor);
    layout_.operations.push_back(Interleave{0, add_slot(slot), channels, scale});
    return layout_.slots.size() - 1;
  }

  // `blocks` layers of `units` side by side: with two of them, the last one of a dueling network's two streams.
  size_t hidden_layer(size_t from, int64_t units, int64_t blocks) {
    using Start = ParameterTensor::Start;
    const size_t linear = dense(from, {.out = blocks * units, .relu = !config_.layer_norm, .blocks = blocks});
    if (!config_.layer_norm) return linear;
    Slot slot = layout_.slots[linear];
    slot.rectified = true;
    const int64_t rows = max_rows_ * (slot.per_tau ? shape_.max_taus : 1);
    layout_.operations.push_back(Norm{.from = linear,
                                      .to = add_slot(slot),
                                      .blocks = blocks,
                                      .gain = add_tensor(name_ + "/norm_weight", {blocks * units}, Start::kOne, units),
                                      .bias = add_tensor(name_ + "/norm_bias", {blocks * units}, Start::kZero, units),
                                      .statistics = layout_.statistics});
    layout_.statistics += 2 * rows * blocks;
    return layout_.slots.size() - 1;
  }

  size_t dueling_head(size_t top, bool split) {
    const int64_t columns = layout_.slots[top].columns / (split ? 2 : 1);
    const size_t value = dense(top, {.out = shape_.width, .in = columns, .name = "value"});
    const size_t advantage = dense(
        top,
        {.out = shape_.actions * shape_.width, .from_column = split ? columns : 0, .in = columns, .name = "advantage"});
    Slot slot = layout_.slots[advantage];
    layout_.operations.push_back(Duel{value, advantage, add_slot(slot), shape_.actions, shape_.width});
    return layout_.slots.size() - 1;
  }

  size_t merge_taus(size_t features) {
    const int64_t columns = layout_.slots[features].columns;
    const size_t cosines =
        add_slot({.columns = kCosines, .stride = padded_size(kCosines), .per_tau = true, .needs_gradient = false});
    layout_.operations.push_back(Cosines{cosines});
    const size_t embedding = dense(cosines, {.out = columns, .relu = true, .name = "tau"});
    const size_t merged = add_slot({.columns = columns, .stride = padded_size(columns), .per_tau = true});
    layout_.operations.push_back(Merge{features, embedding, merged});
    return merged;
  }

  // Returns the slot in which the positions of the last one lie side by side, row by row.
  size_t convolutions(size_t top) {
    if (config_.conv_channels.empty()) return top;
    const std::vector<int64_t>& input = shape_.input;
    int64_t height = input[shape_.channels_first ? 1 : 0], width = input[shape_.channels_first ? 2 : 1];
    for (size_t i = 0; i < config_.conv_channels.size(); ++i) {
      Convolution layer = convolution(top, i, height, width);
      height = layer.shape.out_height, width = layer.shape.out_width;
      Slot image = layout_.slots[layer.dense.to];
      image.columns = image.stride = height * width * layer.dense.out;
      image.positions = 1;
      layout_.slots.push_back(image);
      top = layer.flat = layout_.slots.size() - 1;
      layout_.operations.push_back(layer);
    }
    return top;
  }

  Convolution convolution(size_t from, size_t i, int64_t height, int64_t width) {
    const int64_t kernel = config_.conv_kernels[i], stride = config_.conv_strides[i];
    if (kernel > height || kernel > width)
      throw Error::of("network.conv_kernels holds ", kernel, " for an input of ", height, " x ", width,
                      "; allowed: up to ", std::min(height, width));
    const Slot image = layout_.slots[from];
    const ConvolutionShape shape{.height = height,
                                 .width = width,
                                 .channels = image.columns / (height * width),
                                 .kernel = kernel,
                                 .stride = stride,
                                 .out_height = (height - kernel) / stride + 1,
                                 .out_width = (width - kernel) / stride + 1,
                                 .out = config_.conv_channels[i],
                                 .image_stride = image.stride,
                                 .out_stride = config_.conv_channels[i]};
    const int64_t columns = kernel * kernel * shape.channels, positions = shape.out_height * shape.out_width;
    const Dense layer =
        make_dense(from, {.out = shape.out, .relu = true, .convolution = true, .positions = positions, .in = columns});
    if (!image.needs_gradient) return {layer, shape, 0, 0};
    const int64_t floats = positions * padded_size(columns);
    const int64_t images = std::clamp<int64_t>(kPatchFloats / floats, 1, max_rows_);
    layout_.patches = std::max(layout_.patches, images * floats);
    return {layer, shape, 0, images};
  }

  const NetworkConfig& config_;
  const NetworkShape& shape_;
  int64_t max_rows_;
  NetworkLayout layout_;
  int64_t next_number_ = 0;
  std::string name_;  // of the last dense layer
};

void check(const NetworkConfig& config, const NetworkShape& shape) {
  const size_t convolutions = config.conv_channels.size();
  if (config.conv_kernels.size() != convolutions || config.conv_strides.size() != convolutions)
    throw Error::of("network.conv_kernels and network.conv_strides have ", config.conv_kernels.size(), " and ",
                    config.conv_strides.size(), " values; allowed: as many as network.conv_channels, ", convolutions);
  if (convolutions > 0 && shape.input.size() != 3)
    throw Error::of(
        "network.conv_channels has ", convolutions,
        " values; allowed: none, for the observations are no pictures of shape [height, width, channels] or "
        "[channels, height, width]");
  if (config.dueling && config.hidden_sizes.empty() && convolutions > 0)
    throw Error("network.hidden_sizes is empty; allowed with network.dueling after convolutions: one or more");
  if (shape.max_taus > 0 && config.hidden_sizes.empty())
    throw Error(
        "network.hidden_sizes is empty; allowed with value.representation implicit: one or more, for the quantile "
        "fractions enter before the last of them");
}

}  // namespace

int64_t ParameterTensor::size() const {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  return size;
}

NetworkLayout make_layout(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows) {
  check(config, shape);
  return LayoutBuilder(config, shape, max_rows).build();
}

}  // namespace deepq
