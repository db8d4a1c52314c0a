#include "deepq/replay/prioritized_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <string>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

ReplayConfig config_of(int64_t capacity, double alpha, double epsilon = 1e-6) {
  ReplayConfig config;
  config.capacity = capacity;
  config.prioritized = true;
  config.priority_alpha = alpha;
  config.priority_epsilon = epsilon;
  return config;
}

void push_all(Sampler& sampler, int64_t count) {
  for (int64_t i = 0; i < count; ++i) sampler.on_push(i);
}

// Sets the errors of transitions 0, 1, ...
void learn(Sampler& sampler, const std::vector<float>& errors) {
  std::vector<int64_t> indices(errors.size());
  std::iota(indices.begin(), indices.end(), 0);
  sampler.update(indices, errors);
}

std::vector<double> priorities_of(const PrioritizedSampler& sampler, int64_t count) {
  std::vector<double> result;
  for (int64_t i = 0; i < count; ++i) result.push_back(sampler.priority(i));
  return result;
}

std::vector<int64_t> draw_counts(Sampler& sampler, int64_t population, size_t batch, int64_t draws) {
  Random random(7);
  std::vector<int64_t> indices(batch), counts(static_cast<size_t>(population));
  std::vector<float> weights(batch);
  for (int64_t drawn = 0; drawn < draws; drawn += static_cast<int64_t>(batch)) {
    sampler.sample(population, 0.5, random, indices, weights);
    for (const int64_t index : indices) ++counts.at(static_cast<size_t>(index));
  }
  return counts;
}

// Pearson's statistic of counts against draws in proportion to `fractions`, in standard deviations above its mean.
// (Stratified draws scatter less than independent ones, so it lies below 0 when all is well.)
double chi_square_excess(const std::vector<int64_t>& counts, const std::vector<double>& fractions) {
  const double fraction_sum = std::accumulate(fractions.begin(), fractions.end(), 0.0);
  const auto draws = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  double sum = 0, degrees = -1;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double expected = draws * fractions[i] / fraction_sum;
    if (expected == 0) {
      EXPECT_EQ(counts[i], 0) << i;
      continue;
    }
    const double difference = static_cast<double>(counts[i]) - expected;
    sum += difference * difference / expected;
    ++degrees;
  }
  return (sum - degrees) / std::sqrt(2 * degrees);
}

std::vector<float> varied_errors(size_t count) {
  Random random(5);
  std::vector<float> errors(count);
  for (float& error : errors) error = static_cast<float>(random.uniform(-3, 3));
  errors[count / 2] = 0;
  return errors;
}

TEST(PrioritizedSampler, PrioritiesAreThePapersFormula) {
  PrioritizedSampler sampler(config_of(4, 0.6, 0.01), 4);
  push_all(sampler, 4);
  learn(sampler, {0.0f, -2.0f, 0.5f, 1e-3f});
  const std::vector<double> expected{std::pow(0.01, 0.6), std::pow(2.01, 0.6), std::pow(0.51, 0.6),
                                     std::pow(0.011, 0.6)};
  for (int64_t i = 0; i < 4; ++i) EXPECT_NEAR(sampler.priority(i), expected[static_cast<size_t>(i)], 1e-8);
}

// A million draws from full stores and from ones still filling up.
TEST(PrioritizedSampler, DrawsInProportionToPriority) {
  for (const int64_t population : {100, 37}) {
    for (const size_t batch : {1u, 10u, 64u}) {
      for (const double epsilon : {0.0, 0.1}) {
        PrioritizedSampler sampler(config_of(100, 0.7, epsilon), 100);
        push_all(sampler, population);
        learn(sampler, varied_errors(static_cast<size_t>(population)));
        const auto counts = draw_counts(sampler, population, batch, 1'000'000);
        std::vector<double> fractions;
        for (const float error : varied_errors(static_cast<size_t>(population)))
          fractions.push_back(std::pow(std::abs(error) + epsilon, 0.7));
        EXPECT_LT(chi_square_excess(counts, fractions), 5) << population << ' ' << batch << ' ' << epsilon;
      }
    }
  }
}

TEST(PrioritizedSampler, DrawsAreStratified) {
  PrioritizedSampler sampler(config_of(64, 0.6), 64);
  push_all(sampler, 64);
  Random random(1);
  std::vector<int64_t> indices(64);
  std::vector<float> weights(64);
  sampler.sample(64, 0.4, random, indices, weights);  // equal priorities: each segment is one transition
  for (int64_t i = 0; i < 64; ++i) EXPECT_EQ(indices[static_cast<size_t>(i)], i);
}

