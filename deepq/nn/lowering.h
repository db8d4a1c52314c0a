// An ExportGraph that is being made: what the operations' `lower` write to. Its values are the layout's activations.
#pragma once

#include <span>
#include <vector>

#include "deepq/nn/export_graph.h"
#include "deepq/nn/layout.h"

namespace deepq {

class Lowering {
 public:
  Lowering(const Network& network, std::vector<float> fractions);

  const NetworkLayout& layout;
  ExportGraph result;

  void add(graph::Node node) { result.nodes.push_back(std::move(node)); }
  graph::Tensor tensor(size_t index) const;

 private:
  std::span<const float> parameters_;
};

}  // namespace deepq
