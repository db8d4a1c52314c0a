#include "deepq/replay/replay_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/random.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

constexpr int64_t kSize = 3;
const ObservationLayout kReals(ObservationSpace::real({kSize}));

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
  BatchBuffers buffers() {
    return {{observations.data(), 16}, {next_observations.data(), 16}, actions, rewards, discounts};
  }
  std::vector<float> observations, next_observations;
  std::vector<int64_t> actions;
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
  ReplayStore replay(10, kReals);
  for (int64_t n = 0; n < 6; ++n) replay.push(Numbered(n).transition());
  EXPECT_EQ(replay.size(), 6);
  Batch batch(3);
  replay.gather(std::array<int64_t, 3>{5, 0, 3}, batch.buffers());
  expect_row(batch, 0, 5);
  expect_row(batch, 1, 0);
  expect_row(batch, 2, 3);
}

TEST(ReplayStore, OverwritesTheOldestFirst) {
  ReplayStore replay(4, kReals);
  EXPECT_EQ(replay.newest(), -1);
  for (int64_t n = 0; n < 10; ++n) {
    EXPECT_EQ(replay.push(Numbered(n).transition()), n % 4);
    EXPECT_EQ(replay.newest(), n % 4);
  }
  EXPECT_EQ(replay.size(), 4);
  Batch batch(4);
  replay.gather(std::array<int64_t, 4>{0, 1, 2, 3}, batch.buffers());
  expect_row(batch, 0, 8);
  expect_row(batch, 1, 9);
  expect_row(batch, 2, 6);
  expect_row(batch, 3, 7);
}

TEST(ReplayStore, NothingIsReadBeforeItIsWritten) {
  ReplayStore replay(4, kReals);
  replay.push(Numbered(0).transition());
  Batch batch(1);
  EXPECT_THROW(replay.gather(std::array<int64_t, 1>{1}, batch.buffers()), std::logic_error);
}