TEST(PrioritizedSampler, WeightsAreThePapersFormula) {
  constexpr int64_t kPopulation = 50;
  PrioritizedSampler sampler(config_of(80, 0.6), 16);
  push_all(sampler, kPopulation);
  for (int64_t i = 0; i < kPopulation; ++i)
    sampler.update(std::vector<int64_t>{i}, std::vector<float>{varied_errors(kPopulation)[static_cast<size_t>(i)]});
  const std::vector<double> priorities = priorities_of(sampler, kPopulation);
  const double total = std::accumulate(priorities.begin(), priorities.end(), 0.0);
  Random random(1);
  std::vector<int64_t> indices(16);
  std::vector<float> weights(16);
  for (const double beta : {0.0, 0.4, 1.0}) {
    sampler.sample(kPopulation, beta, random, indices, weights);
    std::vector<double> expected;
    for (const int64_t index : indices)
      expected.push_back(std::pow(kPopulation * priorities[static_cast<size_t>(index)] / total, -beta));
    const double largest = *std::max_element(expected.begin(), expected.end());
    for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(weights[i], expected[i] / largest, 1e-6) << beta;
    EXPECT_EQ(*std::max_element(weights.begin(), weights.end()), 1.0f);
  }
}

TEST(PrioritizedSampler, NewTransitionsTakeTheRunningMaximum) {
  PrioritizedSampler sampler(config_of(8, 0.5, 0.0), 8);
  push_all(sampler, 3);
  EXPECT_EQ(sampler.priority(2), 1);
  learn(sampler, {0.25f, 9.0f, 0.01f});
  sampler.on_push(3);
  EXPECT_EQ(sampler.priority(3), 3);
  learn(sampler, {0.25f, 0.25f, 0.25f, 0.25f});  // the largest is gone, its mark stays
  sampler.on_push(4);
  EXPECT_EQ(sampler.priority(4), 3);
  sampler.on_push(0);  // in place of an old one
  EXPECT_EQ(sampler.priority(0), 3);
  EXPECT_EQ(sampler.priority(1), 0.5);
}

TEST(PrioritizedSampler, ATransitionTwiceInABatchTakesTheLastError) {
  PrioritizedSampler sampler(config_of(8, 1.0, 0.0), 8);
  push_all(sampler, 8);
  sampler.update(std::vector<int64_t>{5, 2, 5}, std::vector<float>{3, 4, 7});
  EXPECT_EQ(sampler.priority(5), 7);
  EXPECT_EQ(sampler.priority(2), 4);
}

