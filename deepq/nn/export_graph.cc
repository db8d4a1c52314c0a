#include "deepq/nn/export_graph.h"

#include <utility>

#include "deepq/nn/lowering.h"
#include "deepq/nn/network.h"

namespace deepq {

Lowering::Lowering(const Network& network, std::vector<float> fractions)
    : layout(network.layout()), parameters_(network.parameters()) {
  result.fractions = std::move(fractions);
  result.output = layout.output;
  // No channels: an operation says so of what it makes images of.
  for (const Activation& a : layout.activations) result.values.push_back({a.positions * a.columns, a.per_fraction, 0});
}

graph::Tensor Lowering::tensor(size_t index) const {
  const ParameterTensor& t = layout.tensors[index];
  return {t.name, parameters_.subspan(static_cast<size_t>(t.begin), static_cast<size_t>(t.size()))};
}

ExportGraph export_graph(const Network& network, std::vector<float> fractions) {
  Lowering lowering(network, std::move(fractions));
  for (const Operation& operation : lowering.layout.operations)
    std::visit([&](const auto& kind) { kind.lower(lowering); }, operation);
  return std::move(lowering.result);
}

}  // namespace deepq