TEST(ReplayStore, ASavedStoreGoesOnAsTheUnbrokenOne) {
  for (const int64_t pushed : {3, 4, 9}) {
    ReplayStore unbroken(4, kReals), resumed(4, kReals);
    for (int64_t n = 0; n < pushed; ++n) unbroken.push(Numbered(n).transition());
    Archive saved;
    unbroken.serialize(saved, 1000);
    Archive loading(saved.tensors());
    resumed.serialize(loading, 1000);
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

TEST(ReplayStore, MoreThanTheMemoryIsRefusedByItsKey) {
  EXPECT_EQ(test::error_of([] { ReplayStore(int64_t{1} << 50, ObservationSpace::real({4})); }),
            "replay.capacity is 1125899906842624, which takes 49539595901075456 bytes; allowed: what this machine has "
            "memory for");
  EXPECT_EQ(test::error_of([] { ReplayStore(int64_t{1} << 50, ObservationSpace::real({1 << 28})); }),
            "replay.capacity is 1125899906842624, which takes over 2^63 bytes; allowed: what this machine has memory "
            "for");
}

TEST(ReplayStore, ASavedStoreOfAnotherCapacityIsRefused) {
  ReplayStore large(8, kReals), small(4, kReals);
  for (int64_t n = 0; n < 8; ++n) large.push(Numbered(n).transition());
  Archive saved;
  large.serialize(saved, 1000);
  Archive loading(saved.tensors());
  EXPECT_THROW(small.serialize(loading, 1000), Error);
}

// As when replay.capacity was raised before a resume: the ring ends its round and then grows.
TEST(ReplayStore, ALargerStoreGoesOnFromAFullOne) {
  ReplayStore small(4, kReals), large(8, kReals);
  for (int64_t n = 0; n < 6; ++n) small.push(Numbered(n).transition());
  Archive saved;
  small.serialize(saved, 1000);
  Archive loading(saved.tensors());
  large.serialize(loading, 1000);
  for (int64_t n = 6; n < 11; ++n) {
    large.push(Numbered(n).transition());
    EXPECT_EQ(large.size(), n < 8 ? 4 : n - 3);
    Batch batch(1);
    for (int64_t i = 0; i < large.size(); ++i) {
      large.gather(std::array<int64_t, 1>{i}, batch.buffers());
      EXPECT_GE(batch.rewards[0], 2) << "never one that was not written";
    }
  }
}

TEST(ReplayStore, SavesThatDoNotFitAreRefused) {
  ReplayStore store(4, kReals);
  for (int64_t n = 0; n < 3; ++n) store.push(Numbered(n).transition());
  Archive saved;
  store.serialize(saved, 3);
  const auto refusal = [&](const std::string& name, auto value) {
    TensorMap tensors = saved.tensors();
    std::vector<std::byte> bytes(tensors.at(name).bytes.begin(), tensors.at(name).bytes.end());
    std::memcpy(&bytes[bytes.size() / 3 * 2 % bytes.size()], &value, sizeof value);
    tensors.at(name).bytes = bytes;
    Archive loading(tensors);
    ReplayStore damaged(4, kReals);
    return test::error_of([&] { damaged.serialize(loading, 3); });
  };
  // Of the third of three records.
  for (const int32_t action : {-1, 3, INT32_MIN, INT32_MAX})
    EXPECT_EQ(refusal("replay/records", action),
              "the saved state's 'replay/records: an action' is " + std::to_string(action) + "; allowed: 0 to 2");
  EXPECT_EQ(refusal("replay/records", int32_t{2}), "no error");
}

TEST(ReplayStore, ActionsOfManyAxesAreKeptWhole) {
  const ActionSpace actions(std::vector<int64_t>(10, 11));
  const std::array<int64_t, 4> all{0, INT32_MAX, int64_t{1} << 31, actions.count() - 1};
  for (const ObservationSpace& space : {ObservationSpace::real({2}), ObservationSpace::bytes({2, 1, 1})}) {
    ReplayStore store(4, space, action_width_of(actions));
    const std::vector<std::byte> row(static_cast<size_t>(ObservationLayout(space).row_bytes()));
    for (const int64_t action : all) store.push({ObservationRow(row), action, 1, 0.5f, ObservationRow(row)});
    Archive saved;
    store.serialize(saved, actions);
    ReplayStore resumed(4, space, action_width_of(actions));
    Archive loading(saved.tensors());
    resumed.serialize(loading, actions);
    for (int64_t i = 0; i < 4; ++i) {
      std::array<float, 4> rows{};
      int64_t action = 0;
      float reward = 0, discount = 0;
      resumed.gather(std::array{i},
                     {{rows.data(), 2}, {rows.data() + 2, 2}, {&action, 1}, {&reward, 1}, {&discount, 1}});
      EXPECT_EQ(action, all[static_cast<size_t>(i)]);
      EXPECT_EQ(reward, 1);
      EXPECT_EQ(discount, 0.5f);
    }
    Archive fewer(saved.tensors());
    ReplayStore refusing(4, space, action_width_of(actions));
    EXPECT_EQ(test::error_of([&] {
                refusing.serialize(fewer, ActionSpace({1 << 16, 1 << 16}));
              }),
              "the saved state's 'replay/records: an action' is 25937424600; allowed: 0 to 4294967295");
  }
}

std::vector<uint8_t> random_bytes(Random& random, int64_t count) {
  std::vector<uint8_t> result(static_cast<size_t>(count));
  for (uint8_t& value : result) value = static_cast<uint8_t>(random.below(256));
  return result;
}

// The same pushes into a store of floats and one of bytes, across the ring's end and a save.
TEST(ReplayStore, AStoreOfBytesHandsOutWhatAStoreOfFloatsDoes) {
  Random random(1);
  for (int64_t size = 1; size <= 70; ++size) {
    constexpr int64_t kCapacity = 13;
    const ObservationSpace of_bytes = ObservationSpace::bytes({size});
    ReplayStore floats(kCapacity, ObservationSpace::real({size})), bytes(kCapacity, of_bytes);
    for (int64_t pushed = 0; pushed < 40; ++pushed) {
      const std::vector<uint8_t> from = random_bytes(random, size), to = random_bytes(random, size);
      const std::vector<float> from_floats(from.begin(), from.end()), to_floats(to.begin(), to.end());
      Transition transition{from, static_cast<int64_t>(random.below(18)), static_cast<float>(random.uniform()),
                            static_cast<float>(random.uniform()), to};
      const int64_t at = bytes.push(transition);
      transition.observation = from_floats;
      transition.next_observation = to_floats;
      ASSERT_EQ(at, floats.push(transition));
      if (pushed % 9 == 0) {
        Archive saved;
        bytes.serialize(saved, 1000);
        ReplayStore resumed(kCapacity, of_bytes);
        Archive loading(saved.tensors());
        resumed.serialize(loading, 1000);
        bytes = std::move(resumed);
      }
      for (int64_t i = 0; i < floats.size(); ++i) {
        std::vector<float> rows[4] = {std::vector<float>(static_cast<size_t>(size)), {}, {}, {}};
        rows[1] = rows[2] = rows[3] = rows[0];
        int64_t actions[2];
        float rewards[2], discounts[2];
        const std::array<int64_t, 1> index{i};
        floats.gather(index,
                      {{rows[0].data(), size}, {rows[1].data(), size}, {actions, 1}, {rewards, 1}, {discounts, 1}});
        bytes.gather(
            index,
            {{rows[2].data(), size}, {rows[3].data(), size}, {actions + 1, 1}, {rewards + 1, 1}, {discounts + 1, 1}});
        ASSERT_EQ(rows[2], rows[0]) << size;
        ASSERT_EQ(rows[3], rows[1]) << size;
        ASSERT_EQ(actions[1], actions[0]);
        ASSERT_EQ(rewards[1], rewards[0]);
        ASSERT_EQ(discounts[1], discounts[0]);
      }
    }
  }
}

// The column that is 1 of a batch's first row.
int64_t hot_column(const ReplayStore& replay, int64_t index, size_t states, bool next) {
  std::vector<float> rows[2] = {std::vector<float>(states), std::vector<float>(states)};
  int64_t action;
  float reward, discount;
  const auto stride = static_cast<int64_t>(states);
  replay.gather(std::array{index},
                {{rows[0].data(), stride}, {rows[1].data(), stride}, {&action, 1}, {&reward, 1}, {&discount, 1}});
  const std::vector<float>& row = rows[next ? 1 : 0];
  EXPECT_EQ(std::ranges::count(row, 0.0f), stride - 1);
  return std::ranges::find(row, 1.0f) - row.begin();
}

TEST(ReplayStore, StatesBecomeOneHotWhenTheyAreGathered) {
  ReplayStore replay(4, ObservationSpace::discrete(5));
  for (int64_t state = 0; state < 4; ++state) replay.push({std::array{state}, 1, 2.0f, 0.5f, std::array{state + 1}});
  for (int64_t state = 0; state < 4; ++state) {
    EXPECT_EQ(hot_column(replay, state, 5, false), state);
    EXPECT_EQ(hot_column(replay, state, 5, true), state + 1);
  }
  EXPECT_EQ(ReplayStore::bytes(10, ObservationSpace::discrete(5)), 10 * 32) << "a state lies where an int64 may";
}

// Of before states were kept as integers: records of five floats.
TEST(ReplayStore, AnOlderFilesStatesAreFloats) {
  ReplayStore replay(4, ObservationSpace::discrete(5));
  int64_t size = 2, next = 2;
  std::vector<float> records{std::bit_cast<float>(1), 2, 0.5f, 3, 4, std::bit_cast<float>(0), 7, 0.25f, 1, 0};
  const auto load = [&] {
    Archive saved;
    const auto scope = saved.scope("replay");
    saved.value("size", size, kCount);
    saved.value("next", next, kCount);
    saved.array("records", records, {2, 5});
    Archive loading(saved.tensors());
    replay.serialize(loading, 2);
  };
  load();
  EXPECT_EQ(hot_column(replay, 0, 5, false), 3);
  EXPECT_EQ(hot_column(replay, 0, 5, true), 4);
  EXPECT_EQ(hot_column(replay, 1, 5, false), 1);
  records[4] = 5;
  EXPECT_EQ(test::error_of(load), "the observation is 5; allowed: 0 to 4");
}

TEST(ReplayStore, BytesTakeAQuarter) {
  EXPECT_EQ(ReplayStore::bytes(10, ObservationSpace::real({400})), 10 * (12 + 2 * 400 * 4));
  EXPECT_EQ(ReplayStore::bytes(10, ObservationSpace::bytes({400})), 10 * (12 + 2 * 400));
  EXPECT_EQ(ReplayStore::bytes(10, ObservationSpace::bytes({3})), 10 * (12 + 8));  // whole floats
}

}  // namespace
}  // namespace deepq
