#include "deepq/nn/modules.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>
#include <variant>

#include "deepq/core/error.h"
#include "deepq/nn/network.h"

namespace deepq {
namespace {

// An image, channels last, among the columns of a row.
struct ImageColumns {
  int64_t first, channels, numbers;
};
using Images = std::vector<ImageColumns>;

// Of each value. What is multiplied with images number by number, and the product, have them too.
std::vector<Images> images_of(const ExportGraph& graph) {
  std::vector<Images> images;
  for (const graph::Value& value : graph.values)
    images.push_back(value.channels > 0 ? Images{{0, value.channels, value.numbers}} : Images{});
  for (const graph::Node& node : graph.nodes) {
    // Constant rows (the cosine embedding) know no pixels, but meet features that do: their columns must be in the same
    // order.
    if (const auto* const multiply = std::get_if<graph::Multiply>(&node))
      images[multiply->to] = images[multiply->rows] = images[multiply->factor];
    if (const auto* const join = std::get_if<graph::Join>(&node)) {
      int64_t first = 0;
      for (const graph::Join::Part& part : join->parts) {
        for (const ImageColumns& image : images[part.from])
          images[join->to].push_back({first + image.first, image.channels, image.numbers});
        first += part.columns;
      }
    }
  }
  return images;
}

std::vector<float> reordered(const std::vector<float>& values, const ChannelsFirst& change) {
  const auto& [pixels, channels, inner, first, row] = change;
  std::vector<float> result = values;
  for (int64_t begin = first; begin < static_cast<int64_t>(values.size()); begin += row)
    for (int64_t p = 0; p < pixels; ++p)
      for (int64_t c = 0; c < channels; ++c)
        std::copy_n(values.data() + begin + (p * channels + c) * inner, inner,
                    result.data() + begin + (c * pixels + p) * inner);
  return result;
}

class ModuleBuilder {
 public:
  explicit ModuleBuilder(const ExportGraph& graph) : graph_(graph), images_of_(images_of(graph)) {
    joins_ =
        std::ranges::any_of(graph.nodes, [](const auto& node) { return std::holds_alternative<graph::Join>(node); });
  }

  std::vector<std::vector<Module>> build() {
    std::vector<std::vector<Module>> result;
    for (const graph::Node& node : graph_.nodes) {
      result.push_back(std::visit([this](const auto& kind) { return this->modules_of(kind); }, node));
      const size_t written = std::visit([](const auto& kind) { return kind.to; }, node);
      // From this value on, convolutions are of the block, until its Add.
      if (begins_residual_block(written)) images_ = next_name(encoder_, 1);
    }
    return result;
  }

 private:
  std::vector<Module> modules_of(const graph::Convolution& layer) {
    const ConvolutionShape& shape = layer.shape;
    // [out, kernel rows, kernel columns, channels] to PyTorch's [out, channels, kernel rows, kernel columns].
    const ChannelsFirst change{shape.kernel * shape.kernel, shape.channels, 1};
    // A ReLU has no tensors but takes a place in a Sequential, so that the next layer is two further on.
    return {{next_name(images_, layer.relu ? 2 : 1),
             {{"weight", {shape.out, shape.channels, shape.kernel, shape.kernel}, layer.weight.numbers, {change}},
              {"bias", {shape.out}, layer.bias.numbers, {}}}}};
  }

  // No tensors, but a place in the Sequential.
  std::vector<Module> modules_of(const graph::MaxPool&) {
    next_name(images_, 1);
    return {};
  }

  std::vector<Module> modules_of(const graph::Relu&) {
    next_name(images_, 1);
    return {};
  }

  // A residual block is a Sequential of its own, "body.2", whose output is added to its input.
  std::vector<Module> modules_of(const graph::Add&) {
    images_ = encoder_;
    return {};
  }

  // Beside other observations each picture has a Sequential of its own.
  std::vector<Module> modules_of(const graph::ToChannelsLast&) {
    if (joins_) images_ = encoder_ = next_name("encoders", 1);
    return {};
  }

  bool begins_residual_block(size_t value) const {
    return std::any_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const graph::Node& node) {
      const auto* const add = std::get_if<graph::Add>(&node);
      return add && add->around == value;
    });
  }

  std::vector<Module> modules_of(const graph::Linear& layer) {
    if (graph_.values[layer.from].channels > 0) next_name("body", 1);  // Flatten
    streams_ = layer.blocks == 2 ? std::vector<std::string>{"value", "advantage"} : std::vector{sequence_of(layer)};
    std::vector<Module> modules;
    for (size_t block = 0; block < streams_.size(); ++block) {
      Module module{next_name(streams_[block], layer.relu ? 2 : 1), {}};
      const bool noisy = !layer.weight_sigma.numbers.empty();
      const std::string mu = noisy ? "_mu" : "";
      module.tensors.push_back(weight_of(layer, "weight" + mu, layer.weight, block));
      module.tensors.push_back(bias_of(layer, "bias" + mu, layer.bias, block));
      if (noisy) {
        module.tensors.push_back(weight_of(layer, "weight_sigma", layer.weight_sigma, block));
        module.tensors.push_back(bias_of(layer, "bias_sigma", layer.bias_sigma, block));
      }
      modules.push_back(std::move(module));
    }
    return modules;
  }

  // Of the layer just before: one module for each of its blocks.
  std::vector<Module> modules_of(const graph::LayerNorm& norm) {
    DEEPQ_ASSERT(static_cast<int64_t>(streams_.size()) == norm.blocks);
    std::vector<Module> modules;
    for (size_t block = 0; block < streams_.size(); ++block) {
      const int64_t size = graph_.values[norm.to].numbers / norm.blocks;
      modules.push_back({next_name(streams_[block], 2),
                         {{"weight", {size}, block_of(norm.gain, block, size), {}},
                          {"bias", {size}, block_of(norm.bias, block, size), {}}}});
    }
    return modules;
  }

