// Strict arithmetic: the same run whatever computes it. Other machines and compilers: tools/strict.sh.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "deepq/core/error.h"
#include "deepq/env/acrobot.h"
#include "deepq/env/cartpole.h"
#include "deepq/env/mountain_car.h"
#include "deepq/env/registry.h"
#include "deepq/nn/kernels/kernels.h"
#include "deepq/train/bench.h"
#include "deepq/train/run.h"
#include "deepq/train/session.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

const Numerics kStrict{Engine::kAuto, Arithmetic::kStrict};

// All vector kernels of this CPU, and the choice undone.
class Strict : public ::testing::Test {
 protected:
  std::vector<const Kernels*> kernels_ = vector_kernels_here(Arithmetic::kFast);
  void TearDown() override {
    if (!kernels_.empty()) use_kernels(kernels_[0]->name);
  }
};

TEST_F(Strict, EveryRegisterWidthGivesTheSameSignature) {
  for (const char* preset : {"chapter", "rainbow", "munchausen"}) {
    std::vector<std::string> signatures;
    for (const Kernels* kernels : kernels_) {
      use_kernels(kernels->name);
      signatures.push_back(signature(preset, kStrict));
    }
    for (const std::string& one : signatures) EXPECT_EQ(one, signatures[0]) << preset;
  }
}

TEST_F(Strict, IsNotFastUnderAnotherName) {
  if (kernels_.size() < 2) GTEST_SKIP() << "no fused multiply-add here: both are one";
  EXPECT_NE(signature("chapter", kStrict), signature("chapter", Engine::kAuto));
}

RunConfig strict_config(const std::string& env) {
  RunConfig config;
  config.env.id = env;
  config.network.arithmetic = Arithmetic::kStrict;
  config.train.env_steps = 300;
  config.eval.final_episodes = 1;
  return config;
}

TEST_F(Strict, WhatActsComputesAsWhatLearns) {
  const test::TemporaryFolder folder;
  Session session(strict_config("CartPole-v1"), find_env("CartPole-v1"));
  session.learn(300, {});
  session.save(folder / "agent.safetensors");
  Policy loaded = Policy::load(folder / "agent.safetensors");
  EXPECT_EQ(loaded.config().network.arithmetic, Arithmetic::kStrict);
  for (const float x : {0.01f, 0.03f, -0.2f, 0.15f}) {
    const std::array<float, 4> observation{x, -0.3f, 0.02f, 0.7f};
    EXPECT_TRUE(std::ranges::equal(loaded.q_values(observation), session.trainer().policy().q_values(observation)));
  }
}

template <class World>
int states_that_differ() {
  World fast, strict;
  strict.compute_in(Arithmetic::kStrict);
  int differ = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    fast.reset(seed), strict.reset(seed);
    for (int i = 0; i < 100; ++i) {
      const Step a = fast.step(i % 2), b = strict.step(i % 2);
      for (size_t k = 0; k < fast.state().size(); ++k) {
        EXPECT_NEAR(fast.state()[k], strict.state()[k], 1e-6);
        differ += fast.state()[k] != strict.state()[k];
      }
      if (a.terminated || b.terminated) break;
    }
  }
  return differ;
}

// The two functions of each angle err in other last places now and then.
TEST_F(Strict, WorldsComputeInTheArithmeticOfTheirRun) {
  EXPECT_GT(states_that_differ<CartPole>(), 0);
  EXPECT_GT(states_that_differ<MountainCar>(), 0);
  EXPECT_GT(states_that_differ<Acrobot>(), 0);
}

// Counts the resets of worlds that were told.
class Told final : public Env {
 public:
  explicit Told(int& count) : count_(count) {}
  const EnvSpec& spec() const override { return inner_.spec(); }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    count_ += math().is_strict() ? 1 : -1000;
    return inner_.reset(seed);
  }
  Step step(int64_t action) override { return inner_.step(action); }

 private:
  int& count_;
  CartPole inner_;
};

// What makes a run's worlds hands the arithmetic on, for training and for evaluations.
TEST_F(Strict, ARunsWorldsAreTold) {
  int told = 0;
  const EnvFactory make = [&told]() -> std::unique_ptr<Env> { return std::make_unique<Told>(told); };
  start_run(strict_config("CartPole-v1"), {}, make);
  EXPECT_GT(told, 5);
  told = 0;
  const test::TemporaryFolder folder;
  start_run(strict_config("CartPole-v1"), {.folder = folder / "run"}, make);
  const int trained = told;
  evaluate_run(folder / "run", {.episodes = 3}, make);
  EXPECT_GT(told, trained);
}

TEST_F(Strict, PlainLoopsAreRefused) {
  RunConfig config = strict_config("CartPole-v1");
  config.network.engine = Engine::kPlain;
  try {
    validate(config);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "network.engine is plain; allowed where train.arithmetic is strict: auto, as plain loops add in "
                 "another order");
  }
}

TEST_F(Strict, KernelsThatThisCpuLacksAreRefused) {
  try {
    use_kernels("avx9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("kernels 'avx9' are not to be had here; allowed: "))
        << error.what();
  }
}

}  // namespace
}  // namespace deepq
