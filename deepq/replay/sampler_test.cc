#include "deepq/replay/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace deepq {
namespace {

TEST(UniformSampler, WithoutReplacementIsReallyWithout) {
  Random random(1);
  for (const int64_t population : {64, 65, 100, 10'000}) {
    UniformSampler sampler(64, false);
    std::vector<int64_t> indices(64);
    for (int round = 0; round < 200; ++round) {
      sampler.sample(population, random, indices);
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
    for (int64_t round = 0; round < kRounds; ++round) {
      sampler.sample(kPopulation, random, indices);
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
  for (int round = 0; round < 60'000; ++round) {
    sampler.sample(4, random, indices);
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
  sampler.sample(8, random, indices);
  EXPECT_LE(std::set<int64_t>(indices.begin(), indices.end()).size(), 8u);
}

}  // namespace
}  // namespace deepq
