// A network as PyTorch would hold it: for each layer the module that it is there, by name, and its tensors in PyTorch's
// layouts. docs/export.md shows the class that takes them. Ours keep images with the channels last, PyTorch first.
// What is exported under these names is read by them, too (deepq/act).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "deepq/core/safetensors.h"
#include "deepq/nn/export_graph.h"

namespace deepq {

// In each row of `row` numbers, from `first` on, [pixels, channels, inner] becomes [channels, pixels, inner]: `inner`
// numbers stay together, the inputs of a weight's row, or one.
struct ChannelsFirst {
  int64_t pixels, channels, inner;
  int64_t first = 0, row = pixels * channels * inner;
};

struct ModuleTensor {
  std::string name;  // "weight"
  std::vector<int64_t> shape;
  std::span<const float> ours;         // the network's own numbers
  std::vector<ChannelsFirst> changes;  // one after the other, from our order to PyTorch's

  std::vector<float> values() const;                                 // in PyTorch's order
  std::vector<float> in_our_order(std::vector<float> values) const;  // the reverse
};

// A Linear, a Conv2d or a LayerNorm: weight, bias; a noisy Linear has weight_mu, bias_mu, weight_sigma, bias_sigma.
struct Module {
  std::string name;  // "body.0"
  std::vector<ModuleTensor> tensors;
};

// Puts tensors of PyTorch's, by the names of modules ("body.0.weight"), into a network that is asked at these
// fractions. Throws deepq::Error for one that is missing or has another type or shape.
void take_modules(Network& network, const std::vector<float>& fractions, const TensorMap& tensors);

// The modules of each of the graph's nodes: none, one, or two where it is the last hidden layer of a dueling network's
// two streams.
std::vector<std::vector<Module>> torch_modules(const ExportGraph& graph);

}  // namespace deepq
