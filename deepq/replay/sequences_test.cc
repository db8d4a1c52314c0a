// From steps to sequences and back as batches, against a list of all steps.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "deepq/core/random.h"
#include "deepq/replay/n_step.h"
#include "deepq/replay/sequence_builder.h"

namespace deepq {
namespace {

const ObservationSpace kSpace = ObservationSpace::real({1});
constexpr double kGamma = 0.5;

// What happened: observation and memory of a step are its number, over all episodes; its reward that number, too.
struct Steps {
  std::vector<int64_t> episode_begins, episode_ends;  // of each episode: its first step, and the one behind its last
  std::vector<bool> truly;                            // whether it ended at a true end
};

// Plays episodes of one environment into a builder.
class Player {
 public:
  explicit Player(const SequenceShape& shape)
      : shape_(shape), format_(shape, kSpace), builder_(1, format_), windows_(1, shape.n_step, kGamma, kSpace) {}

  void play(int64_t length, bool truly) {
    steps.episode_begins.push_back(next_);
    for (int64_t i = 0; i < length; ++i) step(i + 1 == length, truly);
    steps.episode_ends.push_back(next_);
    steps.truly.push_back(truly);
    ++next_;  // the last observation has a number of its own
  }
  // One step of an episode that goes on, or not.
  void step(bool last, bool truly) {
    const std::array now{static_cast<float>(next_)}, then{static_cast<float>(next_ + 1)};
    const std::vector<float> memory(static_cast<size_t>(shape_.memory_size), static_cast<float>(next_));
    const auto keep = [&](std::span<const std::byte> record) { records.emplace_back(record.begin(), record.end()); };
    const StepRecord record{.observation = ObservationRow(now),
                            .action = next_ % 3,
                            .reward = static_cast<double>(next_),
                            .terminated = last && truly,
                            .truncated = last && !truly,
                            .next_observation = ObservationRow(then)};
    builder_.begin_step(0, record.observation, memory);
    windows_.add(0, record, [&](const Transition& transition) { builder_.add(0, transition, keep); });
    if (last) builder_.end_episode(0, keep);
    ++next_;
  }

  const SequenceFormat& format() const { return format_; }
  SequenceBuilder& builder() { return builder_; }
  NStepAccumulator& windows() { return windows_; }

  Steps steps;
  std::vector<std::vector<std::byte>> records;

 private:
  SequenceShape shape_;
  SequenceFormat format_;
  SequenceBuilder builder_;
  NStepAccumulator windows_;
  int64_t next_ = 1;
};

// A batch of some records, gathered by a store.
struct Batch {
  Batch(const SequenceFormat& format, int64_t sequences)
      : observations(static_cast<size_t>(format.shape().steps() * sequences), -1.0f),
        before(static_cast<size_t>(sequences * format.shape().memory_size)),
        learnt_from(static_cast<size_t>(sequences)),
        rows(static_cast<size_t>(sequences * format.shape().length)),
        next_rows(rows),
        of_sequence(rows),
        actions(rows),
        rewards(rows.size()),
        discounts(rows.size()) {}
  SequenceBuffers buffers() {
    return {{observations.data(), 1}, before, learnt_from, rows, next_rows, of_sequence, actions, rewards, discounts};
  }

