// A network that sees pictures beside other numbers, against PyTorch (tools/golden/joined.py).
#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/nn/layout.h"
#include "deepq/nn/network.h"
#include "tests/closeness.h"
#include "tests/golden.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::all_close;

constexpr int64_t kRows = 6;

NetworkShape shape_of_parts() {
  return {.inputs = {{.shape = {6, 5, 3}},
                     {.shape = {5}, .divided = false},
                     {.shape = {2, 7, 6}, .channels_first = true},
                     {.shape = {3}}},
          .actions = 3};
}

NetworkConfig config_of(Engine engine) {
  return {.hidden_sizes = {16},
          .engine = engine,
          .input_divisor = 255,
          .conv_channels = {4},
          .conv_kernels = {3},
          .conv_strides = {2}};
}

class JoinedTest : public ::testing::TestWithParam<Engine> {
 protected:
  JoinedTest() {
    Archive names;
    network_.serialize(names, network_.parameters());
    TensorMap tensors;
    for (const auto& [name, tensor] : names.tensors()) tensors[name] = golden_.tensors().at(key_of(name));
    Archive archive(tensors);
    network_.serialize(archive, network_.parameters());
    network_.parameters_changed();
    const auto values = golden_.floats("input");
    for (int64_t r = 0; r < kRows; ++r)
      std::copy_n(values.data() + r * network_.input_size(), network_.input_size(), input_.rows()[r]);
  }

  // "0/weight" is "0.weight" there.
  static std::string key_of(std::string name) {
    name[name.find('/')] = '.';
    return name;
  }

  test::Golden golden_{"joined.safetensors"};
  Network network_{config_of(GetParam()), shape_of_parts(), kRows, Trainable::kYes};
  InputBuffer input_{kRows, network_.input_size()};
};

TEST_P(JoinedTest, OutputsAndGradientsEqualPyTorch) {
  const Rows rows = network_.forward(input_.rows(), kRows);
  std::vector<float> output;
  for (int64_t r = 0; r < kRows; ++r) output.insert(output.end(), rows[r], rows[r] + 3);
  EXPECT_TRUE(all_close(output, golden_.floats("output")));
  const auto coefficients = golden_.floats("coefficients");
  for (int64_t r = 0; r < kRows; ++r) std::copy_n(coefficients.data() + r * 3, 3, network_.output_gradient()[r]);
  network_.backward();
  Archive archive;
  const auto gradients = network_.gradients();
  network_.serialize(archive, {const_cast<float*>(gradients.data()), gradients.size()});
  EXPECT_EQ(archive.tensors().size(), 8u);
  for (const auto& [name, tensor] : archive.tensors()) {
    const std::span<const float> actual(reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / 4);
    const auto expected = golden_.floats(key_of(name) + "_grad");
    float largest = 0.1f;
    for (const float value : expected) largest = std::max(largest, std::abs(value));
    EXPECT_TRUE(all_close(actual, expected, 1e-5, largest)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, JoinedTest, testing::Values(Engine::kAuto, Engine::kPlain));

// Without convolutions, and undivided, the first layer reads the input as it is.
TEST(Joined, NumbersAloneAreNotCopied) {
  NetworkConfig config = config_of(Engine::kAuto);
  config.conv_channels = config.conv_kernels = config.conv_strides = {};
  config.input_divisor = 1;
  EXPECT_EQ(make_layout(config, shape_of_parts(), 1).operations.size(), 2u);
  config.input_divisor = 255;
  EXPECT_EQ(make_layout(config, shape_of_parts(), 1).operations.size(), 3u) << "and a join that scales";
}

TEST(Joined, ConvolutionsNeedAPicture) {
  const NetworkShape shape{.inputs = {{.shape = {5}}, {.shape = {3}}}, .actions = 2};
  EXPECT_TRUE(
      test::error_of([&] {
        make_layout(config_of(Engine::kAuto), shape, 1);
      }).starts_with("network.conv_channels has 1 values; allowed: none, for the observations are no pictures"));
}

// Which would be said and do nothing.
TEST(Joined, ADivisorNeedsBytes) {
  NetworkConfig config{.hidden_sizes = {4}, .input_divisor = 255};
  const NetworkShape numbers{.inputs = {{.shape = {5}, .divided = false}, {.shape = {3}, .divided = false}},
                             .actions = 2};
  EXPECT_EQ(test::error_of([&] { make_layout(config, numbers, 1); }),
            "network.input_divisor is 255, and no part of the observations is of bytes, which alone are divided beside "
            "others; allowed: 1");
  config.input_divisor = 1;
  EXPECT_EQ(test::error_of([&] { make_layout(config, numbers, 1); }), "no error");
}

}  // namespace
}  // namespace deepq
