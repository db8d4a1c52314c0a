// Losses and targets of return distributions against PyTorch (tools/golden/losses.py), and properties that must hold.
#include "deepq/agent/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "deepq/core/random.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

std::set<std::string> cases(const test::Golden& golden, const std::string& prefix) {
  std::set<std::string> names;
  for (const auto& [key, tensor] : golden.tensors())
    if (key.starts_with(prefix)) names.insert(key.substr(0, key.rfind('.')));
  return names;
}

// As a network's outputs are: with the slack that vector loads may read.
std::vector<float> with_slack(std::span<const float> values) {
  std::vector<float> padded(values.begin(), values.end());
  padded.resize(values.size() + kPadFloats);
  return padded;
}

CategoricalValue categorical(int64_t atoms, double v_min, double v_max) {
  ValueConfig config;
  config.atoms = atoms;
  config.v_min = v_min;
  config.v_max = v_max;
  return CategoricalValue(config, Engine::kAuto);
}

TEST(CategoricalValue, ProjectionAndLossEqualPyTorch) {
  const test::Golden golden("losses.safetensors");
  ASSERT_EQ(cases(golden, "projection.").size(), 6u);
  for (const std::string& name : cases(golden, "projection.")) {
    const auto probabilities = golden.floats(name + ".probabilities");
    const auto range = golden.floats(name + ".range");
    const auto rows = static_cast<size_t>(golden.shape(name + ".probabilities")[0]);
    const size_t atoms = probabilities.size() / rows;
    CategoricalValue value = categorical(static_cast<int64_t>(atoms), range[0], range[1]);
    std::vector<float> logits(atoms + kPadFloats), target(atoms), gradient(atoms);
    const NextAction only{0, 1, 0};
    for (size_t r = 0; r < rows; ++r) {
      for (size_t j = 0; j < atoms; ++j) logits[j] = std::log(std::max(probabilities[r * atoms + j], 1e-30f));
      const ActionOutputs next{logits.data(), static_cast<int64_t>(atoms), 1, static_cast<int64_t>(atoms)};
      value.make_target({golden.floats(name + ".rewards")[r], golden.floats(name + ".discounts")[r], next, {&only, 1}},
                        target);
      const auto projected = golden.floats(name + ".projected").subspan(r * atoms, atoms);
      EXPECT_TRUE(all_close(target, projected, 1e-5)) << name << " row " << r;
      const auto outputs = with_slack(golden.floats(name + ".logits").subspan(r * atoms, atoms));
      const ActionOutputs predicted{outputs.data(), next.action_stride, 1, next.count};
      const float loss = value.loss_and_gradient(predicted, 0, projected, {gradient.data(), 1, 1});
      EXPECT_NEAR(loss, golden.floats(name + ".loss")[r], 1e-5 * std::max(1.0f, loss)) << name;
      EXPECT_TRUE(all_close(gradient, golden.floats(name + ".logits_grad").subspan(r * atoms, atoms), 1e-5)) << name;
    }
  }
}

TEST(CategoricalValue, ProjectedMassIsOneAndItsMeanIsKeptInside) {
  Random random(1);
  CategoricalValue value = categorical(21, -5, 5);
  std::vector<float> logits(21 + kPadFloats), target(21);
  const NextAction only{0, 1, 0};
  for (int trial = 0; trial < 1000; ++trial) {
    for (float& logit : logits) logit = static_cast<float>(random.uniform(-3, 3));
    const ActionOutputs next{logits.data(), 21, 1, 21};
    const auto reward = static_cast<float>(random.uniform(-1, 1)),
               discount = static_cast<float>(random.uniform(0, 0.8));
    value.make_target({reward, discount, next, {&only, 1}}, target);
    double mass = 0, mean = 0;
    for (size_t j = 0; j < 21; ++j) {
      mass += target[j];
      mean += target[j] * (-5 + 0.5 * static_cast<double>(j));
      EXPECT_GE(target[j], 0);
    }
    EXPECT_NEAR(mass, 1, 1e-5);
    EXPECT_NEAR(mean, reward + discount * value.q(next, 0), 1e-4);  // nothing reaches the ends: |z| <= 1 + .8 * 5
  }
}

TEST(CategoricalValue, AnAtomOnABinKeepsItsMassAndEndsClamp) {
  CategoricalValue value = categorical(5, -2, 2);
  std::vector<float> logits(5 + kPadFloats), target(5);
  const ActionOutputs next{logits.data(), 5, 1, 5};
  const NextAction only{0, 1, 0};
  const auto expect = [&](float reward, float discount, const std::vector<float>& expected) {
    value.make_target({reward, discount, next, {&only, 1}}, target);
    EXPECT_TRUE(all_close(target, expected, 1e-6));
  };
  expect(1, 0, {0, 0, 0, 1, 0});
  expect(100, 0, {0, 0, 0, 0, 1});
  expect(-100, 0.5f, {1, 0, 0, 0, 0});
  expect(0, 1, {0.2f, 0.2f, 0.2f, 0.2f, 0.2f});
  expect(1, 1, {0, 0.2f, 0.2f, 0.2f, 0.4f});
}