  // Two buffers.
  static std::vector<Module> modules_of(const graph::NormalizeInput& node) {
    const int64_t size = static_cast<int64_t>(node.mean.numbers.size());
    return {{"observations", {{"mean", {size}, node.mean.numbers, {}}, {"scale", {size}, node.scale.numbers, {}}}}};
  }

  // A GRU or an LSTM of one layer. What comes behind it is a sequence of its own.
  std::vector<Module> modules_of(const graph::Recurrent& cell) {
    if (graph_.values[cell.from].channels > 0) next_name(sequence_, 1);  // Flatten
    sequence_ = "head";
    const int64_t outputs = static_cast<int64_t>(cell.bias_ih.numbers.size());
    ModuleTensor input{"weight_ih_l0", {outputs, cell.in}, cell.weight_ih.numbers, {}};
    for (const auto& [first, channels, numbers] : images_of_[cell.from])
      input.changes.push_back({numbers / channels, channels, 1, first, cell.in});
    return {{"recurrent",
             {std::move(input),
              {"weight_hh_l0", {outputs, cell.units}, cell.weight_hh.numbers, {}},
              {"bias_ih_l0", {outputs}, cell.bias_ih.numbers, {}},
              {"bias_hh_l0", {outputs}, cell.bias_hh.numbers, {}}}}};
  }

  std::vector<Module> modules_of(const graph::Multiply&) {
    sequence_ = "head";  // what sees features and fractions
    return {};
  }
  template <class WithoutParameters>
  std::vector<Module> modules_of(const WithoutParameters&) {
    return {};
  }

  std::string sequence_of(const graph::Linear& layer) const {
    for (const char* const name : {"value", "advantage", "tau"})
      // The last layers of the streams and the embedding have fixed names in checkpoints; others are numbered.
      if (layer.weight.name == std::string(name) + "/weight") return name;
    return layer.to == graph_.output ? "head" : sequence_;
  }

  // "body.2" when two places of `body` are taken; takes `places` more.
  std::string next_name(const std::string& sequence, int64_t places) {
    int64_t& place = places_[sequence];
    std::string name = sequence + "." + std::to_string(place);
    place += places;
    return name;
  }

  static std::span<const float> block_of(const graph::Tensor& tensor, size_t block, int64_t size) {
    return tensor.numbers.subspan(block * static_cast<size_t>(size), static_cast<size_t>(size));
  }

  ModuleTensor weight_of(const graph::Linear& layer, std::string name, const graph::Tensor& tensor,
                         size_t block) const {
    const int64_t rows = layer.out / layer.blocks;
    ModuleTensor result{std::move(name), {rows, layer.in}, block_of(tensor, block, rows * layer.in), {}};
    // PyTorch flattens channels first: the columns that read an image, and rows that are multiplied with one, change
    // order.
    for (const auto& [first, channels, numbers] : images_of_[layer.from])
      result.changes.push_back({numbers / channels, channels, 1, first, layer.in});
    for (const auto& [first, channels, numbers] : images_of_[layer.to])
      result.changes.push_back({numbers / channels, channels, layer.in, first * layer.in, rows * layer.in});
    return result;
  }

  ModuleTensor bias_of(const graph::Linear& layer, std::string name, const graph::Tensor& tensor, size_t block) const {
    const int64_t rows = layer.out / layer.blocks;
    ModuleTensor result{std::move(name), {rows}, block_of(tensor, block, rows), {}};
    for (const auto& [first, channels, numbers] : images_of_[layer.to])
      result.changes.push_back({numbers / channels, channels, 1, first, rows});
    return result;
  }

  const ExportGraph& graph_;
  std::vector<Images> images_of_;     // in the rows of each value
  bool joins_ = false;                // pictures and other observations
  std::string encoder_ = "body";      // the picture's
  std::string images_ = "body";       // where the next convolution belongs: there, or in a residual block
  std::string sequence_ = "body";     // where the next hidden layer belongs
  std::vector<std::string> streams_;  // where the last dense layer's blocks are
  std::map<std::string, int64_t> places_;
};

}  // namespace

std::vector<float> ModuleTensor::values() const {
  std::vector<float> values(ours.begin(), ours.end());
  for (const ChannelsFirst& change : changes) values = reordered(values, change);
  return values;
}

std::vector<float> ModuleTensor::in_our_order(std::vector<float> values) const {
  // The last change first, and channels in the place of pixels: a transposition back.
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    ChannelsFirst back = *change;
    std::swap(back.pixels, back.channels);
    values = reordered(values, back);
  }
  return values;
}

void take_modules(Network& network, const std::vector<float>& fractions, const TensorMap& tensors) {
  const std::span<float> parameters = network.parameters();
  for (const std::vector<Module>& operation : torch_modules(export_graph(network, fractions)))
    for (const Module& module : operation)
      for (const ModuleTensor& t : module.tensors) {
        const std::string name = module.name + "." + t.name;
        const auto found = tensors.find(name);
        if (found == tensors.end()) throw Error::of("the file has no tensor '", name, "'");
        const TensorView& tensor = found->second;
        if (tensor.dtype != Dtype::kF32 || tensor.shape != t.shape)
          throw Error::of("the file's tensor '", name,
                          "' has another type or shape than the network that it describes");
        std::vector<float> values(t.ours.size());
        std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
        std::ranges::copy(t.in_our_order(std::move(values)), parameters.begin() + (t.ours.data() - parameters.data()));
      }
  network.parameters_changed();
}

std::vector<std::vector<Module>> torch_modules(const ExportGraph& graph) { return ModuleBuilder(graph).build(); }

}  // namespace deepq
