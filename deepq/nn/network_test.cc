#include "deepq/nn/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "deepq/nn/layout.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

NetworkConfig config_of(std::vector<int64_t> hidden, Engine engine) {
  return {.hidden_sizes = std::move(hidden), .engine = engine};
}

class NetworkTest : public ::testing::TestWithParam<Engine> {};

// A network and a batch as stored by tools/golden/network.py.
struct GoldenCase {
  GoldenCase(const test::Golden& golden, const std::string& name, Engine engine)
      : meta(golden.longs(name + ".meta").begin(), golden.longs(name + ".meta").end()),
        network(config_of({meta.begin() + 3, meta.end()}, engine),
                {.inputs = {{.shape = {meta[1]}}}, .actions = meta[2]}, meta[0], Trainable::kYes),
        input(meta[0], meta[1]) {
    TensorMap tensors;
    for (const auto& [key, tensor] : golden.tensors())
      for (const char* kind : {"weight", "bias"})
        for (size_t i = 0; i + 2 < meta.size(); ++i)
          if (key == name + "." + std::to_string(i) + "." + kind) tensors[std::to_string(i) + "/" + kind] = tensor;
    Archive archive(tensors);
    network.serialize(archive, network.parameters());
    network.parameters_changed();
    for (int64_t r = 0; r < meta[0]; ++r)
      for (int64_t c = 0; c < meta[1]; ++c)
        input.rows()[r][c] = golden.floats(name + ".input")[static_cast<size_t>(r * meta[1] + c)];
  }
  std::vector<float> output() {
    const Rows rows = network.forward(input.rows(), meta[0]);
    std::vector<float> values;
    for (int64_t r = 0; r < meta[0]; ++r) values.insert(values.end(), rows[r], rows[r] + meta[2]);
    return values;
  }
  std::vector<int64_t> meta;  // batch, input, outputs, hidden...
  Network network;
  InputBuffer input;
};

std::set<std::string> case_names(const test::Golden& golden) {
  std::set<std::string> names;
  for (const auto& [key, tensor] : golden.tensors())
    if (key.ends_with(".meta")) names.insert(key.substr(0, key.size() - 5));
  return names;
}

TEST_P(NetworkTest, OutputsEqualPyTorch) {
  const test::Golden golden("network.safetensors");
  ASSERT_EQ(case_names(golden).size(), 8u);
  for (const std::string& name : case_names(golden)) {
    GoldenCase c(golden, name, GetParam());
    EXPECT_TRUE(all_close(c.output(), golden.floats(name + ".output"))) << name;
  }
}

TEST_P(NetworkTest, GradientsEqualPyTorch) {
  const test::Golden golden("network.safetensors");
  for (const std::string& name : case_names(golden)) {
    GoldenCase c(golden, name, GetParam());
    for (const std::string loss : {"mse", "huber"}) {
      c.output();
      const auto actions = golden.ints(name + ".actions");
      const auto targets = golden.floats(name + ".targets");
      for (int64_t r = 0; r < c.meta[0]; ++r) {
        const auto row = static_cast<size_t>(r);
        const float error = c.network.output()[r][actions[row]] - targets[row];
        std::fill_n(c.network.output_gradient()[r], c.meta[2], 0.0f);
        c.network.output_gradient()[r][actions[row]] =
            (loss == "mse" ? 2 * error : std::clamp(error, -1.0f, 1.0f)) / static_cast<float>(c.meta[0]);
      }
      c.network.backward();
      Archive archive;
      const auto gradients = c.network.gradients();
      c.network.serialize(archive, {const_cast<float*>(gradients.data()), gradients.size()});
      for (const auto& [key, tensor] : archive.tensors()) {
        const std::string golden_key =
            name + "." + loss + "." + key.substr(0, key.find('/')) + "." + key.substr(key.find('/') + 1) + "_grad";
        const std::span<const float> actual(reinterpret_cast<const float*>(tensor.bytes.data()),
                                            tensor.bytes.size() / 4);
        EXPECT_TRUE(all_close(actual, golden.floats(golden_key), 1e-5, 0.1)) << golden_key;
      }
    }
  }
}

