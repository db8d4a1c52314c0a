#include "deepq/replay/frame_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/random.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

enum class Padding { kBlack, kRepeat, kAny };

using Pixels = std::vector<uint8_t>;

constexpr int64_t kActions = 18;

// Episodes of random frames, seen as stacks. Few levels of grey make equal frames, many make all of them different.
class World {
 public:
  World(const FrameShape& shape, Padding padding, int64_t levels, int64_t mean_length, Random& random)
      : shape_(shape), padding_(padding), levels_(levels), mean_length_(mean_length), random_(random) {
    reset();
  }

  struct Moved {
    Pixels observation, next_observation;
    int64_t action;
    double reward;
    bool terminated, truncated;
    StepRecord record() const { return {observation, action, reward, terminated, truncated, next_observation}; }
  };

  Moved step() {
    Moved moved{
        stack(), {}, draw(kActions), random_.uniform(-1, 1), draw(mean_length_) == 0, draw(2 * mean_length_) == 0};
    frames_.pop_front();
    frames_.push_back(frame());
    moved.next_observation = stack();
    const bool jump =
        draw(8 * mean_length_) == 0;  // to another place without an end, as an environment that was interfered with
    if (moved.terminated || moved.truncated || jump) reset();
    return moved;
  }

 private:
  int64_t draw(int64_t count) { return static_cast<int64_t>(random_.below(static_cast<uint64_t>(count))); }
  Pixels frame() {
    Pixels pixels(static_cast<size_t>(shape_.frame_size));
    for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(draw(levels_) * (255 / (levels_ - 1)));
    return pixels;
  }
  Pixels stack() const {
    Pixels all;
    for (const Pixels& frame : frames_) all.insert(all.end(), frame.begin(), frame.end());
    return all;
  }
  void reset() {
    const Pixels first = frame(), black(first.size());
    frames_.assign(static_cast<size_t>(shape_.stack), padding_ == Padding::kRepeat ? first : black);
    for (Pixels& pixels : frames_)
      if (padding_ == Padding::kAny) pixels = frame();
    frames_.back() = first;
  }

  FrameShape shape_;
  Padding padding_;
  int64_t levels_, mean_length_;
  Random& random_;
  std::deque<Pixels> frames_;
};

// A store of frames beside one of whole stacks, fed alike.
class Twins {
 public:
  Twins(int64_t capacity, const FrameShape& shape)
      : shape_(shape),
        store_(capacity, shape),
        handles_(shape.env_count, shape.n_step, 0.9, ObservationLayout::handles(shape.stack)),
        stacks_(shape.env_count, shape.n_step, 0.9, ObservationSpace::bytes({shape.observation_size()})) {}

  void add(int64_t env, const World::Moved& moved) {
    const StepRecord handles = store_.observe(env, moved.record());
    for (auto it = naive_.lower_bound(store_.size()); it != naive_.end(); it = naive_.erase(it)) ++forgotten_;
    std::vector<int64_t> indices;
    handles_.add(env, handles, [&](const Transition& transition) {
      indices.push_back(store_.push(transition));
      EXPECT_EQ(store_.newest(), indices.back());
    });
    size_t emitted = 0;
    stacks_.add(env, moved.record(), [&](const Transition& t) {
      const auto pixels = [](ObservationRow row) { return Pixels(row.as<uint8_t>().begin(), row.as<uint8_t>().end()); };
      naive_[indices.at(emitted++)] = {pixels(t.observation), pixels(t.next_observation), t.action, t.reward,
                                       t.discount};
    });
    ASSERT_EQ(emitted, indices.size());
  }

