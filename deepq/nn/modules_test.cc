#include "deepq/nn/modules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>

#include "deepq/nn/layout.h"
#include "deepq/nn/network.h"

namespace deepq {
namespace {

struct Expected {
  std::string name;
  std::vector<int64_t> shape;
  bool operator==(const Expected&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Expected& e) {
  out << e.name << " [";
  for (const int64_t size : e.shape) out << " " << size;
  return out << " ]";
}

// Names and shapes of all tensors.
std::vector<Expected> tensors_of(const NetworkConfig& config, const NetworkShape& shape) {
  const Network network(config, shape, 1, Trainable::kNo);
  std::vector<Expected> result;
  for (const std::vector<Module>& operation : torch_modules(export_graph(network, {})))
    for (const Module& module : operation)
      for (const ModuleTensor& t : module.tensors) {
        int64_t size = 1;
        for (const int64_t dimension : t.shape) size *= dimension;
        EXPECT_EQ(size, static_cast<int64_t>(t.values().size())) << module.name << "." << t.name;
        result.push_back({module.name + "." + t.name, t.shape});
      }
  return result;
}

TEST(Modules, FullyConnected) {
  const std::vector<Expected> wanted{{"body.0.weight", {5, 4}}, {"body.0.bias", {5}},      {"body.2.weight", {3, 5}},
                                     {"body.2.bias", {3}},      {"head.0.weight", {2, 3}}, {"head.0.bias", {2}}};
  EXPECT_EQ(tensors_of({.hidden_sizes = {5, 3}}, {.inputs = {{.shape = {4}}}, .actions = 2}), wanted);
}

TEST(Modules, DuelingStreamsAreNormalisedEachByItself) {
  const std::vector<Expected> wanted{
      {"body.0.weight", {5, 4}},  {"body.0.bias", {5}},  {"body.1.weight", {5}},         {"body.1.bias", {5}},
      {"value.0.weight", {3, 5}}, {"value.0.bias", {3}}, {"advantage.0.weight", {3, 5}}, {"advantage.0.bias", {3}},
      {"value.1.weight", {3}},    {"value.1.bias", {3}}, {"advantage.1.weight", {3}},    {"advantage.1.bias", {3}},
      {"value.3.weight", {1, 3}}, {"value.3.bias", {1}}, {"advantage.3.weight", {2, 3}}, {"advantage.3.bias", {2}}};
  EXPECT_EQ(tensors_of({.hidden_sizes = {5, 3}, .dueling = true, .layer_norm = true},
                       {.inputs = {{.shape = {4}}}, .actions = 2}),
            wanted);
}

// As nn.Sequential counts them: convolution, pooling, two blocks of ReLU, convolution, ReLU, convolution; at the end of
// all stages a ReLU and Flatten.
TEST(Modules, ResidualStages) {
  std::vector<Expected> wanted;
  const auto convolution = [&](const std::string& name, int64_t in, int64_t out) {
    wanted.push_back({name + ".weight", {out, in, 3, 3}});
    wanted.push_back({name + ".bias", {out}});
  };
  for (const auto& [stage, in, out] : {std::tuple{0, 2, 3}, std::tuple{4, 3, 5}}) {
    convolution("body." + std::to_string(stage), in, out);
    for (const int block : {stage + 2, stage + 3})
      for (const char* const place : {".1", ".3"}) convolution("body." + std::to_string(block) + place, out, out);
  }
  wanted.insert(
      wanted.end(),
      {{"body.10.weight", {7, 2 * 3 * 5}}, {"body.10.bias", {7}}, {"head.0.weight", {4, 7}}, {"head.0.bias", {4}}});
  const NetworkConfig config{.hidden_sizes = {7}, .encoder = Encoder::kResidual, .conv_channels = {3, 5}};
  EXPECT_EQ(tensors_of(config, {.inputs = {{.shape = {8, 9, 2}}}, .actions = 4}), wanted);
}

TEST(Modules, NoisyImplicit) {
  const std::vector<Expected> wanted{{"tau.0.weight", {4, 64}},       {"tau.0.bias", {4}},
                                     {"head.0.weight_mu", {3, 4}},    {"head.0.bias_mu", {3}},
                                     {"head.0.weight_sigma", {3, 4}}, {"head.0.bias_sigma", {3}},
                                     {"head.2.weight_mu", {2, 3}},    {"head.2.bias_mu", {2}},
                                     {"head.2.weight_sigma", {2, 3}}, {"head.2.bias_sigma", {2}}};
  EXPECT_EQ(
      tensors_of({.hidden_sizes = {3}, .noisy = true}, {.inputs = {{.shape = {4}}}, .actions = 2, .max_fractions = 8}),
      wanted);
}

// With every parameter its own place in its tensor: PyTorch's order is ours with the channels moved to the front.
TEST(Modules, ImagesHaveTheirChannelsFirst) {
  const NetworkConfig config{
      .hidden_sizes = {2}, .conv_channels = {3, 2}, .conv_kernels = {2, 2}, .conv_strides = {1, 1}};
  Network network(config, {.inputs = {{.shape = {4, 4, 2}}}, .actions = 1}, 1, Trainable::kNo);
  for (const ParameterTensor& t : network.layout().tensors) {
    const auto values = network.parameters().subspan(static_cast<size_t>(t.begin), static_cast<size_t>(t.size()));
    std::iota(values.begin(), values.end(), 0.0f);
  }
  const std::vector<std::vector<Module>> modules = torch_modules(export_graph(network, {}));
  ASSERT_EQ(modules.size(), 6u) << "each convolution is followed by a view";
  const Module &second = modules[2][0], &linear = modules[4][0];
  EXPECT_EQ(second.name, "body.2");
  EXPECT_EQ(second.tensors[0].shape, (std::vector<int64_t>{2, 3, 2, 2}));
  EXPECT_EQ(linear.name, "body.5") << "after two convolutions, their ReLUs, and Flatten";
  const std::vector<float> kernels = second.tensors[0].values(), columns = linear.tensors[0].values();
  for (size_t o = 0; o < 2; ++o)
    for (size_t c = 0; c < 3; ++c)
      for (size_t p = 0; p < 4; ++p)
        EXPECT_EQ(kernels[(o * 3 + c) * 4 + p], static_cast<float>((o * 4 + p) * 3 + c)) << o << " " << c << " " << p;
  for (size_t o = 0; o < 2; ++o)  // 2 channels of 2x2 pixels
    for (size_t c = 0; c < 2; ++c)
      for (size_t p = 0; p < 4; ++p) EXPECT_EQ(columns[(o * 2 + c) * 4 + p], static_cast<float>((o * 4 + p) * 2 + c));
  for (const std::vector<Module>& operation : modules)
    for (const Module& module : operation)
      for (const ModuleTensor& t : module.tensors)
        EXPECT_TRUE(std::ranges::equal(t.in_our_order(t.values()), t.ours)) << module.name << "." << t.name;
}

// A weight whose columns and rows both change order: that of the fractions' embedding, which is multiplied with an
// image's features, and the layer behind.
TEST(Modules, BothOrdersLeadBack) {
  const NetworkConfig config{.hidden_sizes = {2}, .conv_channels = {3}, .conv_kernels = {2}, .conv_strides = {1}};
  Network network(config, {.inputs = {{.shape = {3, 3, 2}}}, .actions = 1, .max_fractions = 4}, 1, Trainable::kNo);
  std::iota(network.parameters().begin(), network.parameters().end(), 0.0f);
  int changed = 0;
  for (const std::vector<Module>& operation : torch_modules(export_graph(network, {0.5f})))
    for (const Module& module : operation)
      for (const ModuleTensor& t : module.tensors) {
        const std::vector<float> values = t.values();
        changed += !std::ranges::equal(values, t.ours);
        EXPECT_TRUE(std::ranges::equal(t.in_our_order(values), t.ours)) << module.name << "." << t.name;
      }
  EXPECT_EQ(changed, 4) << "the convolution's weight, tau's weight and bias, head's weight";
}

}  // namespace
}  // namespace deepq
