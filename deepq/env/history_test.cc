#include "deepq/env/history.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <limits>

#include "deepq/core/random.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

EnvSpec spec_of(const ObservationSpace& space, std::vector<int64_t> axes = {}) {
  const int64_t count = axes.empty() ? 3 : ActionSpace(axes).count();
  return {.id = "X-v0", .observation_space = space, .action_count = count, .action_axes = std::move(axes)};
}

std::vector<float> numbers_of(const ObservationSpace& space, std::span<const std::byte> row) {
  const ObservationLayout layout(space);
  std::vector<float> numbers(static_cast<size_t>(layout.size()));
  layout.put_numbers(ObservationRow(row), numbers);
  return numbers;
}

// An observation of small whole numbers.
std::vector<std::byte> drawn(const ObservationSpace& space, Random& random) {
  const ObservationLayout layout(space);
  std::vector<float> numbers(static_cast<size_t>(layout.size()));
  for (float& number : numbers) number = static_cast<float>(random.below(3));
  std::vector<std::byte> row(static_cast<size_t>(layout.row_bytes()));
  layout.take_numbers(numbers, row);
  return row;
}

// What the history has to hold, number by number: `at(time)` gives the numbers of a time, 0 the oldest.
using At = std::function<std::vector<float>(size_t time)>;
using Expected = std::function<std::vector<float>(const At& at)>;

void expect_stacks(const ObservationSpace& space, int64_t frames, const Expected& expected,
                   std::optional<bool> channels_first = {}) {
  const ObservationHistory history(spec_of(space), {.frame_stack = frames, .channels_first = channels_first});
  std::vector<std::byte> row(static_cast<size_t>(ObservationLayout(history.space()).row_bytes()));
  Random random(3);
  std::deque<std::vector<float>> last;
  for (int step = 0; step < 20; ++step) {
    const std::vector<std::byte> next = drawn(space, random);
    if (step % 7 == 0) {
      history.begin(ObservationRow(next), row);
      last.assign(static_cast<size_t>(frames), numbers_of(space, next));
    } else {
      history.add(ObservationRow(next), 0, 0, row);
      last.pop_front();
      last.push_back(numbers_of(space, next));
    }
    EXPECT_EQ(numbers_of(history.space(), row), expected([&](size_t time) { return last[time]; })) << step;
  }
}

std::vector<float> one_after_another(const At& at, size_t frames) {
  std::vector<float> all;
  for (size_t time = 0; time < frames; ++time)
    for (const float number : at(time)) all.push_back(number);
  return all;
}

TEST(ObservationHistory, NumbersAndGridsGetANewFirstDimension) {
  for (const auto& space : {ObservationSpace::real({2}), ObservationSpace::real({2, 3}), ObservationSpace::bytes({5}),
                            ObservationSpace::real({1, 2, 3, 2})})
    expect_stacks(space, 3, [](const At& at) { return one_after_another(at, 3); });
  const ObservationLeaf leaf =
      ObservationHistory(spec_of(ObservationSpace::real({2, 3})), {.frame_stack = 4}).space().leaf();
  EXPECT_EQ(leaf.shape, (std::vector<int64_t>{4, 2, 3}));
  EXPECT_TRUE(leaf.has_channels_first());
}

TEST(ObservationHistory, GridsOfBytesAreFramesThatReplayKeepsOnce) {
  const ObservationSpace grid = ObservationSpace::bytes({4, 5});
  const ObservationSpace stacked = ObservationHistory(spec_of(grid), {.frame_stack = 4}).space();
  EXPECT_EQ(stacked.frames_in_stack(), 4);
  expect_stacks(grid, 4, [](const At& at) { return one_after_another(at, 4); });
  // Beside others no stack is kept so.
  const ObservationSpace beside = ObservationHistory(spec_of(grid), {.frame_stack = 4, .last_reward = true}).space();
  EXPECT_EQ(beside.leaf().kind, ObservationKind::kBytes);
  EXPECT_TRUE(beside.leaf().has_channels_first());
}

TEST(ObservationHistory, PicturesAreStackedAlongTheirChannels) {
  const Expected interleaved = [](const At& at) {
    std::vector<float> all;
    for (size_t pixel = 0; pixel < 12; ++pixel)
      for (size_t time = 0; time < 3; ++time)
        for (size_t channel = 0; channel < 2; ++channel) all.push_back(at(time)[2 * pixel + channel]);
    return all;
  };
  const ObservationSpace picture = ObservationSpace::bytes({3, 4, 2});
  expect_stacks(picture, 3, interleaved);
  expect_stacks(
      picture, 3, [](const At& at) { return one_after_another(at, 3); }, true);
  expect_stacks(ObservationSpace::real({2, 4, 3}), 3, [](const At& at) { return one_after_another(at, 3); });
  const auto shape_of = [&](std::optional<bool> first) {
    return ObservationHistory(spec_of(picture), {.frame_stack = 3, .channels_first = first}).space().shape();
  };
  EXPECT_EQ(shape_of({}), (std::vector<int64_t>{3, 4, 6}));
  EXPECT_EQ(shape_of(true), (std::vector<int64_t>{9, 4, 2}));
}

