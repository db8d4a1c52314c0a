// Networks with memory against PyTorch (tools/golden/recurrent.py), and what sequences are.
#include <gtest/gtest.h>

#include "deepq/nn/layout.h"
#include "deepq/nn/network.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

NetworkConfig with_memory(Memory kind, int64_t units, Engine engine = Engine::kAuto) {
  NetworkConfig config;
  config.engine = engine;
  config.hidden_sizes = {12};
  config.recurrent = kind;
  config.recurrent_size = units;
  return config;
}

constexpr int64_t kInputs = 5, kActions = 3;
const NetworkShape kShape{.inputs = {{.shape = {kInputs}}}, .actions = kActions};

// A network, its input in rows of steps and sequences, and what is remembered before.
struct Unrolled {
  Unrolled(const NetworkConfig& config, int64_t step_count, int64_t sequence_count, uint64_t seed = 3)
      : steps(step_count),
        sequences(sequence_count),
        network(config, kShape, steps * sequences, Trainable::kYes),
        input(steps * sequences, kInputs),
        before(static_cast<size_t>(sequences * network.memory_size())),
        after(before.size()) {
    Random random(seed);
    network.initialize(random);
    for (int64_t r = 0; r < steps * sequences; ++r)
      for (int64_t c = 0; c < kInputs; ++c) input.rows()[r][c] = static_cast<float>(random.uniform(-1, 1));
    for (float& number : before) number = static_cast<float>(random.uniform(-1, 1));
  }

  Rows forward(std::span<const int64_t> learnt_from = {}) {
    return network.forward(input.rows(), steps * sequences, {},
                           {.steps = steps, .before = before, .after = after, .learnt_from = learnt_from});
  }
  std::vector<float> outputs(int64_t from_row, int64_t rows) {
    std::vector<float> all;
    for (int64_t r = from_row; r < from_row + rows; ++r)
      all.insert(all.end(), network.output()[r], network.output()[r] + kActions);
    return all;
  }
  // As a learner has it: the gradient of some rows' first output, of others 0.
  std::vector<float> gradients(std::span<const int64_t> rows) {
    for (int64_t r = 0; r < steps * sequences; ++r) std::fill_n(network.output_gradient()[r], kActions, 0.0f);
    for (const int64_t row : rows) network.output_gradient()[row][0] = 1;
    network.backward();
    return {network.gradients().begin(), network.gradients().end()};
  }

  int64_t steps, sequences;
  Network network;
  InputBuffer input;
  std::vector<float> before, after;
};

class RecurrentTest : public ::testing::TestWithParam<std::tuple<Memory, Engine>> {
 protected:
  NetworkConfig config(int64_t units) { return with_memory(std::get<0>(GetParam()), units, std::get<1>(GetParam())); }
};

TEST_P(RecurrentTest, StepsOneByOneGiveTheSameBits) {
  for (const int64_t units : {7, 64}) {
    Unrolled whole(config(units), 6, 3), single(config(units), 1, 3);
    whole.forward();
    std::vector<float> state = whole.before;
    single.network.blend_from(whole.network, 1);
    for (int64_t step = 0; step < 6; ++step) {
      for (int64_t s = 0; s < 3; ++s) std::copy_n(whole.input.rows()[step * 3 + s], kInputs, single.input.rows()[s]);
      // What is remembered is replaced in place.
      single.network.forward(single.input.rows(), 3, {}, {.before = state, .after = state});
      EXPECT_EQ(single.outputs(0, 3), whole.outputs(step * 3, 3)) << step;
    }
    EXPECT_EQ(state, whole.after);
    EXPECT_NE(state, whole.before);
  }
}

