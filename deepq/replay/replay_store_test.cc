#include "deepq/replay/replay_store.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr int64_t kSize = 3;

// Transition number n, from which every field can be told.
struct Numbered {
  explicit Numbered(int64_t n) : number(n) {
    for (size_t i = 0; i < kSize; ++i) {
      from[i] = static_cast<float>(n * 10) + static_cast<float>(i);
      to[i] = from[i] + 5;
    }
  }
  Transition transition() const {
    return {from, number % 7, static_cast<float>(number), static_cast<float>(number) / 2, to};
  }
  int64_t number;
  std::array<float, kSize> from{}, to{};
};

struct Batch {
  explicit Batch(size_t rows)
      : observations(rows * 16), next_observations(rows * 16), actions(rows), rewards(rows), discounts(rows) {}
  BatchBuffers buffers() { return {observations.data(), next_observations.data(), 16, actions, rewards, discounts}; }
  std::vector<float> observations, next_observations;
  std::vector<int32_t> actions;
  std::vector<float> rewards, discounts;
};

void expect_row(const Batch& batch, size_t row, int64_t number) {
  const Numbered expected(number);
  EXPECT_EQ(batch.actions[row], number % 7);
  EXPECT_EQ(batch.rewards[row], static_cast<float>(number));
  EXPECT_EQ(batch.discounts[row], static_cast<float>(number) / 2);
  for (size_t i = 0; i < kSize; ++i) {
    EXPECT_EQ(batch.observations[row * 16 + i], expected.from[i]);
    EXPECT_EQ(batch.next_observations[row * 16 + i], expected.to[i]);
  }
}

TEST(ReplayStore, GathersWhatWasPushed) {
  ReplayStore replay(10, kSize);
  for (int64_t n = 0; n < 6; ++n) replay.push(Numbered(n).transition());
  EXPECT_EQ(replay.size(), 6);
  Batch batch(3);
  replay.gather(std::array<int64_t, 3>{5, 0, 3}, batch.buffers());
  expect_row(batch, 0, 5);
  expect_row(batch, 1, 0);
  expect_row(batch, 2, 3);
}

TEST(ReplayStore, OverwritesTheOldestFirst) {
  ReplayStore replay(4, kSize);
  for (int64_t n = 0; n < 10; ++n) replay.push(Numbered(n).transition());
  EXPECT_EQ(replay.size(), 4);
  Batch batch(4);
  replay.gather(std::array<int64_t, 4>{0, 1, 2, 3}, batch.buffers());
  expect_row(batch, 0, 8);
  expect_row(batch, 1, 9);
  expect_row(batch, 2, 6);
  expect_row(batch, 3, 7);
}

TEST(ReplayStore, NothingIsReadBeforeItIsWritten) {
  ReplayStore replay(4, kSize);
  replay.push(Numbered(0).transition());
  Batch batch(1);
  EXPECT_THROW(replay.gather(std::array<int64_t, 1>{1}, batch.buffers()), std::logic_error);
}

TEST(ReplayStore, ASavedStoreGoesOnAsTheUnbrokenOne) {
  for (const int64_t pushed : {3, 4, 9}) {
    ReplayStore unbroken(4, kSize), resumed(4, kSize);
    for (int64_t n = 0; n < pushed; ++n) unbroken.push(Numbered(n).transition());
    Archive saved;
    unbroken.serialize(saved);
    Archive loading(saved.tensors());
    resumed.serialize(loading);
    for (ReplayStore* replay : {&unbroken, &resumed}) replay->push(Numbered(100).transition());
    ASSERT_EQ(resumed.size(), unbroken.size());
    Batch a(1), b(1);
    for (int64_t i = 0; i < unbroken.size(); ++i) {
      unbroken.gather(std::array<int64_t, 1>{i}, a.buffers());
      resumed.gather(std::array<int64_t, 1>{i}, b.buffers());
      EXPECT_EQ(a.observations, b.observations);
      EXPECT_EQ(a.rewards, b.rewards);
    }
  }
}

TEST(ReplayStore, ASavedStoreOfAnotherCapacityIsRefused) {
  ReplayStore large(8, kSize), small(4, kSize);
  for (int64_t n = 0; n < 8; ++n) large.push(Numbered(n).transition());
  Archive saved;
  large.serialize(saved);
  Archive loading(saved.tensors());
  EXPECT_THROW(small.serialize(loading), Error);
}

}  // namespace
}  // namespace deepq