  // Everything that is stored, in one batch.
  void expect_equal() const {
    ASSERT_EQ(store_.size(), static_cast<int64_t>(naive_.size()));
    if (naive_.empty()) return;
    const auto rows = naive_.size(), size = static_cast<size_t>(shape_.observation_size());
    const size_t stride = size + 3;
    std::vector<float> from(rows * stride), to(from.size()), rewards(rows), discounts(rows);
    std::vector<int64_t> actions(rows);
    std::vector<int64_t> indices;
    for (const auto& [index, transition] : naive_) indices.push_back(index);
    ASSERT_EQ(indices.back(), store_.size() - 1);
    store_.gather(indices, {{from.data(), static_cast<int64_t>(stride)},
                            {to.data(), static_cast<int64_t>(stride)},
                            actions,
                            rewards,
                            discounts});
    for (size_t i = 0; i < rows; ++i) {
      const Stored& expected = naive_.at(indices[i]);
      const auto row = [&](const std::vector<float>& all) {
        return Pixels(all.begin() + static_cast<int64_t>(i * stride),
                      all.begin() + static_cast<int64_t>(i * stride + size));
      };
      ASSERT_EQ(row(from), expected.observation) << i;
      ASSERT_EQ(row(to), expected.next_observation) << i;
      ASSERT_EQ(actions[i], expected.action);
      ASSERT_EQ(rewards[i], expected.reward);
      ASSERT_EQ(discounts[i], expected.discount);
    }
  }

  // As in a run that is stopped and resumed.
  void save_and_restore() {
    Archive saved;
    store_.serialize(saved, kActions);
    handles_.serialize(saved, kActions);
    FrameStore resumed(store_.capacity(), shape_);
    NStepAccumulator windows(shape_.env_count, shape_.n_step, 0.9, ObservationLayout::handles(shape_.stack));
    Archive loading(saved.tensors());
    resumed.serialize(loading, kActions);
    windows.serialize(loading, kActions);
    windows.visit_open([&](int64_t env, int64_t steps, ObservationRow handle) {
      ASSERT_NO_THROW(resumed.check_restored(env, steps, handle));
    });
    std::swap(store_, resumed);
    std::swap(handles_, windows);
  }

  FrameStore& store() { return store_; }
  int64_t forgotten() const { return forgotten_; }

 private:
  struct Stored {
    Pixels observation, next_observation;
    int64_t action;
    float reward, discount;
  };
  FrameShape shape_;
  FrameStore store_;
  NStepAccumulator handles_, stacks_;
  std::map<int64_t, Stored> naive_;
  int64_t forgotten_ = 0;
};

// Random episodes that end everywhere, all lengths of window, several environments, the ring round and round: every
// index gives what a store of whole stacks gives, through saves too.
TEST(FrameStore, HandsOutTheStacksThatWereSeen) {
  Random random(1);
  int64_t forgotten = 0;
  for (int64_t round = 0; round < 60; ++round) {
    const FrameShape shape{.frame_size = 1 + static_cast<int64_t>(random.below(12)),
                           .stack = 1 + round % 4,
                           .env_count = 1 + static_cast<int64_t>(random.below(3)),
                           .n_step = 1 + round % 5};
    const auto capacity = static_cast<int64_t>(shape.n_step + static_cast<int64_t>(random.below(60)));
    const auto padding = static_cast<Padding>(random.below(3));
    const int64_t levels = round % 2 == 0 ? 2 : 256, mean_length = int64_t{1} << random.below(6);
    Twins twins(capacity, shape);
    std::vector<World> worlds;
    for (int64_t env = 0; env < shape.env_count; ++env)
      worlds.emplace_back(shape, padding, levels, mean_length, random);
    for (int64_t step = 0; step < 4 * capacity; ++step) {
      for (int64_t env = 0; env < shape.env_count; ++env) {
        if (random.below(8) == 0) continue;  // not always in turn
        ASSERT_NO_FATAL_FAILURE(twins.add(env, worlds[static_cast<size_t>(env)].step()));
      }
      if (random.below(50) == 0) twins.save_and_restore();
      if (step % 7 > 0) continue;
      ASSERT_NO_FATAL_FAILURE(twins.expect_equal()) << "round " << round << ", step " << step;
    }
    ASSERT_NO_FATAL_FAILURE(twins.expect_equal()) << "round " << round;
    forgotten += twins.forgotten();
  }
  EXPECT_GT(forgotten, 0) << "the case in which frames run out was never met";
}