// The loss L = sum of c . output has the gradient c at the output; its slope along each parameter is measured.
TEST_P(NetworkTest, GradientsEqualFiniteDifferences) {
  Network network(config_of({17, 5}, GetParam()), {.inputs = {{.shape = {3}}}, .actions = 4}, 6, Trainable::kYes);
  Random random(5);
  network.initialize(random);
  InputBuffer input(6, 3);
  for (int64_t r = 0; r < 6; ++r)
    for (int64_t c = 0; c < 3; ++c) input.rows()[r][c] = static_cast<float>(random.uniform(-2, 2));
  const auto loss = [&] {
    const Rows out = network.forward(input.rows(), 6);
    double sum = 0;
    for (int64_t r = 0; r < 6; ++r)
      for (int64_t c = 0; c < 4; ++c) sum += out[r][c] * static_cast<double>(1 + r - c);
    return sum;
  };
  loss();
  for (int64_t r = 0; r < 6; ++r)
    for (int64_t c = 0; c < 4; ++c) network.output_gradient()[r][c] = static_cast<float>(1 + r - c);
  network.backward();
  int checked = 0;
  for (size_t i = 0; i < network.parameters().size(); ++i) {
    const float before = network.parameters()[i];
    if (before == 0) continue;  // padding
    constexpr float kStep = 1e-3f;
    const auto loss_at = [&](float value) {
      network.parameters()[i] = value;
      network.parameters_changed();
      return loss();
    };
    const double slope = (loss_at(before + kStep) - loss_at(before - kStep)) / (2.0 * kStep);
    loss_at(before);
    EXPECT_NEAR(network.gradients()[i], slope, 2e-2 + 1e-2 * std::abs(slope)) << "parameter " << i;
    ++checked;
  }
  EXPECT_EQ(checked, network.parameter_count());
}

TEST_P(NetworkTest, InitialisationIsPyTorchs) {
  Network network(config_of({200}, GetParam()), {.inputs = {{.shape = {100}}}, .actions = 3}, 1, Trainable::kNo);
  Random random(1);
  network.initialize(random);
  float largest = 0;
  double sum = 0, squares = 0;
  for (size_t i = 0; i < 100 * 200; ++i) {
    const float weight = network.parameters()[i];
    largest = std::max(largest, std::abs(weight));
    sum += weight;
    squares += double{weight} * weight;
  }
  EXPECT_LE(largest, 0.1f);
  EXPECT_GT(largest, 0.0999f);
  EXPECT_NEAR(sum / 20000, 0, 0.002);
  EXPECT_NEAR(squares / 20000, 0.01 / 3, 0.0001);  // variance of the uniform on +-1/sqrt(100)
}

// Fortunato et al. 2018, section 3.2, of factorised noise: means within 1 / sqrt(inputs), deviations sigma0 /
// sqrt(inputs), those of the biases too; each layer by its own number of inputs.
TEST_P(NetworkTest, InitialisationOfNoisyLayersIsThePapers) {
  NetworkConfig config = config_of({64, 36}, GetParam());
  config.noisy = true;
  config.noisy_sigma = 0.3;
  Network network(config, {.inputs = {{.shape = {25}}}, .actions = 40}, 1, Trainable::kNo);
  Random random(1);
  network.initialize(random);
  const std::vector<double> inputs{25, 64, 36};
  int seen = 0;
  for (const ParameterTensor& tensor : network.layout().tensors) {
    const size_t slash = tensor.name.find('/');
    const double bound = 1 / std::sqrt(inputs.at(static_cast<size_t>(std::stoi(tensor.name.substr(0, slash)))));
    const auto values =
        network.parameters().subspan(static_cast<size_t>(tensor.begin), static_cast<size_t>(tensor.size()));
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    ++seen;
    if (tensor.name.ends_with("_sigma")) {
      EXPECT_FLOAT_EQ(*least, static_cast<float>(0.3 * bound)) << tensor.name;
      EXPECT_FLOAT_EQ(*most, static_cast<float>(0.3 * bound)) << tensor.name;
    } else {
      EXPECT_GE(*least, -bound) << tensor.name;
      EXPECT_LE(*most, bound) << tensor.name;
      EXPECT_LT(*least, -0.5 * bound) << tensor.name;
      EXPECT_GT(*most, 0.5 * bound) << tensor.name;
    }
  }
  EXPECT_EQ(seen, 3 * 4);
}