TEST(ObservationHistory, OfAStateThereIsALeafForEachTime) {
  ObservationSpace wheels(
      {{.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 3, .start = 5, .name = "wheels[0]"},
       {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 3, .name = "wheels[1]"},
       {.kind = ObservationKind::kBytes, .shape = {3}, .name = "colour"}});
  const ObservationSpace space = ObservationHistory(spec_of(wheels), {.frame_stack = 2}).space();
  std::vector<std::string> names;
  for (const ObservationLeaf& leaf : space.seen()) names.push_back(leaf.name);
  EXPECT_EQ(names, (std::vector<std::string>{"wheels[0,0]", "wheels[1,0]", "wheels[0,1]", "wheels[1,1]", "colour"}));
  EXPECT_EQ(space.leaves()[1].start, 5);
  expect_stacks(wheels, 2, [](const At& at) {
    const std::vector<float> then = at(0), now = at(1);
    return std::vector<float>{then[0], now[0], then[1], now[1], then[2], then[3], then[4], now[2], now[3], now[4]};
  });
}

TEST(ObservationHistory, ActionsAndRewardsAreThoseThatLedThere) {
  const EnvSpec spec = spec_of(ObservationSpace::real({1}), {3, 2});
  const ObservationHistory history(spec, {.frame_stack = 2, .last_action = true, .last_reward = true});
  const auto seen = [&](const std::vector<std::byte>& row) { return numbers_of(history.space(), row); };
  std::vector<std::byte> row(static_cast<size_t>(ObservationLayout(history.space()).row_bytes()));
  const auto observe = [](float number) {
    std::vector<std::byte> bytes(sizeof(float));
    std::memcpy(bytes.data(), &number, sizeof(float));
    return bytes;
  };
  std::vector<std::string> names;
  for (const ObservationLeaf& leaf : history.space().seen()) names.push_back(leaf.name);
  EXPECT_EQ(names, (std::vector<std::string>{"observation", "last_action[0,0]", "last_action[1,0]", "last_action[0,1]",
                                             "last_action[1,1]", "last_reward"}));
  history.begin(ObservationRow(observe(7)), row);
  EXPECT_EQ(seen(row), (std::vector<float>{7, 7, 0, 0, 0, 0, 0, 0}));
  history.add(ObservationRow(observe(8)), 5, -0.5, row);  // 2 on the first axis, 1 on the second
  EXPECT_EQ(seen(row), (std::vector<float>{7, 8, 0, 3, 0, 2, 0, -0.5}));
  history.add(ObservationRow(observe(9)), 2, 1e300, row);  // 1 and 0
  EXPECT_EQ(seen(row), (std::vector<float>{8, 9, 3, 2, 2, 1, -0.5, std::numeric_limits<float>::max()}));
}

TEST(ObservationHistory, WhatCannotBeIsRefused) {
  EXPECT_EQ(error_of([] {
              ObservationHistory(spec_of(ObservationSpace::frames({4, 8, 8})), {.frame_stack = 2});
            }),
            "env.frame_stack is 2; allowed for X-v0, whose observations are stacks of 4 frames: 1");
  const ObservationSpace own({{.shape = {1}, .name = "last_reward"}, {.shape = {1}, .name = "other"}});
  EXPECT_EQ(error_of([&] { ObservationHistory(spec_of(own), {.last_reward = true}); }),
            "environment 'X-v0', with its history: two parts of an observation are called 'last_reward'");
}

constexpr HistoryOptions kAll{.frame_stack = 3, .last_action = true, .last_reward = true};

std::vector<std::byte> bytes_of(const ObservationRows& rows) { return {rows.bytes().begin(), rows.bytes().end()}; }

void expect_same(const VectorEnv& one, const VectorEnv& other) {
  ASSERT_EQ(bytes_of(one.observations()), bytes_of(other.observations()));
  ASSERT_EQ(bytes_of(one.next_observations()), bytes_of(other.next_observations()));
  ASSERT_EQ(one.rewards()[0], other.rewards()[0]);
  ASSERT_EQ(one.ended(0), other.ended(0));
  ASSERT_EQ(one.episode_return(1), other.episode_return(1));
  ASSERT_EQ(one.episode_length(1), other.episode_length(1));
}