TEST_P(RecurrentTest, ASequenceDoesNotDependOnThoseBesideIt) {
  Unrolled both(config(19), 4, 2), alone(config(19), 4, 1);
  alone.network.blend_from(both.network, 1);
  both.forward();
  for (int64_t step = 0; step < 4; ++step)
    std::copy_n(both.input.rows()[step * 2 + 1], kInputs, alone.input.rows()[step]);
  std::copy(both.before.begin() + static_cast<int64_t>(both.before.size()) / 2, both.before.end(),
            alone.before.begin());
  alone.forward();
  for (int64_t step = 0; step < 4; ++step) EXPECT_EQ(alone.outputs(step, 1), both.outputs(step * 2 + 1, 1));
}

TEST_P(RecurrentTest, NothingIsRememberedWhereNothingIsGiven) {
  Unrolled given(config(8), 3, 2), none(config(8), 3, 2);
  std::ranges::fill(given.before, 0.0f);
  given.forward();
  none.network.forward(none.input.rows(), 6, {}, {.steps = 3});
  EXPECT_EQ(given.outputs(0, 6), none.outputs(0, 6));
}

// Central differences of a sum of outputs, by the weights of all layers; without a ReLU, which has a kink.
TEST_P(RecurrentTest, GradientsAreThoseOfDifferences) {
  NetworkConfig smooth = config(6);
  smooth.hidden_sizes = {};
  Unrolled run(smooth, 5, 2);
  const std::array<int64_t, 3> rows{2, 7, 9};  // of two sequences, at steps 1, 3 and 4
  run.forward();
  const std::vector<float> gradients = run.gradients(rows);
  const auto loss = [&] {
    run.network.parameters_changed();
    run.forward();
    double sum = 0;
    for (const int64_t row : rows) sum += run.network.output()[row][0];
    return sum;
  };
  Random random(4);
  for (const ParameterTensor& tensor : run.network.layout().tensors)
    for (int i = 0; i < 6; ++i) {
      const auto at = static_cast<size_t>(tensor.begin) + random.below(static_cast<uint64_t>(tensor.size()));
      float& parameter = run.network.parameters()[at];
      const float kept = parameter, step = 1e-2f;
      parameter = kept + step;
      const double above = loss();
      parameter = kept - step;
      const double below = loss();
      parameter = kept;
      EXPECT_NEAR(gradients[at], (above - below) / (2 * step), 2e-3)
          << tensor.name << " " << at - static_cast<size_t>(tensor.begin);
    }
}

// The gradient of learning from step 3 on is that of the steps from there alone, begun with the state there: nothing of
// the steps before, the burn-in, counts.
TEST_P(RecurrentTest, BurnInHasNoGradient) {
  for (const int64_t units : {9, 32}) {
    Unrolled whole(config(units), 7, 2), rest(config(units), 4, 2), until(config(units), 3, 2);
    for (Unrolled* const part : {&rest, &until}) part->network.blend_from(whole.network, 1);
    for (int64_t r = 0; r < 6; ++r) std::copy_n(whole.input.rows()[r], kInputs, until.input.rows()[r]);
    for (int64_t r = 0; r < 8; ++r) std::copy_n(whole.input.rows()[6 + r], kInputs, rest.input.rows()[r]);
    until.before = whole.before;
    until.forward();
    rest.before = until.after;
    const std::array<int64_t, 2> from{3, 3};
    whole.forward(from);
    rest.forward();
    EXPECT_EQ(whole.outputs(6, 8), rest.outputs(0, 8));
    const std::array<int64_t, 4> rows{6, 9, 11, 12}, shifted{0, 3, 5, 6};
    EXPECT_TRUE(all_close(whole.gradients(rows), rest.gradients(shifted), 1e-5));
  }
}

// Two sequences that are learnt from at different steps: the sum of each one's own gradient.
TEST_P(RecurrentTest, EachSequenceHasItsOwnBurnIn) {
  Unrolled run(config(10), 6, 2);
  const std::array<int64_t, 2> own{1, 4}, early{1, 1}, late{4, 4};
  const std::array<int64_t, 2> first{4, 8}, second{9, 11};  // rows of sequence 0 and 1, at and behind those steps
  run.forward(early);
  const std::vector<float> of_first = run.gradients(first);
  run.forward(late);
  const std::vector<float> of_second = run.gradients(second);
  run.forward(own);
  const std::array<int64_t, 4> all{4, 8, 9, 11};
  std::vector<float> sum = of_first;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += of_second[i];
  EXPECT_TRUE(all_close(run.gradients(all), sum, 1e-5));
}

