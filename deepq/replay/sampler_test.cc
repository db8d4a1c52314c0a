#include "deepq/replay/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "deepq/replay/n_step.h"
#include "deepq/replay/prioritized_sampler.h"
#include "deepq/replay/replay_store.h"
#include "tests/allocations.h"

namespace deepq {
namespace {

TEST(UniformSampler, WithoutReplacementIsReallyWithout) {
  Random random(1);
  for (const int64_t population : {64, 65, 100, 10'000}) {
    UniformSampler sampler(64, false);
    std::vector<int64_t> indices(64);
    std::vector<float> weights(64, 7.0f);
    for (int round = 0; round < 200; ++round) {
      sampler.sample(population, 0.5, random, indices, weights);
      ASSERT_EQ(weights, std::vector<float>(64, 1.0f));
      const std::set<int64_t> distinct(indices.begin(), indices.end());
      ASSERT_EQ(distinct.size(), 64u);
      ASSERT_GE(*distinct.begin(), 0);
      ASSERT_LT(*distinct.rbegin(), population);
    }
  }
}

// Pearson's statistic against equal frequencies, for `cells` of them; its mean is cells - 1, its variance 2 (cells -
// 1).
double chi_square(const std::vector<int64_t>& counts, double expected) {
  double sum = 0;
  for (const int64_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

TEST(UniformSampler, EveryIndexIsEquallyLikely) {
  for (const bool with_replacement : {false, true}) {
    constexpr int64_t kPopulation = 50, kBatch = 10, kRounds = 20'000;
    Random random(2);
    UniformSampler sampler(kBatch, with_replacement);
    std::vector<int64_t> indices(kBatch), counts(kPopulation);
    std::vector<float> weights(kBatch);
    for (int64_t round = 0; round < kRounds; ++round) {
      sampler.sample(kPopulation, 0, random, indices, weights);
      for (const int64_t index : indices) ++counts[static_cast<size_t>(index)];
    }
    // 49 degrees of freedom: 49 +- 5 standard deviations (without replacement it is smaller yet).
    EXPECT_LT(chi_square(counts, kRounds * kBatch / kPopulation), 49 + 5 * 9.9) << with_replacement;
  }
}

TEST(UniformSampler, EverySubsetIsEquallyLikely) {
  Random random(3);
  UniformSampler sampler(2, false);
  std::vector<int64_t> indices(2), counts(16);
  std::vector<float> weights(2);
  for (int round = 0; round < 60'000; ++round) {
    sampler.sample(4, 0, random, indices, weights);
    std::sort(indices.begin(), indices.end());
    ++counts[static_cast<size_t>(4 * indices[0] + indices[1])];
  }
  std::erase(counts, 0);
  ASSERT_EQ(counts.size(), 6u);  // 4 choose 2
  EXPECT_LT(chi_square(counts, 10'000), 5 + 5 * 3.2);
}

TEST(UniformSampler, WithReplacementRepeats) {
  Random random(4);
  UniformSampler sampler(64, true);
  std::vector<int64_t> indices(64);
  std::vector<float> weights(64, 7.0f);
  sampler.sample(8, 0.5, random, indices, weights);
  EXPECT_EQ(weights, std::vector<float>(64, 1.0f));
  EXPECT_LE(std::set<int64_t>(indices.begin(), indices.end()).size(), 8u);
}

TEST(MakeSampler, MakesWhatIsAskedFor) {
  ReplayConfig config;
  EXPECT_NE(dynamic_cast<UniformSampler*>(make_sampler(config, 8).get()), nullptr);
  EXPECT_EQ(sampler_bytes(config), 0);
  config.prioritized = true;
  EXPECT_NE(dynamic_cast<PrioritizedSampler*>(make_sampler(config, 8).get()), nullptr);
  EXPECT_EQ(sampler_bytes(config), SumTree::bytes(config.capacity));
}

TEST(MakeSampler, TheUniformOneSavesNothing) {
  Archive saved;
  make_sampler({}, 8)->serialize(saved, 0);
  EXPECT_TRUE(saved.tensors().empty());
}

// One round of training as far as replay is concerned, for both samplers, both kinds of store, and one step or three.
TEST(Replay, StoringDrawingAndLearningAllocateNothing) {
  for (const bool prioritized : {false, true}) {
    ReplayConfig config;
    config.capacity = 100;
    config.prioritized = prioritized;
    const std::unique_ptr<Sampler> sampler = make_sampler(config, 16);
    const ObservationLayout layout = prioritized ? ObservationSpace::bytes({4}) : ObservationSpace::real({4});
    ReplayStore store(config.capacity, layout);
    NStepAccumulator accumulator(2, prioritized ? 3 : 1, 0.99, layout);
    Random random(1);
    std::vector<int64_t> indices(16);
    std::vector<float> weights(16), errors(16, 0.5f), rewards(16), discounts(16), from(16 * 4), to(16 * 4);
    std::vector<int64_t> actions(16);
    const std::array<float, 4> floats{1, 2, 3, 4};
    const std::array<uint8_t, 4> bytes{1, 2, 3, 4};
    const ObservationRow observation = prioritized ? ObservationRow(bytes) : ObservationRow(floats);
    const int64_t before = test::allocation_count;
    for (int64_t step = 0; step < 500; ++step) {
      for (const int64_t env : {0, 1})
        accumulator.add(env, {observation, 1, 1.0, step % 11 == 0, step % 7 == 0, observation},
                        [&](const Transition& transition) { sampler->on_push(store.push(transition)); });
      if (store.size() < 16) continue;
      sampler->sample(store.size(), 0.4, random, indices, weights);
      store.gather(indices, {{from.data(), 4}, {to.data(), 4}, actions, rewards, discounts});
      sampler->update(indices, errors);
    }
    EXPECT_EQ(test::allocation_count, before) << prioritized;
    EXPECT_EQ(store.size(), 100);
  }
}

}  // namespace
}  // namespace deepq
