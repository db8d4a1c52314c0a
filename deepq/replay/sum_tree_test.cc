#include "deepq/replay/sum_tree.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "deepq/core/finite.h"
#include "deepq/core/random.h"

namespace deepq {
namespace {

constexpr int64_t kCapacities[] = {1, 2, 7, 8, 9, 63, 64, 65, 511, 513, 1'000, 4'097};

int64_t find_one(const SumTree& tree, double target) {
  int64_t index = -1;
  tree.find(std::span(&target, 1), std::span(&index, 1));
  return index;
}

// The same by its definition.
int64_t find_by_walking(const std::vector<double>& weights, double target) {
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    if (sum > target) return static_cast<int64_t>(i);
  }
  return -1;
}

// Weights are small whole numbers, so every sum is exact and the comparison too.
void compare_with_brute_force(int64_t capacity, int64_t operations) {
  Random random(static_cast<uint64_t>(capacity));
  SumTree tree(capacity);
  std::vector<double> brute(static_cast<size_t>(capacity)), weights, targets;
  std::vector<int64_t> indices, found;
  double total = 0;
  const auto any_index = [&] { return static_cast<int64_t>(random.below(static_cast<uint64_t>(capacity))); };
  const auto any_weight = [&] { return static_cast<double>(random.below(3) == 0 ? 0 : random.below(1'000)); };
  const auto assign = [&](int64_t index, double weight) {
    total += weight - brute[static_cast<size_t>(index)];
    brute[static_cast<size_t>(index)] = weight;
  };
  for (int64_t operation = 0; operation < operations; ++operation) {
    const size_t count = 1 + random.below(random.below(50) == 0 ? 600 : 8);
    if (random.below(2) == 0) {
      const int64_t index = any_index();
      const double weight = any_weight();
      tree.set(index, weight);
      assign(index, weight);
    } else {  // any order, some named twice
      indices.resize(count);
      weights.resize(count);
      for (size_t i = 0; i < count; ++i) assign(indices[i] = any_index(), weights[i] = any_weight());
      tree.set(indices, weights);
    }
    ASSERT_EQ(tree.total(), total) << "capacity " << capacity << ", operation " << operation;
    if (total == 0 || operation % 10 != 0) continue;
    targets.resize(count);
    found.resize(count);
    for (double& target : targets) target = static_cast<double>(random.below(static_cast<uint64_t>(total)));
    const std::vector<double> asked = targets;
    tree.find(targets, found);
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(found[i], find_by_walking(brute, asked[i])) << capacity;
  }
  for (int64_t i = 0; i < capacity; ++i) ASSERT_EQ(tree[i], brute[static_cast<size_t>(i)]);
}

TEST(SumTree, EqualsBruteForce) {
  for (const int64_t capacity : kCapacities) compare_with_brute_force(capacity, 10'000);
}

// Weights of all magnitudes, most of them 0: here sums are rounded, and the ends of ranges do not meet.
TEST(SumTree, NeverFindsAWeightOfZero) {
  Random random(1);
  for (const int64_t capacity : kCapacities) {
    SumTree tree(capacity);
    for (int round = 0; round < 200; ++round) {
      for (int64_t i = 0; i < capacity; ++i)
        tree.set(i, random.below(4) == 0 ? std::pow(10.0, random.uniform(-30, 30)) : 0.0);
      const double total = tree.total();
      if (total == 0) continue;
      for (const double target : {0.0, total, std::nextafter(total, 0.0), total * (1 + 1e-9), total * random.uniform(),
                                  std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()}) {
        const int64_t found = find_one(tree, target);
        ASSERT_TRUE(found >= 0 && found < capacity) << found;
        ASSERT_GT(tree[found], 0) << "capacity " << capacity << ", target " << target << " of " << total;
      }
    }
  }
}

// The eight parts' sum, made in pairs, lies above their running sum: a target between the two passes none of them.
TEST(SumTree, ATargetBeyondTheRunningSumFindsTheLastWeight) {
  const std::vector<double> weights{1, 0x1p-53, 0x1p-53, 0, 0x1p-53, 0x1p-53, 0, 0};
  SumTree tree(8);
  for (int64_t i = 0; i < 8; ++i) tree.set(i, weights[static_cast<size_t>(i)]);
  ASSERT_GT(tree.total(), std::accumulate(weights.begin(), weights.end(), 0.0));
  EXPECT_EQ(find_one(tree, tree.total()), 5);
  EXPECT_EQ(find_one(tree, std::nextafter(tree.total(), 0.0)), 5);
}

TEST(SumTree, FindsByFractions) {
  SumTree tree(20);
  tree.set(3, 1.0);
  tree.set(12, 2.0);
  tree.set(17, 0.25);
  tree.set(19, 0.5);
  EXPECT_EQ(find_one(tree, 0.0), 3);
  EXPECT_EQ(find_one(tree, 0.999), 3);
  EXPECT_EQ(find_one(tree, 1.0), 12);
  EXPECT_EQ(find_one(tree, 2.999), 12);
  EXPECT_EQ(find_one(tree, 3.0), 17);
  EXPECT_EQ(find_one(tree, 3.25), 19);
  EXPECT_EQ(find_one(tree, 3.75), 19);  // the total itself: the last one
}

TEST(SumTree, SumsDoNotDrift) {
  constexpr int64_t kCapacity = 1'000;
  Random random(2);
  SumTree tree(kCapacity), fresh(kCapacity);
  std::vector<int64_t> indices(64);
  std::vector<double> weights(64);
  for (int round = 0; round < 2'000; ++round) {
    for (size_t i = 0; i < 64; ++i) {
      indices[i] = static_cast<int64_t>(random.below(kCapacity));
      weights[i] = std::pow(10.0, random.uniform(-10, 10));
    }
    tree.set(indices, weights);
  }
  for (int64_t i = 0; i < kCapacity; ++i) fresh.set(i, tree[i]);
  EXPECT_EQ(tree.total(), fresh.total());
}

TEST(SumTree, SumsUpRestoredWeights) {
  for (const int64_t capacity : kCapacities) {
    for (const int64_t count : {int64_t{1}, capacity / 2 + 1, capacity}) {
      Random random(3);
      SumTree tree(capacity), expected(capacity);
      for (int64_t i = 0; i < count; ++i) {
        const double weight = random.uniform();
        expected.set(i, weight);
        tree.weights(count)[static_cast<size_t>(i)] = weight;
      }
      tree.sum_up(count);
      ASSERT_EQ(tree.total(), expected.total());
      for (double part = 0; part < 1; part += 0.1)
        ASSERT_EQ(find_one(tree, part * tree.total()), find_one(expected, part * tree.total()));
    }
  }
}

TEST(SumTree, RefusesWhatOnlyABugCanAsk) {
  SumTree tree(4);
  EXPECT_THROW(find_one(tree, 0), std::logic_error);  // nothing to find
  EXPECT_THROW(tree.set(4, 1), std::logic_error);
  EXPECT_THROW(tree.set(0, -1), std::logic_error);
  EXPECT_THROW(tree.set(0, kNaN), std::logic_error);
}

TEST(SumTree, BytesAreThoseOfAllLevels) {
  EXPECT_EQ(SumTree::bytes(1), 8 * 8);
  EXPECT_EQ(SumTree::bytes(8), (8 + 8) * 8);
  EXPECT_EQ(SumTree::bytes(9), (16 + 8 + 8) * 8);
  EXPECT_EQ(SumTree::bytes(64), (64 + 8 + 8) * 8);
}

}  // namespace
}  // namespace deepq
