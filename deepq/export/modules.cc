#include "deepq/export/modules.h"

#include <algorithm>
#include <map>
#include <variant>

#include "deepq/core/error.h"
#include "deepq/nn/layout.h"

namespace deepq {
namespace {

// For each slot whose rows are images with the channels last, how many they are; 0 for all others. What is made of the
// whole image number by number is one too.
std::vector<int64_t> image_channels(const NetworkLayout& layout) {
  std::vector<int64_t> channels(layout.activations.size(), 0);
  for (const Operation& operation : layout.operations) {
    if (const auto* const convolution = std::get_if<Convolution>(&operation))
      channels[convolution->flat] = convolution->shape.out;
    if (const auto* const merge = std::get_if<Multiply>(&operation))
      channels[merge->to] = channels[merge->embedding] = channels[merge->features];
  }
  return channels;
}

// [rows, pixels, channels, inner] to [rows, channels, pixels, inner], all that is in `values`.
std::vector<float> channels_first(const std::vector<float>& values, int64_t pixels, int64_t channels, int64_t inner) {
  std::vector<float> result(values.size());
  const auto rows = static_cast<int64_t>(values.size()) / (pixels * channels * inner);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t c = 0; c < channels; ++c)
        std::copy_n(values.data() + ((r * pixels + p) * channels + c) * inner, inner,
                    result.data() + ((r * channels + c) * pixels + p) * inner);
  return result;
}

class ModuleBuilder {
 public:
  explicit ModuleBuilder(const Network& network)
      : layout_(network.layout()), parameters_(network.parameters()), channels_(image_channels(layout_)) {}

  std::vector<std::vector<Module>> build() {
    std::vector<std::vector<Module>> result;
    for (const Operation& operation : layout_.operations)
      result.push_back(std::visit([this](const auto& kind) { return modules_of(kind); }, operation));
    return result;
  }

 private:
  std::vector<Module> modules_of(const Convolution& layer) {
    const ConvolutionShape& shape = layer.shape;
    std::vector<float> weight = values_of(layer.dense.weight);
    weight = channels_first(weight, shape.kernel * shape.kernel, shape.channels, 1);
    image_ = layer.flat;
    return {{next_name("body", 2),
             {{"weight", {shape.out, shape.channels, shape.kernel, shape.kernel}, std::move(weight)},
              {"bias", {shape.out}, values_of(layer.dense.bias)}}}};
  }

  std::vector<Module> modules_of(const Dense& layer) {
    if (layer.from == image_) next_name("body", 1);  // Flatten
    streams_ = layer.blocks == 2 ? std::vector<std::string>{"value", "advantage"} : std::vector{sequence_of(layer)};
    std::vector<Module> modules;
    for (size_t block = 0; block < streams_.size(); ++block) {
      Module module{next_name(streams_[block], layer.relu ? 2 : 1), {}};
      const std::string mu = layer.noisy ? "_mu" : "";
      module.tensors.push_back(weight_of(layer, "weight" + mu, layer.weight, block));
      module.tensors.push_back(bias_of(layer, "bias" + mu, layer.bias, block));
      if (layer.noisy) {
        module.tensors.push_back(weight_of(layer, "weight_sigma", layer.bias + 1, block));
        module.tensors.push_back(bias_of(layer, "bias_sigma", layer.bias + 2, block));
      }
      modules.push_back(std::move(module));
    }
    return modules;
  }

  // Of the layer just before: one module for each of its blocks.
  std::vector<Module> modules_of(const LayerNorm& norm) {
    DEEPQ_ASSERT(static_cast<int64_t>(streams_.size()) == norm.blocks);
    std::vector<Module> modules;
    for (size_t block = 0; block < streams_.size(); ++block) {
      const int64_t size = layout_.activations[norm.to].columns / norm.blocks;
      modules.push_back(
          {next_name(streams_[block], 2),
           {{"weight", {size}, block_of(norm.gain, block, size)}, {"bias", {size}, block_of(norm.bias, block, size)}}});
    }
    return modules;
  }

  std::vector<Module> modules_of(const Multiply&) {
    sequence_ = "head";  // what sees features and fractions
    return {};
  }
  std::vector<Module> modules_of(const ToChannelsLast&) { return {}; }
  std::vector<Module> modules_of(const Duel&) { return {}; }
  std::vector<Module> modules_of(const CosineEmbedding&) { return {}; }

  std::string sequence_of(const Dense& layer) const {
    const std::string& weight = layout_.tensors[layer.weight].name;
    for (const char* const name : {"value", "advantage", "tau"})
      if (weight == std::string(name) + "/weight") return name;
    return layer.to == layout_.output ? "head" : sequence_;
  }

  // "body.2" when two places of `body` are taken; takes `places` more.
  std::string next_name(const std::string& sequence, int64_t places) {
    int64_t& place = places_[sequence];
    std::string name = sequence + "." + std::to_string(place);
    place += places;
    return name;
  }

  std::vector<float> values_of(size_t tensor) const {
    const ParameterTensor& t = layout_.tensors[tensor];
    const auto span = parameters_.subspan(static_cast<size_t>(t.begin), static_cast<size_t>(t.size()));
    return {span.begin(), span.end()};
  }

  std::vector<float> block_of(size_t tensor, size_t block, int64_t size) const {
    const std::vector<float> values = values_of(tensor);
    const auto begin = values.begin() + static_cast<int64_t>(block) * size;
    return {begin, begin + size};
  }

  ModuleTensor weight_of(const Dense& layer, std::string name, size_t tensor, size_t block) const {
    const int64_t rows = layer.out / layer.blocks;
    std::vector<float> values = block_of(tensor, block, rows * layer.in);
    if (const int64_t c = channels_[layer.from]; c > 0) values = channels_first(values, layer.in / c, c, 1);
    if (const int64_t c = channels_[layer.to]; c > 0) values = channels_first(values, rows / c, c, layer.in);
    return {std::move(name), {rows, layer.in}, std::move(values)};
  }

  ModuleTensor bias_of(const Dense& layer, std::string name, size_t tensor, size_t block) const {
    const int64_t rows = layer.out / layer.blocks;
    std::vector<float> values = block_of(tensor, block, rows);
    if (const int64_t c = channels_[layer.to]; c > 0) values = channels_first(values, rows / c, c, 1);
    return {std::move(name), {rows}, std::move(values)};
  }

  const NetworkLayout& layout_;
  std::span<const float> parameters_;
  std::vector<int64_t> channels_;
  size_t image_ = SIZE_MAX;           // the last convolution's
  std::string sequence_ = "body";     // where the next hidden layer belongs
  std::vector<std::string> streams_;  // where the last dense layer's blocks are
  std::map<std::string, int64_t> places_;
};

}  // namespace

std::vector<std::vector<Module>> torch_modules(const Network& network) { return ModuleBuilder(network).build(); }

}  // namespace deepq
