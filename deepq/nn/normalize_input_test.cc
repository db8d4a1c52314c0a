// What a network makes of the statistics of its input: outputs, gradients and copies.
#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/nn/layout.h"
#include "deepq/nn/learning_engine.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

constexpr int64_t kRows = 5;

// Numbers, a picture of bytes, numbers beside numbers, one-hot columns, a picture of real numbers.
NetworkShape shape_of_parts() {
  return {.inputs = {{.shape = {2}, .divided = false, .measured = true},
                     {.shape = {5, 4, 2}},
                     {.shape = {1}, .divided = false, .measured = true},
                     {.shape = {3}, .divided = false, .measured = true},
                     {.shape = {4}, .divided = false},
                     {.shape = {4, 4, 1}, .divided = false, .measured = true}},
          .actions = 3};
}

std::vector<NetworkConfig> configs() {
  NetworkConfig convolved{.hidden_sizes = {7},
                          .input_divisor = 255,
                          .normalize_observations = true,
                          .observation_clip = 2,
                          .conv_channels = {3},
                          .conv_kernels = {2},
                          .conv_strides = {1}};
  NetworkConfig flat = convolved, noisy = convolved;
  flat.conv_channels = flat.conv_kernels = flat.conv_strides = {};
  noisy.noisy = true;
  return {convolved, flat, noisy};
}

NetworkConfig without(NetworkConfig config) {
  config.normalize_observations = false;
  return config;
}

// Columns of the input that are normalised.
std::vector<int64_t> columns_of(const NetworkConfig& config) {
  std::vector<int64_t> columns{0, 1, 42, 43, 44, 45};
  for (int64_t c = 50; c < 66 && config.conv_channels.empty(); ++c) columns.push_back(c);
  return columns;
}

void fill(Rows rows, int64_t columns, Random& random) {
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t c = 0; c < columns; ++c) rows[r][c] = static_cast<float>(random.uniform(-30, 50));
}

void expect_equal_to_normalised_numbers(const NetworkConfig& config, const NetworkShape& shape,
                                        const std::vector<int64_t>& columns) {
  Random same(3), again(3), random(4);
  Network network(config, shape, kRows, Trainable::kYes);
  Network plain(without(config), shape, kRows, Trainable::kYes);
  network.initialize(same), plain.initialize(again);
  network.sample_noise(same), plain.sample_noise(again);
  EXPECT_EQ(network.parameter_count(), plain.parameter_count());
  std::vector<float> mean, scale;
  for (size_t i = 0; i < columns.size(); ++i) {
    mean.push_back(static_cast<float>(random.uniform(-10, 10)));
    scale.push_back(static_cast<float>(random.uniform(0.01, 0.2)));
  }
  InputBuffer input(kRows, network.input_size()), normal(kRows, network.input_size());
  fill(input.rows(), network.input_size(), random);
  for (int64_t r = 0; r < kRows; ++r) {
    std::copy_n(input.rows()[r], network.input_size(), normal.rows()[r]);
    for (size_t i = 0; i < columns.size(); ++i) {
      float& x = normal.rows()[r][columns[i]];
      x = std::clamp((x - mean[i]) * scale[i], -2.0f, 2.0f);
    }
  }
  network.forward(input.rows(), kRows);  // and then other statistics, between two passes
  network.set_input_statistics(mean, scale);
  const Rows q = network.forward(input.rows(), kRows), wanted = plain.forward(normal.rows(), kRows);
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t a = 0; a < 3; ++a) EXPECT_EQ(q[r][a], wanted[r][a]) << r << " " << a;
  for (Network* const one : {&network, &plain}) {
    for (int64_t r = 0; r < kRows; ++r)
      for (int64_t a = 0; a < 3; ++a) one->output_gradient()[r][a] = static_cast<float>(r - 2 * a);
    one->backward();
  }
  EXPECT_TRUE(
      std::ranges::equal(network.trained_gradients(), plain.gradients().first(network.trained_gradients().size())));
}

