// Heads, normalisation, noise, quantile fractions, convolutions and residual stages against PyTorch
// (tools/golden/heads.py).
#include <gtest/gtest.h>

#include <set>

#include "deepq/core/error.h"
#include "deepq/nn/layout.h"
#include "deepq/nn/network.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

struct Case {
  Case(const test::Golden& golden_file, std::string case_name, Engine engine)
      : golden(golden_file), name(std::move(case_name)), meta(golden.longs(name + ".meta")) {
    config.engine = engine;
    config.hidden_sizes.assign(golden.longs(name + ".hidden").begin(), golden.longs(name + ".hidden").end());
    config.dueling = meta[5] != 0;
    config.layer_norm = meta[6] != 0;
    config.noisy = meta[7] != 0;
    if (golden.contains(name + ".residual")) config.encoder = Encoder::kResidual;
    if (golden.contains(name + ".convolutions")) {
      const auto convolutions = golden.longs(name + ".convolutions");
      for (size_t i = 0; i < convolutions.size(); i += 3) {
        config.conv_channels.push_back(convolutions[i]);
        config.conv_kernels.push_back(convolutions[i + 1]);
        config.conv_strides.push_back(convolutions[i + 2]);
      }
    }
    const std::vector<int64_t>& input_shape = golden.shape(name + ".input");
    shape = {.inputs = {{.shape = {input_shape.begin() + 1, input_shape.end()}}},
             .actions = meta[1],
             .width = meta[2],
             .max_fractions = meta[3]};
  }

  std::string key_of(const std::string& tensor) const {
    std::string key = name + "." + tensor;
    key[key.find('/')] = '.';
    return key;
  }

  const test::Golden& golden;
  std::string name;
  std::span<const int64_t> meta;  // batch, actions, width, fractions a row, noise seed, dueling, norm, noisy, implicit
  NetworkConfig config;
  NetworkShape shape;
};

// Loads the case's parameters and input, and makes its one forward pass.
struct Passed {
  explicit Passed(const Case& c) : network(c.config, c.shape, c.meta[0], Trainable::kYes), input(c.meta[0], size(c)) {
    Archive names;
    network.serialize(names, network.parameters());
    TensorMap tensors;
    for (const auto& [name, tensor] : names.tensors()) tensors[name] = c.golden.tensors().at(c.key_of(name));
    Archive archive(tensors);
    network.serialize(archive, network.parameters());
    network.parameters_changed();
    const auto values = c.golden.floats(c.name + ".input");
    for (int64_t r = 0; r < c.meta[0]; ++r) std::copy_n(values.data() + r * size(c), size(c), input.rows()[r]);
    Random noise(static_cast<uint64_t>(c.meta[4]));
    network.sample_noise(noise);
    if (c.meta[3] > 0) fractions = c.golden.floats(c.name + ".taus");
    network.forward(input.rows(), c.meta[0], fractions);
  }
  static int64_t size(const Case& c) { return c.shape.inputs[0].size(); }
  static int64_t output_rows(const Case& c) { return c.meta[0] * std::max<int64_t>(1, c.meta[3]); }

  Network network;
  InputBuffer input;
  std::span<const float> fractions;
};

std::set<std::string> case_names(const test::Golden& golden) {
  std::set<std::string> names;
  for (const auto& [key, tensor] : golden.tensors())
    if (key.ends_with(".meta")) names.insert(key.substr(0, key.size() - 5));
  return names;
}

class HeadsTest : public ::testing::TestWithParam<Engine> {
 protected:
  test::Golden golden_{"heads.safetensors"};
};

TEST_P(HeadsTest, OutputsEqualPyTorch) {
  ASSERT_EQ(case_names(golden_).size(), 28u);
  for (const std::string& name : case_names(golden_)) {
    const Case c(golden_, name, GetParam());
    Passed run(c);
    const Rows rows = run.network.output();
    std::vector<float> output;
    for (int64_t r = 0; r < Passed::output_rows(c); ++r)
      output.insert(output.end(), rows[r], rows[r] + run.network.output_size());
    EXPECT_TRUE(all_close(output, golden_.floats(name + ".output"))) << name;
  }
}

TEST_P(HeadsTest, GradientsEqualPyTorch) {
  for (const std::string& name : case_names(golden_)) {
    const Case c(golden_, name, GetParam());
    Passed run(c);
    const auto coefficients = golden_.floats(name + ".coefficients");
    const int64_t width = run.network.output_size();
    for (int64_t r = 0; r < Passed::output_rows(c); ++r)
      std::copy_n(coefficients.data() + r * width, width, run.network.output_gradient()[r]);
    run.network.backward();
    Archive archive;
    const auto gradients = run.network.gradients();
    run.network.serialize(archive, {const_cast<float*>(gradients.data()), gradients.size()});
    for (const auto& [tensor_name, tensor] : archive.tensors()) {
      const std::span<const float> actual(reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / 4);
      const std::string key = c.key_of(tensor_name) + "_grad";
      const auto expected = golden_.floats(key);
      float largest = 0.1f;  // rounding is relative to the sums' terms, not to what is left where they cancel
      for (const float value : expected) largest = std::max(largest, std::abs(value));
      EXPECT_TRUE(all_close(actual, expected, 1e-5, largest)) << key;
    }
  }
}