std::vector<int64_t> draw_actions(const VectorEnv& env, Random& random) {
  std::vector<int64_t> actions(static_cast<size_t>(env.count()));
  for (size_t i = 0; i < actions.size(); ++i) {
    actions[i] = static_cast<int64_t>(random.below(static_cast<uint64_t>(env.spec().action_count)));
    while (!env.observations().legal(static_cast<int64_t>(i))(static_cast<size_t>(actions[i])))
      actions[i] = (actions[i] + 1) % env.spec().action_count;
  }
  return actions;
}

// Around each copy, or around all of them together.
TEST(History, OfCopiesAndOfTheirVectorIsTheSame) {
  EnvOptions options;
  options.taxi.action_mask = true;
  for (const char* id : {"CartPole-v1", "Taxi-v4", "TicTacToe-v0", "MinAtar/Breakout-v1", "FrozenLake-v1"}) {
    SCOPED_TRACE(id);
    const EnvFactory make = find_env(id, options);
    SyncVectorEnv copies(with_history(kAll, make), 2, 5, 17);
    const auto together = with_history(kAll, std::make_unique<SyncVectorEnv>(make, 2, 5, 17));
    EXPECT_EQ(copies.spec().observation_space, together->spec().observation_space);
    EXPECT_EQ(copies.spec().observation_space.legal_actions(), make()->spec().observation_space.legal_actions());
    Random random(9);
    for (int step = 0; step < 200; ++step) {
      const std::vector<int64_t> actions = draw_actions(copies, random);
      copies.step(actions);
      together->step(actions);
      expect_same(copies, *together);
    }
  }
}

TEST(History, GoesOnFromWhereItWasSaved) {
  const EnvFactory make = find_env("CartPole-v1");
  const auto vector = [&] { return with_history(kAll, std::make_unique<SyncVectorEnv>(make, 2, 5)); };
  const auto copies = [&]() -> std::unique_ptr<VectorEnv> {
    return std::make_unique<SyncVectorEnv>(with_history(kAll, make), 2, 5);
  };
  for (const auto& make_one : std::vector<std::function<std::unique_ptr<VectorEnv>()>>{vector, copies}) {
    const auto one = make_one(), other = make_one();
    Random random(2);
    for (int step = 0; step < 37; ++step) one->step(draw_actions(*one, random));
    Archive saved;
    one->serialize(saved);
    Archive loaded(saved.tensors());
    other->serialize(loaded);
    EXPECT_TRUE(other->restored_exactly());
    expect_same(*one, *other);
    for (int step = 0; step < 60; ++step) {
      const std::vector<int64_t> actions = draw_actions(*one, random);
      one->step(actions);
      other->step(actions);
      expect_same(*one, *other);
    }
  }
}

// Counts its steps, and cannot be saved.
struct Forgetful : Env {
  const EnvSpec& spec() const override {
    static const EnvSpec kSpec{
        .id = "Forgetful-v0", .observation_space = ObservationSpace::real({1}), .action_count = 2};
    return kSpec;
  }
  std::span<const float> reset(std::optional<uint64_t>) override {
    count = 0;
    return {&count, 1};
  }
  Step step(int64_t) override {
    ++count;
    return {.observation = {&count, 1}, .reward = 1};
  }
  float count = 0;
};

TEST(History, OfWhatCannotBeRestoredBeginsAnew) {
  const auto make = [] { return std::make_unique<Forgetful>(); };
  const auto vector = [&] { return with_history(kAll, std::make_unique<SyncVectorEnv>(make, 2, 5)); };
  const auto one = vector(), other = vector();
  for (int step = 0; step < 5; ++step) one->step(std::vector<int64_t>{1, 0});
  Archive saved;
  one->serialize(saved);
  Archive loaded(saved.tensors());
  other->serialize(loaded);
  EXPECT_FALSE(other->restored_exactly());
  EXPECT_EQ(bytes_of(other->observations()), bytes_of(vector()->observations()));
}

TEST(History, WithoutOptionsIsNotThere) {
  auto env = std::make_unique<SyncVectorEnv>(find_env("CartPole-v1"), 1, 0);
  const VectorEnv* const plain = env.get();
  EXPECT_EQ(with_history({}, std::unique_ptr<VectorEnv>(std::move(env))).get(), plain);
  EXPECT_FALSE(with_history(kAll, EnvFactory{}));
}

}  // namespace
}  // namespace deepq
