// The graph that the exporters print: which nodes, in which order, with which tensors.
#include "deepq/nn/export_graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <utility>

#include "deepq/nn/network.h"

namespace deepq {
namespace {

std::vector<size_t> read_by(const graph::Node& node) {
  if (const auto* const duel = std::get_if<graph::Duel>(&node)) return {duel->value, duel->advantage};
  if (const auto* const add = std::get_if<graph::Add>(&node)) return {add->around, add->through};
  if (const auto* const multiply = std::get_if<graph::Multiply>(&node)) return {multiply->factor, multiply->rows};
  return std::visit(
      [](const auto& kind) -> std::vector<size_t> {
        if constexpr (requires { kind.from; }) return {kind.from};
        return {};
      },
      node);
}

// Kinds by their place in the variant; every value is written once, before it is read.
std::vector<size_t> kinds_of(const ExportGraph& exported) {
  std::vector<size_t> kinds;
  std::set<size_t> written{0};
  for (const graph::Node& node : exported.nodes) {
    for (const size_t value : read_by(node)) EXPECT_TRUE(written.contains(value)) << value << " is not there yet";
    EXPECT_TRUE(written.insert(std::visit([](const auto& kind) { return kind.to; }, node)).second);
    kinds.push_back(node.index());
  }
  EXPECT_TRUE(written.contains(exported.output));
  EXPECT_EQ(written.size(), exported.values.size());
  return kinds;
}

template <class Kind>
size_t place() {
  return graph::Node(Kind{}).index();
}

TEST(ExportGraph, IsWrittenInOrder) {
  const NetworkConfig config{.hidden_sizes = {6},
                             .dueling = true,
                             .layer_norm = true,
                             .conv_channels = {3},
                             .conv_kernels = {2},
                             .conv_strides = {1}};
  const NetworkShape shape{
      .inputs = {{.shape = {2, 5, 4}, .channels_first = true}}, .actions = 3, .width = 1, .max_fractions = 8};
  const Network network(config, shape, 4, Trainable::kNo);
  const ExportGraph exported = export_graph(network, {0.25f, 0.75f});
  const std::vector<size_t> wanted{
      place<graph::ToChannelsLast>(), place<graph::Convolution>(), place<graph::View>(),   place<graph::Constant>(),
      place<graph::Linear>(),         place<graph::Multiply>(),    place<graph::Linear>(), place<graph::LayerNorm>(),
      place<graph::Linear>(),         place<graph::Linear>(),      place<graph::Duel>()};
  EXPECT_EQ(kinds_of(exported), wanted);
  EXPECT_EQ(exported.values[std::get<graph::View>(exported.nodes[2]).to].channels, 3);
  const auto& cosines = std::get<graph::Constant>(exported.nodes[3]).numbers;
  ASSERT_EQ(cosines.size(), 2 * 64u);
  EXPECT_FLOAT_EQ(cosines[64 + 1], std::cos(3.14159265f * 0.75f));
}

TEST(ExportGraph, TensorsAreTheNetworksOwn) {
  Network network({.hidden_sizes = {5}, .noisy = true}, {.inputs = {{.shape = {4}}}, .actions = 2}, 1, Trainable::kNo);
  Random random(1);
  network.initialize(random);
  const ExportGraph exported = export_graph(network, {});
  const auto& layer = std::get<graph::Linear>(exported.nodes[0]);
  EXPECT_EQ(layer.weight.name, "0/weight");
  EXPECT_EQ(layer.weight.numbers.data(), std::as_const(network).parameters().data());
  EXPECT_EQ(layer.weight.numbers.size(), 20u);
  EXPECT_EQ(layer.weight_sigma.name, "0/weight_sigma");
  EXPECT_FLOAT_EQ(layer.bias_sigma.numbers[0], 0.5f / 2);
}

}  // namespace
}  // namespace deepq
