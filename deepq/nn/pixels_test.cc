// Convolutional networks on stacks of frames, the Nature network among them: against PyTorch (tools/golden/pixels.py)
// and against finite differences.
#include <gtest/gtest.h>

#include <cmath>

#include "deepq/nn/network.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

// The golden case's network and frames, drawn from its stream, after its forward and backward pass.
struct Passed {
  Passed(const test::Golden& golden, const std::string& name, Engine engine)
      : meta(golden.longs(name + ".meta")),
        network(config_of(golden, name, engine), shape(), meta[1], Trainable::kYes),
        input(meta[1], network.input_size()) {
    Random random(static_cast<uint64_t>(meta[0]));
    network.initialize(random);
    for (int64_t r = 0; r < meta[1]; ++r)
      for (int64_t i = 0; i < network.input_size(); ++i) input.rows()[r][i] = static_cast<float>(random.below(256));
    network.forward(input.rows(), meta[1]);
    const auto coefficients = golden.floats(name + ".coefficients");
    for (int64_t r = 0; r < meta[1]; ++r)
      std::copy_n(coefficients.data() + r * meta[5], meta[5], network.output_gradient()[r]);
    network.backward();
  }
  static NetworkConfig config_of(const test::Golden& golden, const std::string& name, Engine engine) {
    NetworkConfig config;
    config.engine = engine;
    config.input_divisor = 255;
    config.dueling = golden.longs(name + ".dueling")[0] != 0;
    config.hidden_sizes.assign(golden.longs(name + ".hidden").begin(), golden.longs(name + ".hidden").end());
    const auto convolutions = golden.longs(name + ".convolutions");
    for (size_t i = 0; i < convolutions.size(); i += 3) {
      config.conv_channels.push_back(convolutions[i]);
      config.conv_kernels.push_back(convolutions[i + 1]);
      config.conv_strides.push_back(convolutions[i + 2]);
    }
    return config;
  }
  NetworkShape shape() const {
    return {.inputs = {{.shape = {meta[2], meta[3], meta[4]}, .channels_first = true}}, .actions = meta[5]};
  }
  std::vector<float> output() const {
    std::vector<float> all;
    for (int64_t r = 0; r < meta[1]; ++r) all.insert(all.end(), network.output()[r], network.output()[r] + meta[5]);
    return all;
  }

  std::span<const int64_t> meta;  // seed, batch, stack, height, width, actions
  Network network;
  InputBuffer input;
};

class PixelsTest : public ::testing::TestWithParam<Engine> {
 protected:
  test::Golden golden_{"pixels.safetensors"};
};

TEST_P(PixelsTest, OutputsAndGradientsEqualPyTorch) {
  for (const std::string name : {"nature", "dueling"}) {
    Passed run(golden_, name, GetParam());
    EXPECT_TRUE(all_close(run.output(), golden_.floats(name + ".output"), 1e-5)) << name;
    Archive archive;
    const auto gradients = run.network.gradients();
    run.network.serialize(archive, {const_cast<float*>(gradients.data()), gradients.size()});
    ASSERT_EQ(archive.tensors().size(), 10u);
    for (const auto& [tensor_name, tensor] : archive.tensors()) {
      std::string key = name + "." + tensor_name + "_grad";
      key[key.find('/')] = '.';
      const std::span<const float> all(reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / 4);
      const auto expected = golden_.floats(key);
      double squares = 0;
      for (const float value : all) squares += double{value} * value;
      EXPECT_NEAR(std::sqrt(squares) / golden_.floats(key + "_norm")[0], 1, 1e-5) << key;
      std::vector<float> kept;
      const size_t step = std::max<size_t>(1, all.size() / 150);
      for (size_t i = 0; i < all.size(); i += step) kept.push_back(all[i]);
      float largest = 0.1f;
      for (const float value : expected) largest = std::max(largest, std::abs(value));
      EXPECT_TRUE(all_close(kept, expected, 1e-5, largest)) << key;
    }
  }
}