TEST_P(RecurrentTest, ThreadsGiveTheSameBits) {
  NetworkConfig one = config(64), three = one;
  three.threads = 3;
  Unrolled alone(one, 40, 24), shared(three, 40, 24);
  alone.forward(), shared.forward();
  EXPECT_EQ(alone.outputs(0, 960), shared.outputs(0, 960));
  const std::array<int64_t, 2> rows{100, 950};
  EXPECT_EQ(alone.gradients(rows), shared.gradients(rows));
}

TEST_P(RecurrentTest, EqualsPyTorch) {
  const test::Golden golden("recurrent.safetensors");
  const auto [kind, engine] = GetParam();
  for (const std::string suffix : {"", "_odd", "_double", "_dueling"}) {
    const std::string name = std::string(name_of(kind)) + suffix;
    const auto meta = golden.longs(name + ".meta");  // steps, sequences, inputs, units, actions, dueling
    NetworkConfig config = with_memory(kind, meta[3], engine);
    config.hidden_sizes.assign(golden.longs(name + ".hidden").begin(), golden.longs(name + ".hidden").end());
    if (config.hidden_sizes == std::vector<int64_t>{0}) config.hidden_sizes = {};
    config.dueling = meta[5] != 0;
    const int64_t rows = meta[0] * meta[1];
    Network network(config, {.inputs = {{.shape = {meta[2]}}}, .actions = meta[4]}, rows, Trainable::kYes);
    const auto key_of = [&](std::string tensor) {
      tensor[tensor.find('/')] = '.';
      return name + "." + tensor;
    };
    Archive names;
    network.serialize(names, network.parameters());
    TensorMap tensors;
    for (const auto& [tensor, view] : names.tensors()) tensors[tensor] = golden.tensors().at(key_of(tensor));
    Archive archive(tensors);
    network.serialize(archive, network.parameters());
    network.parameters_changed();
    InputBuffer input(rows, meta[2]);
    for (int64_t r = 0; r < rows; ++r)
      std::copy_n(golden.floats(name + ".input").data() + r * meta[2], meta[2], input.rows()[r]);
    std::vector<float> after(golden.floats(name + ".before").size());
    network.forward(input.rows(), rows, {},
                    {.steps = meta[0], .before = golden.floats(name + ".before"), .after = after});
    std::vector<float> output;
    const int64_t width = network.output_size();
    for (int64_t r = 0; r < rows; ++r) {
      output.insert(output.end(), network.output()[r], network.output()[r] + width);
      std::copy_n(golden.floats(name + ".coefficients").data() + r * width, width, network.output_gradient()[r]);
    }
    EXPECT_TRUE(all_close(output, golden.floats(name + ".output"))) << name;
    EXPECT_TRUE(all_close(after, golden.floats(name + ".after"))) << name;
    network.backward();
    Archive saved;
    network.serialize(saved, {const_cast<float*>(network.gradients().data()), network.gradients().size()});
    for (const auto& [tensor, view] : saved.tensors()) {
      const std::span<const float> actual(reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / 4);
      const auto expected = golden.floats(key_of(tensor) + "_grad");
      float largest = 0.1f;
      for (const float value : expected) largest = std::max(largest, std::abs(value));
      EXPECT_TRUE(all_close(actual, expected, 1e-5, largest)) << key_of(tensor);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, RecurrentTest,
                         ::testing::Combine(::testing::Values(Memory::kGru, Memory::kLstm),
                                            ::testing::Values(Engine::kAuto, Engine::kPlain)),
                         [](const auto& test) {
                           return std::string(name_of(std::get<0>(test.param))) +
                                  (std::get<1>(test.param) == Engine::kAuto ? "_auto" : "_plain");
                         });

}  // namespace
}  // namespace deepq