  std::vector<float> observations, before;
  std::vector<int64_t> learnt_from, rows, next_rows, of_sequence, actions;
  std::vector<float> rewards, discounts;
};

struct Case {
  int64_t burn_in, length, overlap, n_step;
};

class SequencesTest : public ::testing::TestWithParam<Case> {
 protected:
  SequenceShape shape() const {
    const auto [burn_in, length, overlap, n_step] = GetParam();
    return {.burn_in = burn_in, .length = length, .overlap = overlap, .n_step = n_step, .memory_size = 2};
  }
};

TEST_P(SequencesTest, HoldEveryStepWithItsPast) {
  Player player(shape());
  Random random(3);
  for (int i = 0; i < 60; ++i) player.play(1 + static_cast<int64_t>(random.below(30)), random.below(2) == 0);
  SequenceStore store(static_cast<int64_t>(player.records.size()) * shape().period(), player.format());
  for (const auto& record : player.records) store.push(record);
  ASSERT_EQ(store.size(), static_cast<int64_t>(player.records.size()));
  std::map<int64_t, int> learnt;
  for (int64_t index = 0; index < store.size(); ++index) {
    Batch batch(player.format(), 1);
    const auto count = static_cast<size_t>(store.gather({&index, 1}, batch.buffers()));
    ASSERT_GT(count, 0u);
    const auto first = static_cast<int64_t>(batch.observations[0]);
    size_t episode = 0;
    while (player.steps.episode_ends[episode] <= first) ++episode;
    const int64_t begin = player.steps.episode_begins[episode], end = player.steps.episode_ends[episode];
    EXPECT_EQ(batch.before, std::vector<float>(2, static_cast<float>(first)));
    const int64_t burn_in = batch.learnt_from[0];
    // As long as the episode allows.
    EXPECT_EQ(burn_in, std::min(shape().burn_in, first + burn_in - begin));
    for (size_t i = 0; i < count; ++i) {
      const int64_t step = first + burn_in + static_cast<int64_t>(i);
      ++learnt[step];
      EXPECT_EQ(batch.rows[i], burn_in + static_cast<int64_t>(i));
      EXPECT_EQ(batch.observations[static_cast<size_t>(batch.rows[i])], static_cast<float>(step));
      EXPECT_EQ(batch.actions[i], step % 3);
      const int64_t after = std::min(step + shape().n_step, end);
      EXPECT_EQ(batch.observations[static_cast<size_t>(batch.next_rows[i])], static_cast<float>(after));
      double reward = 0;
      for (int64_t k = step; k < after; ++k)
        reward += std::pow(kGamma, static_cast<double>(k - step)) * static_cast<double>(k);
      EXPECT_EQ(batch.rewards[i], static_cast<float>(reward));
      const bool ends = after == end && player.steps.truly[episode];
      EXPECT_EQ(batch.discounts[i], ends ? 0 : static_cast<float>(std::pow(kGamma, static_cast<double>(after - step))));
    }
  }
  // Each step of an episode is learnt from once, and those that sequences share twice (or more, of long overlaps).
  const int most = static_cast<int>((shape().length + shape().period() - 1) / shape().period());
  for (size_t e = 0; e < player.steps.episode_begins.size(); ++e)
    for (int64_t step = player.steps.episode_begins[e]; step < player.steps.episode_ends[e]; ++step) {
      EXPECT_GE(learnt[step], 1) << step;
      EXPECT_LE(learnt[step], most) << step;
    }
}

TEST_P(SequencesTest, GoOnWhereTheyWereSaved) {
  Player player(shape());
  player.play(17, true);
  for (int i = 0; i < 13; ++i) player.step(false, false);
  Player again(shape());
  const auto copy = [](Player& from, Player& to) {
    Archive saved;
    from.builder().serialize(saved, 3);
    from.windows().serialize(saved, 3);
    Archive loaded(saved.tensors());
    to.builder().serialize(loaded, 3);
    to.windows().serialize(loaded, 3);
  };
  // The other one's steps have other numbers before, the same ones from then on.
  again.play(17, true);
  for (int i = 0; i < 13; ++i) again.step(false, false);
  again.builder().clear();
  copy(player, again);
  player.records.clear(), again.records.clear();
  for (int i = 0; i < 40; ++i) player.step(i == 39, true), again.step(i == 39, true);
  EXPECT_EQ(player.records, again.records);
  EXPECT_FALSE(player.records.empty());
}

INSTANTIATE_TEST_SUITE_P(Shapes, SequencesTest,
                         ::testing::Values(Case{0, 1, 0, 1}, Case{0, 8, 0, 1}, Case{3, 8, 4, 1}, Case{10, 4, 2, 3},
                                           Case{4, 8, 0, 5}, Case{0, 5, 4, 2}, Case{40, 64, 0, 5}),
                         [](const auto& test) {
                           const Case& c = test.param;
                           return std::to_string(c.burn_in) + "_" + std::to_string(c.length) + "_" +
                                  std::to_string(c.overlap) + "_" + std::to_string(c.n_step);
                         });

TEST(Sequences, LieStepByStepInABatch) {
  Player player({.burn_in = 1, .length = 2, .n_step = 1, .memory_size = 1});
  player.play(2, true);   // 1, 2, and 3 behind them
  player.play(1, false);  // 4, and 5
  SequenceStore store(10, player.format());
  for (const auto& record : player.records) store.push(record);
  Batch batch(player.format(), 2);
  const std::array<int64_t, 2> indices{1, 0};
  EXPECT_EQ(store.gather(indices, batch.buffers()), 3);
  EXPECT_EQ(batch.observations, (std::vector<float>{4, 1, 5, 2, -1, 3, -1, -1}));
  EXPECT_EQ(batch.before, (std::vector<float>{4, 1}));
  EXPECT_EQ(batch.rows[1], 1);
  EXPECT_EQ(batch.next_rows[1], 3);
  EXPECT_EQ(batch.of_sequence[0], 0);
  EXPECT_EQ(batch.of_sequence[2], 1);
}

TEST(Sequences, BeginWithNothingWhereNoStateIsStored) {
  Player player({.length = 2, .memory_size = 1, .keeps_memory = false});
  player.play(2, true);
  SequenceStore store(10, player.format());
  store.push(player.records.at(0));
  Batch batch(player.format(), 1);
  const int64_t index = 0;
  batch.before[0] = 7;
  store.gather({&index, 1}, batch.buffers());
  EXPECT_EQ(batch.before[0], 0);
}

TEST(Sequences, TheOldestAreOverwritten) {
  Player player({.length = 2, .memory_size = 1});
  for (int i = 0; i < 5; ++i) player.play(2, true);
  SequenceStore store(6, player.format());
  EXPECT_EQ(store.capacity(), 3);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(store.push(player.records.at(i)), static_cast<int64_t>(i % 3));
  EXPECT_EQ(store.size(), 3);
  EXPECT_EQ(store.newest(), 1);
}

TEST(Sequences, DamagedFilesAreRefused) {
  Player player({.burn_in = 1, .length = 2, .n_step = 1, .memory_size = 1});
  player.play(2, true);
  const auto refusal = [&](auto&& damage) -> std::string {
    std::vector<std::byte> record = player.records.at(0);
    damage(player.format(), record.data());
    SequenceStore store(10, player.format()), loaded(10, player.format());
    store.push(record);
    Archive saved;
    store.serialize(saved, 3);
    Archive archive(saved.tensors());
    try {
      loaded.serialize(archive, 3);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([](auto&, auto*) {}), "");
  EXPECT_EQ(refusal([](auto& format, auto* record) { format.head(record).burn_in = 2; }),
            "replay sequence 0: its burn-in is 2; allowed: 0 to 1");
  EXPECT_EQ(refusal([](auto& format, auto* record) { format.head(record).learnt = 3; }),
            "replay sequence 0: its length is 3; allowed: 0 to 2");
  EXPECT_EQ(refusal([](auto& format, auto* record) { format.step(record, 0).action = 3; }),
            "replay sequence 0: an action is 3; allowed: 0 to 2");
  EXPECT_EQ(refusal([](auto& format, auto* record) { format.step(record, 1).steps = 0; }),
            "replay sequence 0: the steps of a window is 0; allowed: 1 to 1");
}

TEST(MixedErrors, AreOfLargestAndMean) {
  const std::array errors{1.0f, -3.0f, 2.0f, 5.0f};
  const std::array<int64_t, 4> of{0, 0, 0, 2};
  std::array<float, 3> mixed{9, 9, 9};
  mix_errors(errors, of, 0.9, mixed);
  EXPECT_FLOAT_EQ(mixed[0], 0.9f * 3 + 0.1f * 2);
  EXPECT_EQ(mixed[1], 0);
  EXPECT_FLOAT_EQ(mixed[2], 5);
  const std::array broken{1.0f, std::numeric_limits<float>::quiet_NaN(), 2.0f, 1.0f};
  mix_errors(broken, of, 0.9, mixed);
  EXPECT_TRUE(std::isnan(mixed[0]));
}

}  // namespace
}  // namespace deepq
