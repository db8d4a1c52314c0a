// Parallel Q-learning: lambda-returns against their definition, and what an update is made of.
#include "deepq/agent/pqn.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "deepq/nn/kernels/flush_denormals.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

struct Rollout {
  Rollout(size_t steps, Random& random) : rewards(steps), next_values(steps), terminated(steps), truncated(steps) {
    for (size_t t = 0; t < steps; ++t) {
      rewards[t] = static_cast<float>(random.uniform(-1, 1));
      next_values[t] = static_cast<float>(random.uniform(-2, 2));
      terminated[t] = random.below(6) == 0;
      truncated[t] = random.below(6) == 0;
    }
  }
  std::vector<float> rewards, next_values;
  std::vector<uint8_t> terminated, truncated;
};

// The k-step return from t on: rewards up to an end or k of them, then the value of what follows, unless it is a true
// end.
double k_step_return(const Rollout& r, size_t t, size_t k, double gamma) {
  double sum = 0, factor = 1;
  for (size_t i = t;; ++i) {
    sum += factor * r.rewards[i];
    factor *= gamma;
    if (r.terminated[i]) return sum;
    if (r.truncated[i] || i + 1 == t + k) return sum + factor * r.next_values[i];
  }
}

// How many steps the longest return from t on takes: to the episode's end or the rollout's.
size_t horizon(const Rollout& r, size_t t) {
  size_t steps = 1;
  while (t + steps < r.rewards.size() && !r.terminated[t + steps - 1] && !r.truncated[t + steps - 1]) ++steps;
  return steps;
}

// Sutton and Barto 2018, equation 12.3: (1 - lambda) sum_k lambda^(k-1) G_k, the rest of the weight on the longest one.
TEST(LambdaReturns, AreTheWeightedMeanOfKStepReturns) {
  Random random(1);
  for (const double lambda : {0.0, 0.3, 0.65, 0.95, 1.0}) {
    for (int trial = 0; trial < 40; ++trial) {
      const Rollout r(12, random);
      std::vector<float> returns(12);
      LambdaReturns{0.9, lambda, 12, 1}.compute(r.rewards.data(), r.next_values.data(), r.terminated.data(),
                                                r.truncated.data(), returns.data());
      for (size_t t = 0; t < 12; ++t) {
        double expected = 0, weight = 1;
        const size_t longest = horizon(r, t);
        for (size_t k = 1; k < longest; ++k) {
          expected += weight * (1 - lambda) * k_step_return(r, t, k, 0.9);
          weight *= lambda;
        }
        expected += weight * k_step_return(r, t, longest, 0.9);
        ASSERT_NEAR(returns[t], expected, 1e-5) << "lambda " << lambda << ", step " << t;
      }
    }
  }
}

TEST(LambdaReturns, EnvironmentsLieSideBySide) {
  Random random(2);
  const Rollout a(5, random), b(5, random);
  Rollout both(10, random);
  for (size_t t = 0; t < 5; ++t) {
    for (const auto& [from, i] : {std::pair{&a, 2 * t}, std::pair{&b, 2 * t + 1}}) {
      both.rewards[i] = from->rewards[t];
      both.next_values[i] = from->next_values[t];
      both.terminated[i] = from->terminated[t];
      both.truncated[i] = from->truncated[t];
    }
  }
  std::vector<float> alone(5), together(10);
  LambdaReturns{0.9, 0.7, 5, 1}.compute(b.rewards.data(), b.next_values.data(), b.terminated.data(), b.truncated.data(),
                                        alone.data());
  LambdaReturns{0.9, 0.7, 5, 2}.compute(&both.rewards[1], &both.next_values[1], &both.terminated[1], &both.truncated[1],
                                        &together[1]);
  for (size_t t = 0; t < 5; ++t) EXPECT_EQ(together[2 * t + 1], alone[t]);
}

class Counter : public UpdateListener {
 public:
  void on_update(const LearnStats& stats) override {
    ++updates;
    EXPECT_TRUE(std::isfinite(stats.loss));
  }
  int64_t updates = 0;
};

PqnSettings small_settings(bool bytes = false) {
  PqnSettings settings;
  settings.shape = {
      .observation = bytes ? ObservationSpace::bytes({2}) : ObservationSpace::real({2}), .actions = 2, .env_count = 4};
  settings.network.hidden_sizes = {8};
  settings.pqn = {.rollout_steps = 6, .epochs = 3, .minibatches = 4, .lambda = 0.5};
  return settings;
}