TEST(FrameStore, LongEpisodesFillTheWholeCapacity) {
  Random random(2);
  for (const Padding padding : {Padding::kBlack, Padding::kRepeat}) {
    const FrameShape shape{.frame_size = 9, .stack = 4, .env_count = 2, .n_step = 3};
    Twins twins(6400, shape);
    // Ends of both kinds: one step in 107.
    std::vector<World> worlds(2, World(shape, padding, 256, 160, random));
    for (int64_t step = 0; step < 10'000; ++step)
      ASSERT_NO_FATAL_FAILURE(twins.add(step % 2, worlds[static_cast<size_t>(step % 2)].step()));
    EXPECT_EQ(twins.store().size(), 6400);
    EXPECT_EQ(twins.forgotten(), 0);
  }
}

TEST(FrameStore, ShortEpisodesKeepWhatThereAreFramesFor) {
  Random random(3);
  const FrameShape shape{.frame_size = 9, .stack = 4};
  Twins twins(1000, shape);
  World world(shape, Padding::kRepeat, 256, 1, random);  // every episode is one step and shows two frames
  for (int64_t step = 0; step < 3000; ++step) ASSERT_NO_FATAL_FAILURE(twins.add(0, world.step()));
  EXPECT_GE(twins.store().size(), 500);
  EXPECT_LT(twins.forgotten(), 30) << "the ring should turn in time, or it forgets the newest";
  ASSERT_NO_FATAL_FAILURE(twins.expect_equal());
}

// Observations that share no frame at all are the most that an environment can ask for.
TEST(FrameStore, ABatchIsKeptHoweverShortEpisodesAre) {
  Random random(4);
  for (const int64_t batch : {1, 8, 32})
    for (const int64_t envs : {1, 3})
      for (const int64_t n_step : {1, 3}) {
        const FrameShape shape{.frame_size = 9, .stack = 4, .env_count = envs, .n_step = n_step, .least = batch};
        Twins twins(batch, shape);
        std::vector<World> worlds(static_cast<size_t>(envs), World(shape, Padding::kAny, 256, 1, random));
        for (int64_t step = 0; step < 40 * batch; ++step) {
          for (int64_t env = 0; env < envs; ++env)
            ASSERT_NO_FATAL_FAILURE(twins.add(env, worlds[static_cast<size_t>(env)].step()));
          if (step < batch * n_step) continue;
          ASSERT_GE(twins.store().size(), batch) << envs << " " << n_step << " " << step;
        }
        ASSERT_NO_FATAL_FAILURE(twins.expect_equal());
      }
}

TEST(FrameStore, AMillionTransitionsOfAtariTakeAtMost7300MegabytesAndAllOfIt) {
  for (const int64_t envs : {1, 8, 64}) {
    const FrameShape shape{.frame_size = 84 * 84, .stack = 4, .env_count = envs, .n_step = 3};
    EXPECT_LE(FrameStore::bytes(1'000'000, shape), 7'300'000'000) << envs;
    EXPECT_GE(FrameStore::bytes(1'000'000, shape), 7'056'000'000) << envs;
  }
}

// Handles were floats with the bits of an int32 in files of before.
TEST(FrameStore, AnOlderFilesHandlesAreFloats) {
  const FrameShape shape{.frame_size = 3, .stack = 2, .n_step = 2};
  FrameStore store(8, shape), resumed(8, shape);
  Random random(6);
  World world(shape, Padding::kAny, 256, 4, random);
  for (int64_t i = 0; i < 3; ++i) {
    const World::Moved moved = world.step();
    store.observe(0, moved.record());
  }
  Archive saved;
  store.serialize(saved, kActions);
  TensorMap tensors = saved.tensors();
  ASSERT_EQ(tensors.at("replay/remembered").dtype, Dtype::kI32);
  tensors.at("replay/remembered").dtype = Dtype::kF32;
  Archive loading(tensors), again;
  resumed.serialize(loading, kActions);
  resumed.serialize(again, kActions);
  EXPECT_TRUE(
      std::ranges::equal(again.tensors().at("replay/remembered").bytes, saved.tensors().at("replay/remembered").bytes));
}

TEST(FrameStore, MoreThanTheMemoryIsRefusedByItsKey) {
  const FrameShape shape{.frame_size = int64_t{1} << 28, .stack = 4};
  EXPECT_EQ(test::error_of([&] { FrameStore(1'000'000'000'000, shape); }),
            "replay.capacity is 1000000000000; allowed with stacks of frames: up to 2000000000");
  EXPECT_NE(test::error_of([&] { FrameStore(2'000'000'000, shape); }).find("allowed: what this machine has memory for"),
            std::string::npos);
}

// A file may say anything: it is refused, or every frame that it names is there.
TEST(FrameStore, ASavedStoreThatContradictsItselfIsRefused) {
  const FrameShape shape{.frame_size = 3, .stack = 2};
  FrameStore store(4, shape);
  NStepAccumulator windows(1, 1, 0.9, ObservationLayout::handles(shape.stack));
  Random random(6);
  World world(shape, Padding::kRepeat, 256, 4, random);
  const auto take_step = [&](FrameStore& to) {
    const World::Moved moved = world.step();
    windows.add(0, to.observe(0, moved.record()), [&](const Transition& t) { to.push(t); });
  };
  for (int64_t i = 0; i < 30; ++i) take_step(store);
  Archive saved;
  store.serialize(saved, kActions);
  ASSERT_GT(saved.tensors().at("replay/free").bytes.size(), 4u);
  const auto refusal = [&](const std::string& name, size_t at, int32_t value) {
    const auto& original = saved.tensors().at("replay/" + name).bytes;
    std::vector<std::byte> bytes(original.begin(), original.end());
    std::memcpy(&bytes[at], &value, 4);
    TensorMap tensors = saved.tensors();
    tensors.at("replay/" + name).bytes = bytes;
    FrameStore damaged(4, shape);
    Archive loading(tensors);
    const std::string error = test::error_of([&] { damaged.serialize(loading, kActions); });
    for (int64_t i = 0; i < 20 && error == "no error"; ++i)  // then it is one that can be worked with
      take_step(damaged);
    return error;
  };
  for (const std::string name :
       {"size", "next", "used_frames", "free_frames", "records", "free", "remembered", "newest"}) {
    for (size_t at = 0; at < saved.tensors().at("replay/" + name).bytes.size(); at += 4) {
      if (name == "records" && (at / 4 % 7 == 1 || at / 4 % 7 == 2)) continue;  // any reward, any discount
      for (const int32_t value : {-1, 1'000'000}) EXPECT_NE(refusal(name, at, value), "no error") << name << " " << at;
      refusal(name, at, 3);
    }
  }
  constexpr std::string_view kNotUnused = "the saved replay's free frames are not those unused";
  EXPECT_EQ(refusal("free", 0, 0), kNotUnused) << "the black frame is always in use";
  int32_t second = 0;
  std::memcpy(&second, &saved.tensors().at("replay/free").bytes[4], 4);
  EXPECT_EQ(refusal("free", 0, second), kNotUnused) << "twice the same";
}

// What a window began with must be there until it closes, else its frames would be given up twice.
TEST(FrameStore, HandlesOfRestoredWindowsAreThoseThatAreRemembered) {
  const FrameShape shape{.frame_size = 3, .stack = 2, .n_step = 4};
  FrameStore store(8, shape);
  Random random(6);
  World world(shape, Padding::kBlack, 256, 1'000'000, random);
  std::vector<std::vector<int32_t>> handles;  // the last one is that of the last step
  for (int64_t i = 0; i < 6; ++i) {
    const World::Moved moved = world.step();
    const std::span handle = store.observe(0, moved.record()).observation.as<int32_t>();
    handles.emplace_back(handle.begin(), handle.end());
  }
  for (int64_t steps = 1; steps <= 3; ++steps)
    EXPECT_NO_THROW(store.check_restored(0, steps, handles[static_cast<size_t>(6 - steps)])) << steps;
  EXPECT_THROW(store.check_restored(0, 1, handles[3]), Error) << "it would be given up before the window closes";
  EXPECT_THROW(store.check_restored(0, 1, {}), Error);
  for (const int32_t wrong : {-1, 1'000'000, INT32_MIN}) {
    std::vector<int32_t> handle = handles[5];
    handle[1] = wrong;
    EXPECT_THROW(store.check_restored(0, 1, handle), Error) << wrong;
  }
}

}  // namespace
}  // namespace deepq