// Along a random direction in each tensor by itself: the loss changes as the gradient says.
TEST_P(PixelsTest, GradientsEqualFiniteDifferences) {
  const std::string name = "dueling";
  Passed run(golden_, name, GetParam());
  const auto coefficients = golden_.floats(name + ".coefficients");
  std::vector<float> start(run.network.parameters().begin(), run.network.parameters().end());
  std::vector<float> slopes(run.network.gradients().begin(), run.network.gradients().end());
  Archive parameters, gradients;
  run.network.serialize(parameters, start);
  run.network.serialize(gradients, slopes);
  Random random(7);
  for (const auto& [tensor_name, tensor] : parameters.tensors()) {
    const auto floats = [](const TensorView& view) {
      return std::span(reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / 4);
    };
    const auto from = floats(tensor), slope = floats(gradients.tensors().at(tensor_name));
    double expected = 0;
    std::vector<double> direction;
    for (const float along : slope) {
      direction.push_back(random.uniform(-1, 1) / std::sqrt(static_cast<double>(slope.size())));
      expected += direction.back() * along;
    }
    const auto loss_at = [&](double distance) {
      std::vector<float> moved;
      for (size_t i = 0; i < from.size(); ++i) moved.push_back(static_cast<float>(from[i] + distance * direction[i]));
      TensorMap tensors = parameters.tensors();
      tensors.at(tensor_name).bytes = std::as_bytes(std::span(moved));
      Archive loading(tensors);
      run.network.serialize(loading, run.network.parameters());
      run.network.parameters_changed();
      run.network.forward(run.input.rows(), run.meta[1]);
      const std::vector<float> output = run.output();
      double loss = 0;
      for (size_t i = 0; i < output.size(); ++i) loss += double{coefficients[i]} * output[i];
      return loss;
    };
    constexpr double kStep = 3e-4;  // few ReLUs bend on the way
    EXPECT_NEAR((loss_at(kStep) - loss_at(-kStep)) / (2 * kStep), expected, 1e-3 + 2e-2 * std::abs(expected))
        << tensor_name;
  }
}

// A stack of frames and the same pixels with the channels last are one image.
TEST_P(PixelsTest, ChannelsFirstAndChannelsLastAreTheSame) {
  NetworkConfig config;
  config.engine = GetParam();
  config.input_divisor = 255;
  config.hidden_sizes = {8};
  config.conv_channels = {5};
  config.conv_kernels = {3};
  config.conv_strides = {2};
  Network first(config, {.inputs = {{.shape = {4, 9, 7}, .channels_first = true}}, .actions = 3}, 2, Trainable::kNo);
  Network last(config, {.inputs = {{.shape = {9, 7, 4}}}, .actions = 3}, 2, Trainable::kNo);
  Random random(3);
  first.initialize(random);
  last.blend_from(first, 1);
  InputBuffer planes(2, 252), pixels(2, 252);
  for (int64_t r = 0; r < 2; ++r)
    for (int64_t p = 0; p < 63; ++p)
      for (int64_t c = 0; c < 4; ++c)
        planes.rows()[r][c * 63 + p] = pixels.rows()[r][p * 4 + c] = static_cast<float>(random.below(256));
  const Rows a = first.forward(planes.rows(), 2), b = last.forward(pixels.rows(), 2);
  for (int64_t r = 0; r < 2; ++r)
    for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(a[r][i], b[r][i]);
}

// Without convolutions too: numbers of 0 to 255 through a divisor are the same numbers of 0 to 1.
TEST_P(PixelsTest, TheDivisorDividesWhatEveryNetworkSees) {
  NetworkConfig config;
  config.engine = GetParam();
  config.hidden_sizes = {8};
  NetworkConfig divided = config;
  divided.input_divisor = 256;
  Network plain(config, {.inputs = {{.shape = {6}}}, .actions = 3}, 1, Trainable::kNo);
  Network dividing(divided, {.inputs = {{.shape = {6}}}, .actions = 3}, 1, Trainable::kNo);
  Random random(4);
  plain.initialize(random);
  dividing.blend_from(plain, 1);
  InputBuffer small(1, 6), large(1, 6);
  for (int64_t i = 0; i < 6; ++i) {
    large.rows()[0][i] = static_cast<float>(random.below(256));
    small.rows()[0][i] = large.rows()[0][i] / 256;
  }
  const Rows a = plain.forward(small.rows(), 1), b = dividing.forward(large.rows(), 1);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(a[0][i], b[0][i]);
}

INSTANTIATE_TEST_SUITE_P(Engines, PixelsTest, ::testing::Values(Engine::kAuto, Engine::kPlain),
                         [](const auto& engine) { return engine.param == Engine::kAuto ? "auto" : "plain"; });

}  // namespace
}  // namespace deepq