TEST(NormalizeInput, EqualsANetworkOfNormalisedNumbers) {
  for (const NetworkConfig& config : configs())
    expect_equal_to_normalised_numbers(config, shape_of_parts(), columns_of(config));
  // Numbers alone, a part of a register and more than one.
  std::vector<int64_t> all;
  for (int64_t size = 1; size <= 19; ++size) {
    all.push_back(size - 1);
    for (const bool noisy : {false, true})
      expect_equal_to_normalised_numbers(
          {.hidden_sizes = {7}, .noisy = noisy, .normalize_observations = true, .observation_clip = 2},
          {.inputs = {{.shape = {size}, .measured = true}}, .actions = 3}, all);
  }
}

// Neither the optimiser's step nor a soft synchronisation touches them; both networks have the same.
TEST(NormalizeInput, StatisticsAreSetAndNothingElseChangesThem) {
  for (const NetworkConfig& config : configs()) {
    const auto engine = make_engine(
        {.network = config, .shape = shape_of_parts(), .optimizer = {}, .online_rows = kRows, .target_rows = kRows});
    Random random(3);
    engine->initialize(random);
    const auto statistics = [&](ParameterCopy copy) {
      const Network& network = engine->network(copy);
      std::vector<float> numbers;
      for (const size_t index : {*network.layout().input_mean, *network.layout().input_scale}) {
        const ParameterTensor& tensor = network.layout().tensors[index];
        const auto part =
            network.parameters().subspan(static_cast<size_t>(tensor.begin), static_cast<size_t>(tensor.size()));
        numbers.insert(numbers.end(), part.begin(), part.end());
      }
      return numbers;
    };
    const size_t count = columns_of(config).size();
    std::vector<float> both(count, 0.0f);
    both.resize(2 * count, 1.0f);
    EXPECT_EQ(statistics(ParameterCopy::kOnline), both) << "as they come, at first";
    for (float& number : both) number = static_cast<float>(random.uniform(0.1, 3));
    engine->set_input_statistics(std::span(both).first(count), std::span(both).last(count));
    InputBuffer input(kRows, engine->network(ParameterCopy::kOnline).input_size());
    fill(input.rows(), engine->network(ParameterCopy::kOnline).input_size(), random);
    for (int step = 0; step < 3; ++step) {
      engine->forward(ParameterCopy::kOnline, input.rows(), kRows);
      for (int64_t r = 0; r < kRows; ++r) std::fill_n(engine->output_gradient()[r], 3, 1.0f);
      engine->backward();
      engine->step(0.1);
      engine->sync_target(0.3);
    }
    EXPECT_EQ(statistics(ParameterCopy::kOnline), both);
    EXPECT_EQ(statistics(ParameterCopy::kTarget), both);
  }
}

TEST(NormalizeInput, IsNothingWhereItIsOff) {
  const NetworkLayout layout = make_layout(without(configs()[0]), shape_of_parts(), 1);
  EXPECT_FALSE(layout.input_mean || layout.input_scale);
  EXPECT_EQ(layout.trained, layout.parameters);
  NetworkConfig numbers{.hidden_sizes = {4}};
  EXPECT_EQ(make_layout(numbers, {.inputs = {{.shape = {3}, .measured = true}}, .actions = 2}, 1).operations.size(),
            2u);
}

TEST(NormalizeInput, IsRefusedWhereItWouldDoNothing) {
  const NetworkConfig config{.hidden_sizes = {4}, .normalize_observations = true};
  const auto refusal = [](const NetworkConfig& given, const InputPart& part) {
    return test::error_of([&] { make_layout(given, {.inputs = {part}, .actions = 2}, 1); });
  };
  const std::string nothing =
      "network.normalize_observations is true, and no part of the observations is of real numbers beside pictures for "
      "convolutions; allowed: false (bytes and pixels are divided by network.input_divisor)";
  EXPECT_EQ(refusal(config, {.shape = {5}}), nothing);
  NetworkConfig convolved = config;
  convolved.conv_channels = convolved.conv_kernels = convolved.conv_strides = {1};
  EXPECT_EQ(refusal(convolved, {.shape = {5, 5, 1}, .measured = true}), nothing);
  EXPECT_EQ(refusal(config, {.shape = {5, 5, 1}, .measured = true}), "no error") << "numbers, without convolutions";
  NetworkConfig divided = config;
  divided.input_divisor = 4;
  EXPECT_EQ(refusal(divided, {.shape = {5}, .measured = true}),
            "network.input_divisor is 4; allowed with network.normalize_observations, which divides by the deviation: "
            "1");
}

}  // namespace
}  // namespace deepq