// One step of all four environments, with observations, rewards and ends that differ from one to the next.
template <class Number = float>
void step_once(Pqn& pqn, int64_t step, UpdateListener& listener) {
  std::vector<Number> observations(8);
  for (size_t i = 0; i < 8; ++i) observations[i] = static_cast<Number>((static_cast<size_t>(step) * 37 + i * 11) % 256);
  std::vector<double> rewards(4);
  std::vector<uint8_t> terminated(4), truncated(4);
  for (size_t i = 0; i < 4; ++i) {
    const size_t number = static_cast<size_t>(step) + i;
    rewards[i] = static_cast<double>(number % 3);
    terminated[i] = number % 5 == 1;
    truncated[i] = number % 4 == 0;
  }
  std::vector<int64_t> actions(4);
  pqn.act(observations, {4 * (step - 1), 0}, actions);
  pqn.observe({actions, rewards, terminated, truncated, observations}, {4 * step, 0});
  pqn.update({4 * step, 0}, listener);
}

TEST(Pqn, LearnsInRoundsOfEpochsAndMinibatches) {
  const PqnSettings settings = small_settings();
  Pqn pqn(settings);
  Counter counter;
  for (int64_t step = 1; step <= 18; ++step) {
    step_once(pqn, step, counter);
    EXPECT_EQ(counter.updates, step / 6 * 12) << "after step " << step;
  }
  EXPECT_EQ(pqn.updates(), 36);
}

TEST(Pqn, KeepsBytesAsBytesAndLearnsTheSame) {
  Pqn floats(small_settings()), bytes(small_settings(true));
  Counter counter;
  for (int64_t step = 1; step <= 6; ++step) {
    step_once(floats, step, counter);
    step_once<uint8_t>(bytes, step, counter);
  }
  EXPECT_EQ(floats.weights_sha256(), bytes.weights_sha256());
  EXPECT_EQ(Pqn::bytes(small_settings()) - Pqn::bytes(small_settings(true)), 6 * 4 * 2 * 3)
      << "three of four bytes a number";
}

// Half a rollout of episodes that are gone says nothing of those that began since.
TEST(Pqn, FreshEpisodesBeginAFreshRollout) {
  Pqn broken(small_settings()), fresh(small_settings());
  Counter counter;
  for (int64_t step = 1; step <= 3; ++step) step_once(broken, step, counter);
  broken.drop_partial_episodes();
  Archive saved;
  broken.serialize(saved);
  EXPECT_EQ(saved.tensors().at("rollout/observations").shape[0], 0);
  Archive restored(saved.tensors());
  fresh.serialize(restored);  // the same random numbers from here on
  for (int64_t step = 1; step <= 6; ++step) {
    EXPECT_EQ(broken.updates(), 0);
    step_once(broken, step, counter);
    step_once(fresh, step, counter);
  }
  EXPECT_EQ(broken.updates(), 12);
  EXPECT_EQ(broken.weights_sha256(), fresh.weights_sha256());
}

// What was learnt from, and what is still to come, need not be kept.
TEST(Pqn, SavesTheRolloutSoFar) {
  for (const bool bytes : {false, true}) {
    const auto step_one = [&](Pqn& one, int64_t step, UpdateListener& listener) {
      bytes ? step_once<uint8_t>(one, step, listener) : step_once(one, step, listener);
    };
    Pqn pqn(small_settings(bytes)), other(small_settings(bytes));
    Counter counter;
    for (int64_t step = 1; step <= 20; ++step) {
      step_one(pqn, step, counter);
      const int64_t rows = step % 6 * 4;
      Archive saved;
      pqn.serialize(saved);
      EXPECT_EQ(saved.tensors().at("rollout/observations").shape, (std::vector<int64_t>{rows, 2}));
      EXPECT_EQ(saved.tensors().at("rollout/rewards").shape, std::vector<int64_t>{rows});
      Archive restored(saved.tensors());
      other.serialize(restored);
    }
    for (int64_t step = 21; step <= 24; ++step) {
      step_one(pqn, step, counter);
      step_one(other, step, counter);
    }
    EXPECT_EQ(other.updates(), 48);
    EXPECT_EQ(pqn.weights_sha256(), other.weights_sha256());
  }
}

// The network's pass flushes denormals, and comparisons then take them for 0: the first wrong number was not found.
TEST(Pqn, BytesThatAreNoneAreNamedWhereDenormalsAreFlushed) {
  const ObservationLayout layout(ObservationSpace::bytes({3}));
  for (const float wrong :
       {std::numeric_limits<float>::denorm_min(), -1e-40f, 0.5f, 256.0f, std::numeric_limits<float>::quiet_NaN()}) {
    const std::vector<float> observation{0, 255, wrong};
    std::array<std::byte, 3> row;
    const auto put = [&] { layout.take_numbers(observation, row); };
    EXPECT_NE(error_of(put).find("number 2 of a byte observation is "), std::string::npos) << wrong;
    const FlushDenormals guard(Arithmetic::kFast);
    EXPECT_NE(error_of(put).find("number 2 of a byte observation is "), std::string::npos) << wrong;
  }
}

}  // namespace
}  // namespace deepq