TEST_P(HeadsTest, EveryParameterIsSaved) {
  for (const std::string& name : case_names(golden_)) {
    const Case c(golden_, name, GetParam());
    Network network(c.config, c.shape, 1, Trainable::kNo);
    Archive archive;
    network.serialize(archive, network.parameters());
    size_t expected = 0;
    for (const auto& [key, tensor] : golden_.tensors())
      expected += key.starts_with(name + ".") && key.ends_with("_grad");
    EXPECT_EQ(archive.tensors().size(), expected) << name;
  }
}

TEST(NoiseStream, IsBoxMullersBetweenUniformDraws) {
  const test::Golden golden("heads.safetensors");
  Random random(static_cast<uint64_t>(golden.longs("stream.seed")[0]));
  for (size_t round = 0; round < 4; ++round) {
    for (size_t i = 0; i < 3; ++i)
      EXPECT_FLOAT_EQ(noise_factor(random.normal()), golden.floats("stream.factors")[round * 3 + i]);
    for (size_t i = 0; i < 2; ++i)
      EXPECT_EQ(static_cast<float>(random.uniform()), golden.floats("stream.taus")[round * 2 + i]);
  }
}

TEST_P(HeadsTest, MutedNoiseLeavesTheMeans) {
  NetworkConfig noisy;
  noisy.engine = GetParam();
  noisy.noisy = true;
  noisy.hidden_sizes = {20};
  Network network(noisy, {.inputs = {{.shape = {3}}}, .actions = 2}, 1, Trainable::kNo);
  Random random(1);
  network.initialize(random);
  InputBuffer input(1, 3);
  input.rows()[0][1] = 1;
  const float before = network.forward(input.rows(), 1)[0][0];
  network.sample_noise(random);
  const float with_noise = network.forward(input.rows(), 1)[0][0];
  network.sample_noise(random);
  EXPECT_NE(with_noise, before);
  EXPECT_NE(with_noise, network.forward(input.rows(), 1)[0][0]) << "the noise is not fresh";
  network.mute_noise();
  EXPECT_EQ(network.forward(input.rows(), 1)[0][0], before);
}

TEST(NetworkShapes, WhatDoesNotFitIsRefusedWithTheKey) {
  const auto refusal = [](const NetworkConfig& config, const NetworkShape& shape) -> std::string {
    try {
      make_layout(config, shape, 1);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  NetworkConfig flat, uneven, large, linear;
  flat.conv_channels = large.conv_channels = uneven.conv_channels = {8};
  flat.conv_kernels = {3};
  flat.conv_strides = large.conv_strides = {1};
  large.conv_kernels = {11};
  linear.hidden_sizes = {};
  EXPECT_TRUE(refusal(flat, {.inputs = {{.shape = {4}}}, .actions = 2})
                  .starts_with("network.conv_channels has 1 values; allowed"));
  EXPECT_TRUE(
      refusal(uneven, {.inputs = {{.shape = {10, 10, 4}}}, .actions = 2}).starts_with("network.conv_kernels and"));
  EXPECT_EQ(refusal(large, {.inputs = {{.shape = {10, 12, 4}}}, .actions = 2}),
            "network.conv_kernels holds 11 for an input of 10 x 12; allowed: up to 10");
  NetworkConfig residual = uneven;
  residual.encoder = Encoder::kResidual;
  residual.conv_channels = {4, 4, 4, 4};
  EXPECT_EQ(refusal(residual, {.inputs = {{.shape = {10, 9, 4}}}, .actions = 2}),
            "network.conv_channels has 4 values, and stage 4 would get images of 2 x 2; allowed with network.encoder "
            "residual here: up to 3 values, for each stage halves the sides and needs 3 x 3");
  residual.conv_channels = {4, 4, 4};
  EXPECT_EQ(refusal(residual, {.inputs = {{.shape = {10, 9, 4}}}, .actions = 2}), "no error")
      << "kernels and strides are not asked";
  EXPECT_TRUE(refusal(linear, {.inputs = {{.shape = {4}}}, .actions = 2, .width = 1, .max_fractions = 8})
                  .starts_with("network.hidden_sizes is empty; allowed with value.representation implicit"));
}

INSTANTIATE_TEST_SUITE_P(Engines, HeadsTest, ::testing::Values(Engine::kAuto, Engine::kPlain),
                         [](const auto& engine) { return engine.param == Engine::kAuto ? "auto" : "plain"; });

}  // namespace
}  // namespace deepq
