#include "deepq/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/core/archive.h"
#include "tests/golden.h"

namespace deepq {
namespace {

constexpr std::array<uint64_t, 8> kSeeds{
    0, 1, 2, 42, 12345, 4294967295, 4294967296, 9223372036854775808u,
};

const test::Golden& golden() {
  static const test::Golden file("numpy_random.safetensors");
  return file;
}

TEST(Random, SeedSequenceEqualsNumPys) {
  for (const uint64_t seed : kSeeds) {
    SCOPED_TRACE(seed);
    const std::string name = std::to_string(seed);
    const auto equal = [&](const SeedSequence& sequence, const std::string& key) {
      return std::ranges::equal(sequence.generate_state(8), golden().unsigned_ints(key));
    };
    EXPECT_TRUE(equal(SeedSequence(seed), "seq_" + name));
    EXPECT_TRUE(equal(SeedSequence(seed, {3}), "spawn3_" + name));
    EXPECT_TRUE(equal(SeedSequence(seed, {1, 7}), "spawn17_" + name));
  }
}

TEST(Random, DrawsEqualNumPysBitForBit) {
  for (const uint64_t seed : kSeeds) {
    SCOPED_TRACE(seed);
    const std::string name = std::to_string(seed);
    Random raw(seed), unit(seed), interval(seed);
    for (const uint64_t expected : golden().unsigned_longs("raw_" + name)) ASSERT_EQ(raw.next_u64(), expected);
    for (const double expected : golden().doubles("random_" + name)) ASSERT_EQ(unit.uniform(), expected);
    for (const double expected : golden().doubles("uniform_" + name))
      ASSERT_EQ(interval.uniform(-0.05, 0.05), expected);
    for (const uint64_t bound : {2u, 3u, 7u, 500u, 2147483648u}) {
      Random integers(seed);
      for (const int64_t expected : golden().longs("integers_" + name + "_" + std::to_string(bound)))
        ASSERT_EQ(integers.below(bound), static_cast<uint64_t>(expected)) << "below " << bound;
    }
  }
}

// Small integers take half a 64-bit draw and keep the other half; uniform() takes a whole one and leaves that half.
TEST(Random, MixedDrawsEqualNumPys) {
  for (const uint64_t seed : kSeeds) {
    Random random(seed);
    const auto expected = golden().doubles("mixed_" + std::to_string(seed));
    EXPECT_EQ(static_cast<double>(random.below(3)), expected[0]) << seed;
    EXPECT_EQ(random.uniform(), expected[1]) << seed;
    EXPECT_EQ(static_cast<double>(random.below(7)), expected[2]) << seed;
    EXPECT_EQ(static_cast<double>(random.below(7)), expected[3]) << seed;
    EXPECT_EQ(random.uniform(), expected[4]) << seed;
  }
}

TEST(Random, OtherSpawnKeyOtherStream) {
  Random plain(5), zero(5, {0}), one(5, {1});
  const uint64_t a = plain.next_u64(), b = zero.next_u64(), c = one.next_u64();
  EXPECT_NE(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(b, c);
}

// numpy.random.default_rng(42).integers(0, n, 4) with n = 2^32, 2^33 + 1 and 2^63 (NumPy 2.4.6).
TEST(Random, LargeBounds) {
  const auto draws = [](uint64_t bound) {
    Random random(42);
    return std::array{random.below(bound), random.below(bound), random.below(bound), random.below(bound)};
  };
  EXPECT_EQ(draws(uint64_t{1} << 32), (std::array<uint64_t, 4>{383329928, 3324115917, 2811363265, 1884968545}));
  EXPECT_EQ(draws((uint64_t{1} << 33) + 1), (std::array<uint64_t, 4>{6648231834, 3769937091, 7375299973, 5990345756}));
  EXPECT_EQ(draws(uint64_t{1} << 63), (std::array<uint64_t, 4>{7138484576005690180, 4047939128787533792,
                                                               7919168045412322066, 6432084778622665798}));
}

TEST(Random, BelowOneDrawsNothing) {
  Random random(9), untouched(9);
  EXPECT_EQ(random.below(1), 0u);
  EXPECT_EQ(random.next_u64(), untouched.next_u64());
}

// For three quarters of the generator's range, multiplying without rejecting would give every third number twice as
// often.
TEST(Random, BelowIsUnbiased) {
  constexpr int kDraws = 30'000;
  for (const uint64_t bound : {uint64_t{3} << 30, uint64_t{3} << 62}) {
    Random random(3);
    std::array<int, 3> counts{};
    for (int i = 0; i < kDraws; ++i) {
      const uint64_t value = random.below(bound);
      ASSERT_LT(value, bound);
      ++counts[value % 3];
    }
    for (const int count : counts) EXPECT_NEAR(count, kDraws / 3, 410) << bound;  // five standard deviations
  }
}

TEST(Random, RestoredStreamGoesOn) {
  Random random(17, {4});
  for (int i = 0; i < 5; ++i) random.next_u32();  // an odd number: half a draw is kept
  Archive saved;
  random.serialize(saved);
  Random restored(1);
  Archive loaded(saved.tensors());
  restored.serialize(loaded);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(restored.next_u32(), random.next_u32()) << i;
  for (int i = 0; i < 5; ++i) ASSERT_EQ(restored.next_u64(), random.next_u64()) << i;
}

}  // namespace
}  // namespace deepq