TEST_P(NetworkTest, BlendMovesTowardsTheOther) {
  const NetworkConfig config = config_of({20}, GetParam());
  const NetworkShape shape{.inputs = {{.shape = {2}}}, .actions = 2};
  Network from(config, shape, 1, Trainable::kNo), to(config, shape, 1, Trainable::kNo);
  Random random(3);
  from.initialize(random);
  to.initialize(random);
  const std::vector<float> before(to.parameters().begin(), to.parameters().end());
  to.blend_from(from, 0.25);
  for (size_t i = 0; i < before.size(); ++i)
    EXPECT_NEAR(to.parameters()[i], 0.75f * before[i] + 0.25f * from.parameters()[i], 1e-7);
  to.blend_from(from, 1.0);
  EXPECT_TRUE(std::equal(to.parameters().begin(), to.parameters().end(), from.parameters().begin()));
  InputBuffer input(1, 2);
  input.rows()[0][0] = 1;
  EXPECT_EQ(to.forward(input.rows(), 1)[0][0], from.forward(input.rows(), 1)[0][0]);
}

TEST_P(NetworkTest, BytesAreWhatTheBuffersTake) {
  const NetworkConfig config = config_of({64, 64}, GetParam());
  const int64_t parameters = (4 * 64 + 64) + (64 * 64 + 64) + (2 * 64 + 16);  // each tensor padded to 16 floats
  const NetworkShape shape{.inputs = {{.shape = {4}}}, .actions = 2};
  EXPECT_EQ(Network::arena_bytes(config, shape), 4 * parameters);
  const int64_t rows = 32 * (64 + 64 + 16), transposed = 4 * 64 + 64 * 64 + 64 * 16;
  EXPECT_EQ(Network::bytes(config, shape, 32, Trainable::kNo), 4 * (parameters + rows + transposed));
  EXPECT_EQ(Network::bytes(config, shape, 32, Trainable::kYes), 4 * (2 * parameters + 2 * rows + transposed));
}

TEST(NetworkLayoutTest, CostIsTheMultiplicationsOfAForwardPass) {
  NetworkConfig nature = config_of({512}, Engine::kAuto);
  nature.input_divisor = 255;
  nature.conv_channels = {32, 64, 64};
  nature.conv_kernels = {8, 4, 3};
  nature.conv_strides = {4, 2, 1};
  const NetworkShape shape{.inputs = {{.shape = {4, 84, 84}, .channels_first = true}}, .actions = 6};
  const int64_t convolutions = 20 * 20 * (8 * 8 * 4) * 32 + 9 * 9 * (4 * 4 * 32) * 64 + 7 * 7 * (3 * 3 * 64) * 64;
  EXPECT_EQ(make_layout(nature, shape, 32).cost(), 84 * 84 * 4 + convolutions + 7 * 7 * 64 * 512 + 512 * 6);
}

INSTANTIATE_TEST_SUITE_P(Engines, NetworkTest, ::testing::Values(Engine::kAuto, Engine::kPlain),
                         [](const auto& engine) { return engine.param == Engine::kAuto ? "auto" : "plain"; });

}  // namespace
}  // namespace deepq