TEST(QuantileValue, LossEqualsPyTorch) {
  const test::Golden golden("losses.safetensors");
  ASSERT_EQ(cases(golden, "quantile.").size(), 5u);
  for (const std::string& name : cases(golden, "quantile.")) {
    const auto rows = static_cast<size_t>(golden.shape(name + ".predicted")[0]);
    const auto n = static_cast<size_t>(golden.shape(name + ".predicted")[1]);
    const auto m = static_cast<size_t>(golden.shape(name + ".wanted")[1]);
    QuantileValue value(static_cast<int64_t>(n), Engine::kAuto);
    std::vector<float> gradient(n);
    for (size_t r = 0; r < rows; ++r) {
      value.set_fractions(golden.floats(name + ".taus").data() + r * n);
      const ActionOutputs predicted{golden.floats(name + ".predicted").data() + r * n, 1, 1, static_cast<int64_t>(n)};
      const auto wanted = golden.floats(name + ".wanted").subspan(r * m, m);
      const float loss = value.loss_and_gradient(predicted, 0, wanted, {gradient.data(), 1, 1});
      EXPECT_NEAR(loss, golden.floats(name + ".loss")[r], 1e-5 * std::max(1.0f, loss)) << name;
      EXPECT_TRUE(all_close(gradient, golden.floats(name + ".predicted_grad").subspan(r * n, n), 1e-5)) << name;
    }
  }
}

// Where Huber's loss is an absolute value it is least at the quantile itself (Dabney et al. 2018, lemma 1).
TEST(QuantileValue, TheGradientVanishesAtTheQuantile) {
  std::vector<float> wanted(100), gradient(1);
  for (size_t j = 0; j < 100; ++j) wanted[j] = 10.0f * static_cast<float>(j);
  QuantileValue value(1, Engine::kAuto);
  const float tau = 0.25f;
  value.set_fractions(&tau);
  const auto slope = [&](float theta) {
    value.loss_and_gradient({&theta, 1, 1, 1}, 0, wanted, {gradient.data(), 1, 1});
    return gradient[0];
  };
  EXPECT_NEAR(slope(245), 0, 1e-6);  // a quarter of the values, 0 to 240, lie below
  EXPECT_LT(slope(205), -0.03);
  EXPECT_GT(slope(285), 0.03);
}

TEST(Values, NothingThatFollowsAnEndIsRead) {
  const std::vector<float> poison(6, std::numeric_limits<float>::quiet_NaN());
  const NextAction only{1, 1, 0};
  const Backup end{0.5f, 0, {poison.data(), 3, 1, 3}, {&only, 1}};
  std::vector<float> target(3);
  ScalarValue scalar(Loss::kMse);
  scalar.make_target(end, std::span(target).first(1));
  EXPECT_EQ(target[0], 0.5f);
  QuantileValue(3, Engine::kAuto).make_target(end, target);
  EXPECT_EQ(target, std::vector<float>(3, 0.5f));
  categorical(3, 0, 1).make_target(end, target);
  EXPECT_TRUE(all_close(target, std::vector<float>{0, 1, 0}));
}

TEST(Rescaling, HasAnInverse) {
  for (const double epsilon : {1e-3, 0.01, 1.0}) {
    const Rescaling h(epsilon);
    for (const float x : {0.0f, 1e-4f, -0.5f, 1.0f, -3.0f, 12.5f, 1e3f, -1e6f})
      EXPECT_NEAR(h.inverse(h(x)), x, 1e-5 * std::max(1.0f, std::abs(x))) << epsilon;
  }
  EXPECT_FLOAT_EQ(Rescaling(1e-3)(3), 1.003f);
  EXPECT_FLOAT_EQ(Rescaling(1e-3)(-8), -2.008f);
  EXPECT_EQ(Rescaling()(1234.5f), 1234.5f);
  EXPECT_EQ(Rescaling().inverse(-0.25f), -0.25f);
}

TEST(Rescaling, IsOfTheWholeReturn) {
  ScalarValue value(Loss::kMse, Rescaling(1e-3));
  const std::array next{1.003f, 0.0f};
  const std::array<NextAction, 1> greedy{{{0, 1, 0}}};
  std::array<float, 1> target{};
  // 2 + 0.5 * 3 = 3.5
  value.make_target({2, 0.5f, {next.data(), 1, 1, 1}, greedy}, target);
  EXPECT_NEAR(target[0], std::sqrt(4.5) - 1 + 0.0035, 1e-6);
  value.make_target({-8, 0, {next.data(), 1, 1, 1}, greedy}, target);
  EXPECT_FLOAT_EQ(target[0], -2.008f);
}

}  // namespace
}  // namespace deepq
