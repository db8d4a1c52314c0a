#include "deepq/nn/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "deepq/nn/kernels/flush_denormals.h"
#include "deepq/nn/team.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

struct Case {
  std::string name;
  OptimizerConfig config;
};

std::vector<Case> cases() {
  const OptimizerConfig adam{.learning_rate = 1e-3};
  OptimizerConfig adam_atari{.learning_rate = 6.25e-5, .epsilon = 1.5e-4};
  OptimizerConfig rmsprop{
      .kind = OptimizerKind::kRmsProp, .learning_rate = 2.5e-4, .epsilon = 0.01, .rmsprop_decay = 0.95};
  OptimizerConfig centered = rmsprop;
  centered.rmsprop_centered = true;
  const OptimizerConfig radam{.kind = OptimizerKind::kRAdam, .learning_rate = 1e-3};
  OptimizerConfig radam_eps = radam;
  radam_eps.epsilon = 1e-4;
  std::vector<Case> all{{"adam", adam},       {"adam_atari", adam_atari},
                        {"rmsprop", rmsprop}, {"rmsprop_centered", centered},
                        {"radam", radam},     {"radam_eps", radam_eps}};
  for (size_t i = 0; i < 6; ++i) {
    all.push_back({all[i].name + "_clip", all[i].config});
    all.back().config.max_grad_norm = 0.5;
  }
  OptimizerConfig nature = centered;
  nature.rmsprop_epsilon_inside_root = true;
  all.push_back({"rmsprop_nature", nature});
  return all;
}

class OptimizerTest : public ::testing::TestWithParam<Engine> {};

TEST_P(OptimizerTest, TenStepsEqualPyTorch) {
  const test::Golden golden("optimizer.safetensors");
  for (const auto& [key, config] : cases()) {
    const auto initial = golden.floats(key + ".initial");
    AlignedBuffer<float> parameters(initial.size());
    std::copy(initial.begin(), initial.end(), parameters.data());
    Optimizer optimizer(config, GetParam(), initial.size());
    Team team(1);
    for (size_t step = 0; step < 10; ++step) {
      const auto gradients = golden.floats(key + ".gradients").subspan(step * initial.size(), initial.size());
      const double norm = optimizer.step(gradients, parameters.span(), config.learning_rate, team);
      EXPECT_NEAR(norm, golden.floats(key + ".grad_norms")[step], 1e-5 * norm);
      const auto expected = golden.floats(key + ".parameters").subspan(step * initial.size(), initial.size());
      ASSERT_TRUE(test::all_close(parameters.span(), expected, 1e-6, 1.0)) << key << " step " << step;
    }
    EXPECT_EQ(optimizer.steps(), 10);
  }
}

TEST_P(OptimizerTest, ANonFiniteGradientChangesNothing) {
  AlignedBuffer<float> parameters(16);
  for (float& value : parameters.span()) value = 1.0f;
  std::vector<float> gradients(16, 0.1f);
  gradients[5] = std::numeric_limits<float>::quiet_NaN();
  Optimizer optimizer({}, GetParam(), 16);
  Team team(1);
  EXPECT_FALSE(std::isfinite(optimizer.step(gradients, parameters.span(), 1e-3, team)));
  for (const float value : parameters.span()) EXPECT_EQ(value, 1.0f);
  EXPECT_EQ(optimizer.steps(), 0);
}

TEST(FlushDenormals, HoldsWhileItLivesAndNoLonger) {
#if !defined(__SSE2__) && !defined(__aarch64__)
  GTEST_SKIP() << "only x86 and ARM are told to flush denormals";
#endif
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = 0.5f;
  {
    const FlushDenormals guard(Arithmetic::kFast);
    EXPECT_TRUE(smallest * half == 0.0f);
  }
  {
    const FlushDenormals guard(Arithmetic::kStrict);
    EXPECT_TRUE(smallest * half > 0.0f);
  }
  EXPECT_TRUE(smallest * half > 0.0f);
}

INSTANTIATE_TEST_SUITE_P(Engines, OptimizerTest, ::testing::Values(Engine::kAuto, Engine::kPlain),
                         [](const auto& engine) { return engine.param == Engine::kAuto ? "auto" : "plain"; });

}  // namespace
}  // namespace deepq