TEST(PrioritizedSampler, AlphaZeroIsUniform) {
  PrioritizedSampler sampler(config_of(50, 0.0, 0.0), 50);
  push_all(sampler, 50);
  learn(sampler, varied_errors(50));
  EXPECT_LT(chi_square_excess(draw_counts(sampler, 50, 10, 200'000), std::vector<double>(50, 1.0)), 5);
  Random random(1);
  std::vector<int64_t> indices(10);
  std::vector<float> weights(10);
  sampler.sample(50, 1.0, random, indices, weights);
  EXPECT_EQ(weights, std::vector<float>(10, 1.0f));
}

TEST(PrioritizedSampler, IsUniformWhileAllPrioritiesAreZero) {
  PrioritizedSampler sampler(config_of(50, 0.6, 0.0), 50);
  push_all(sampler, 50);
  learn(sampler, std::vector<float>(50, 0.0f));
  EXPECT_LT(chi_square_excess(draw_counts(sampler, 50, 10, 200'000), std::vector<double>(50, 1.0)), 5);
  Random random(1);
  std::vector<int64_t> indices(10);
  std::vector<float> weights(10);
  sampler.sample(50, 1.0, random, indices, weights);
  EXPECT_EQ(weights, std::vector<float>(10, 1.0f));
}

TEST(PrioritizedSampler, HugeAndTinyErrorsKeepEverythingFinite) {
  constexpr float kHuge = std::numeric_limits<float>::max(), kTiny = std::numeric_limits<float>::denorm_min();
  PrioritizedSampler sampler(config_of(4, 1.0, 0.0), 64);
  push_all(sampler, 4);
  learn(sampler, {kHuge, kTiny, -kHuge, 0});
  Random random(1);
  std::vector<int64_t> indices(64);
  std::vector<float> weights(64);
  sampler.sample(4, 1.0, random, indices, weights);
  for (size_t i = 0; i < 64; ++i) {
    EXPECT_TRUE(indices[i] == 0 || indices[i] == 2);
    EXPECT_EQ(weights[i], 1.0f);
  }
}

TEST(PrioritizedSampler, ErrorsThatAreNotFiniteAreRefusedAndChangeNothing) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    PrioritizedSampler sampler(config_of(8, 0.6), 8);
    push_all(sampler, 8);
    learn(sampler, {1, 2, 3, 4, 5, 6, 7, 8});
    const std::vector<double> before = priorities_of(sampler, 8);
    const std::string message = test::error_of([&] { learn(sampler, {100, bad}); });
    EXPECT_NE(message.find("the error of transition 1,"), std::string::npos) << message;
    EXPECT_NE(message.find("allowed: finite numbers"), std::string::npos) << message;
    EXPECT_EQ(priorities_of(sampler, 8), before);
    sampler.on_push(0);  // nor has the running maximum changed
    EXPECT_EQ(sampler.priority(0), before[7]);
  }
}

TEST(PrioritizedSampler, APopulationThatWasNotPushedIsABug) {
  PrioritizedSampler sampler(config_of(8, 0.6), 4);
  push_all(sampler, 3);
  Random random(1);
  std::vector<int64_t> indices(4);
  std::vector<float> weights(4);
  EXPECT_THROW(sampler.sample(4, 0.4, random, indices, weights), std::logic_error);
  EXPECT_THROW(sampler.update(std::vector<int64_t>{3}, std::vector<float>{1}), std::logic_error);
}

// Draws, learns and pushes; everything that was drawn.
std::vector<double> go_on(Sampler& sampler, int64_t population, int64_t capacity) {
  Random random(11);
  std::vector<int64_t> indices(16);
  std::vector<float> weights(16), errors(16);
  std::vector<double> course;
  for (int round = 0; round < 50; ++round) {
    sampler.sample(population, 0.4, random, indices, weights);
    course.insert(course.end(), indices.begin(), indices.end());
    course.insert(course.end(), weights.begin(), weights.end());
    for (float& error : errors) error = static_cast<float>(random.uniform(-2, 2));
    sampler.update(indices, errors);
    sampler.on_push(population < capacity ? population++ : static_cast<int64_t>(random.below(64)));
  }
  return course;
}

TEST(PrioritizedSampler, ASavedSamplerGoesOnAsTheUnbrokenOne) {
  constexpr int64_t kCapacity = 100;
  for (const int64_t population : {1, 40, 100}) {
    PrioritizedSampler unbroken(config_of(kCapacity, 0.6), 64);
    push_all(unbroken, population);
    learn(unbroken, std::vector<float>(static_cast<size_t>(std::min<int64_t>(population, 64)), 7.5f));
    learn(unbroken, {0.1f});
    Archive saved;
    unbroken.serialize(saved, population);
    PrioritizedSampler fresh(config_of(kCapacity, 0.6), 64), used(config_of(kCapacity, 0.6), 64);
    push_all(used, kCapacity);
    for (PrioritizedSampler* resumed : {&fresh, &used}) {
      Archive loading(saved.tensors());
      resumed->serialize(loading, population);
      EXPECT_EQ(priorities_of(*resumed, kCapacity), priorities_of(unbroken, kCapacity));
    }
    const std::vector<double> course = go_on(unbroken, population, kCapacity);
    EXPECT_EQ(go_on(fresh, population, kCapacity), course);
    EXPECT_EQ(go_on(used, population, kCapacity), course);
  }
}

std::string error_of_loading(int64_t population, double max_priority, std::vector<double> priorities,
                             int64_t stored = 2) {
  Archive saved;
  const auto scope = saved.scope("sampler");
  saved.value("population", population, kCount);
  saved.value("max_priority", max_priority);
  saved.array("priorities", priorities);
  return test::error_of([&] {
    PrioritizedSampler sampler(config_of(4, 0.6), 4);
    Archive loading(saved.tensors());
    sampler.serialize(loading, stored);
  });
}

TEST(PrioritizedSampler, DamagedSavesAreRefused) {
  EXPECT_EQ(error_of_loading(2, 1, {0.5, 1}), "no error");
  for (const int64_t wrong : {-1, 1, 3, 5})
    EXPECT_EQ(error_of_loading(wrong, 1, {1, 1}),
              "the saved state's 'sampler/population' is " + std::to_string(wrong) + "; allowed: 2");
  EXPECT_NE(error_of_loading(2, 1, {1}).find("'sampler/priorities' is [1] of F64"), std::string::npos);
  for (const double bad : {-1.0, kNaN, std::numeric_limits<double>::infinity(), 1e308}) {  // the last: of a finite sum
    EXPECT_NE(error_of_loading(2, 1, {1, bad}).find("'sampler/priorities[1]' is "), std::string::npos);
    EXPECT_NE(error_of_loading(2, bad, {1, 1}).find("'sampler/max_priority' is "), std::string::npos);
  }
}

TEST(ImportanceBeta, RisesLinearlyToItsEndAndNoFurther) {
  ReplayConfig config;  // 0.4 to 1 over the whole run
  EXPECT_EQ(importance_beta_at(config, 0, 0), 0.4);
  EXPECT_NEAR(importance_beta_at(config, 500, 0.5), 0.7, 1e-12);
  EXPECT_EQ(importance_beta_at(config, 1'000, 1.0), 1.0);
  config.importance_beta_anneal_env_steps = 100;
  EXPECT_NEAR(importance_beta_at(config, 50, 0.05), 0.7, 1e-12);
  EXPECT_EQ(importance_beta_at(config, 100, 0.1), 1.0);
  EXPECT_EQ(importance_beta_at(config, 900, 0.9), 1.0);
  config.importance_beta_end = 0.6;
  EXPECT_EQ(importance_beta_at(config, 900, 0.9), 0.6);
  for (config.importance_beta = 0; config.importance_beta <= 1; config.importance_beta += 0.01)
    for (config.importance_beta_end = 1; config.importance_beta_end > 0.9; config.importance_beta_end -= 0.013)
      for (int64_t step = 0; step < 300; step += 7) ASSERT_LE(importance_beta_at(config, step, 0), 1.0);
}

}  // namespace
}  // namespace deepq
