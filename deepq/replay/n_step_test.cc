#include "deepq/replay/n_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "deepq/core/random.h"

namespace deepq {
namespace {

constexpr double kGamma = 0.9;
constexpr int64_t kActions = 5;
enum class End { kNone, kTerminated, kTruncated, kBoth };

// Two numbers that tell environment and place.
using Observation = std::array<float, 2>;
const ObservationLayout kLayout(ObservationSpace::real({2}));

struct Episode {
  std::vector<Observation> observations;  // one more than steps
  std::vector<int64_t> actions;
  std::vector<double> rewards;
  End end = End::kNone;
  size_t length() const { return rewards.size(); }
};

Episode random_episode(Random& random, int64_t env, size_t length, End end) {
  Episode episode;
  episode.end = end;
  for (size_t i = 0; i <= length; ++i)
    episode.observations.push_back({static_cast<float>(env), static_cast<float>(random.uniform(-1, 1))});
  for (size_t i = 0; i < length; ++i) {
    episode.actions.push_back(static_cast<int64_t>(random.below(kActions)));
    episode.rewards.push_back(random.uniform(-1, 1));
  }
  return episode;
}

StepRecord step_of(const Episode& episode, size_t i) {
  const bool last = i + 1 == episode.length();
  return {.observation = episode.observations[i],
          .action = episode.actions[i],
          .reward = episode.rewards[i],
          .terminated = last && (episode.end == End::kTerminated || episode.end == End::kBoth),
          .truncated = last && (episode.end == End::kTruncated || episode.end == End::kBoth),
          .next_observation = episode.observations[i + 1]};
}

struct Kept {
  Observation from, to;
  int64_t action;
  float reward, discount;
  bool operator==(const Kept&) const = default;
};

Kept kept(const Transition& transition) {
  Kept result{{}, {}, transition.action, transition.reward, transition.discount};
  std::ranges::copy(transition.observation.as<float>(), result.from.begin());
  std::ranges::copy(transition.next_observation.as<float>(), result.to.begin());
  return result;
}

// What an episode must come to, by the definition. Windows that an unfinished episode leaves open are not there.
std::vector<Kept> expected_of(const Episode& episode, size_t n) {
  std::vector<Kept> result;
  for (size_t start = 0; start < episode.length(); ++start) {
    const size_t k = std::min(n, episode.length() - start);
    if (k < n && episode.end == End::kNone) break;
    double sum = 0;
    for (size_t j = 0; j < k; ++j) sum += std::pow(kGamma, static_cast<double>(j)) * episode.rewards[start + j];
    const bool dies = start + k == episode.length() && (episode.end == End::kTerminated || episode.end == End::kBoth);
    result.push_back({episode.observations[start], episode.observations[start + k], episode.actions[start],
                      static_cast<float>(sum),
                      dies ? 0.0f : static_cast<float>(std::pow(kGamma, static_cast<double>(k)))});
  }
  return result;
}

void expect_same(const std::vector<Kept>& got, const std::vector<Kept>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].from, expected[i].from) << i;
    EXPECT_EQ(got[i].to, expected[i].to) << i;
    EXPECT_EQ(got[i].action, expected[i].action) << i;
    EXPECT_NEAR(got[i].reward, expected[i].reward, 1e-6) << i;
    EXPECT_NEAR(got[i].discount, expected[i].discount, 1e-7) << i;
    EXPECT_EQ(got[i].discount == 0, expected[i].discount == 0) << i;
  }
}

TEST(NStep, EqualsDirectSumsForEveryLengthAndEnd) {
  Random random(1);
  for (size_t n = 1; n <= 7; ++n) {
    NStepAccumulator accumulator(1, static_cast<int64_t>(n), kGamma, kLayout);
    for (size_t length = 1; length <= 2 * n + 2; ++length) {
      for (const End end : {End::kTerminated, End::kTruncated, End::kBoth, End::kNone}) {
        const Episode episode = random_episode(random, 0, length, end);
        std::vector<Kept> got;
        for (size_t i = 0; i < length; ++i)
          accumulator.add(0, step_of(episode, i), [&](const Transition& t) { got.push_back(kept(t)); });
        SCOPED_TRACE(testing::Message() << "n " << n << ", length " << length << ", end " << static_cast<int>(end));
        expect_same(got, expected_of(episode, n));
        if (end == End::kNone) accumulator.clear();
      }
    }
  }
}

// Environments whose episodes end at different times, stepped in turn.
struct Course {
  Course(size_t n, int64_t env_count, uint64_t seed)
      : accumulator(env_count, static_cast<int64_t>(n), kGamma, kLayout) {
    Random random(seed);
    for (int64_t env = 0; env < env_count; ++env) {
      auto& steps = episodes.emplace_back();
      for (int i = 0; i < 30; ++i)
        steps.push_back(random_episode(random, env, 1 + random.below(3 * n), static_cast<End>(1 + random.below(3))));
    }
    got.resize(episodes.size());
    places.resize(episodes.size());
  }
  void step() {
    for (size_t env = 0; env < episodes.size(); ++env) {
      auto& [episode, i] = places[env];
      if (episode == episodes[env].size()) continue;
      accumulator.add(static_cast<int64_t>(env), step_of(episodes[env][episode], i),
                      [&](const Transition& transition) { got[env].push_back(kept(transition)); });
      if (++i == episodes[env][episode].length()) {
        ++episode;
        i = 0;
      }
    }
  }
  struct Place {
    size_t episode = 0, step = 0;
  };
  NStepAccumulator accumulator;
  std::vector<std::vector<Episode>> episodes;  // [env]
  std::vector<std::vector<Kept>> got;          // [env]
  std::vector<Place> places;
};

TEST(NStep, EnvironmentsDoNotMix) {
  for (size_t n = 1; n <= 7; ++n) {
    Course course(n, 3, n);
    for (int i = 0; i < 1'000; ++i) course.step();
    for (size_t env = 0; env < 3; ++env) {
      std::vector<Kept> expected;
      for (const Episode& episode : course.episodes[env])
        for (const Kept& transition : expected_of(episode, n)) expected.push_back(transition);
      SCOPED_TRACE(testing::Message() << "n " << n << ", environment " << env);
      expect_same(course.got[env], expected);
    }
  }
}

TEST(NStep, OneStepIsHandedThroughWithoutACopy) {
  NStepAccumulator accumulator(1, 1, 0.99, kLayout);
  const Observation from{1, 2}, to{3, 4};
  for (const bool terminated : {false, true}) {
    int calls = 0;
    accumulator.add(0, {from, 3, 0.1, terminated, true, to}, [&](const Transition& transition) {
      ++calls;
      EXPECT_EQ(transition.observation.as<float>().data(), from.data());
      EXPECT_EQ(transition.next_observation.as<float>().data(), to.data());
      EXPECT_EQ(transition.action, 3);
      EXPECT_EQ(transition.reward, static_cast<float>(0.1));
      EXPECT_EQ(transition.discount, terminated ? 0.0f : static_cast<float>(0.99));
    });
    EXPECT_EQ(calls, 1);
  }
}

TEST(NStep, ASavedAccumulatorGoesOnAsTheUnbrokenOne) {
  for (size_t n = 1; n <= 5; ++n) {
    for (int saved_after = 0; saved_after < 25; ++saved_after) {
      Course unbroken(n, 2, 9), resumed(n, 2, 9);
      for (int i = 0; i < saved_after; ++i) unbroken.step();
      Archive saved;
      unbroken.accumulator.serialize(saved, kActions);
      Archive loading(saved.tensors());
      resumed.accumulator.serialize(loading, kActions);
      resumed.places = unbroken.places;
      for (auto& got : unbroken.got) got.clear();
      for (int i = 0; i < 20; ++i) {
        unbroken.step();
        resumed.step();
      }
      EXPECT_FALSE(unbroken.got[0].empty());
      EXPECT_EQ(resumed.got, unbroken.got) << "n " << n << ", saved after " << saved_after;
    }
  }
}

TEST(NStep, SavesThatDoNotFitAreRefused) {
  NStepAccumulator three(1, 3, kGamma, kLayout), five(1, 5, kGamma, kLayout);
  Archive saved;
  five.serialize(saved, kActions);
  Archive loading(saved.tensors());
  EXPECT_THROW(three.serialize(loading, kActions), Error);

  for (const char* name : {"n_step/oldest", "n_step/open", "n_step/actions"}) {
    ASSERT_LE(kActions, 5);
    for (const int64_t wrong : {-1, 5}) {
      TensorMap tensors = saved.tensors();
      std::vector<std::byte> bytes(tensors.at(name).bytes.begin(), tensors.at(name).bytes.end());
      std::memcpy(bytes.data(), &wrong, sizeof wrong);
      tensors.at(name).bytes = bytes;
      Archive damaged(tensors);
      EXPECT_THROW(five.serialize(damaged, kActions), Error) << name << ' ' << wrong;
    }
  }
}

// Whatever an observation is made of, a window keeps it as it came, in files too.
TEST(NStep, KeepsRowsOfEveryKind) {
  constexpr int64_t kState = (int64_t{1} << 24) + 1;  // no float
  const std::array<uint8_t, 3> bytes{0, 128, 255};
  const std::array<int64_t, 1> state{kState};
  const std::array<int32_t, 2> handles{-1, 0x7fffffff};
  const auto check = [](const ObservationLayout& layout, ObservationRow row, Dtype dtype) {
    NStepAccumulator windows(1, 2, kGamma, layout), resumed(1, 2, kGamma, layout);
    const auto nothing = [](const Transition&) { FAIL() << "the window is open"; };
    windows.add(0, {row, 1, 1.0, false, false, row}, nothing);
    Archive saved;
    windows.serialize(saved, kActions);
    EXPECT_EQ(saved.tensors().at("n_step/observations").dtype, dtype);
    Archive loading(saved.tensors());
    resumed.serialize(loading, kActions);
    int emitted = 0;
    resumed.add(0, {row, 1, 1.0, false, false, row}, [&](const Transition& transition) {
      EXPECT_TRUE(std::ranges::equal(transition.observation.bytes(), row.bytes()));
      ++emitted;
    });
    EXPECT_EQ(emitted, 1);
  };
  check(ObservationSpace::bytes({3}), bytes, Dtype::kU8);
  check(ObservationSpace::discrete(kState + 1), state, Dtype::kI64);
  check(ObservationLayout::handles(2), handles, Dtype::kI32);
}

TEST(NStep, BytesAreThoseOfTheWindows) {
  EXPECT_EQ(NStepAccumulator::bytes(4, 1, ObservationSpace::real({100})), 0);
  EXPECT_EQ(NStepAccumulator::bytes(4, 3, ObservationSpace::real({100})), 4 * 3 * (400 + 16));
  EXPECT_EQ(NStepAccumulator::bytes(4, 3, ObservationSpace::bytes({100})), 4 * 3 * (100 + 16));
  EXPECT_EQ(NStepAccumulator::bytes(4, 3, ObservationLayout::handles(4)), 4 * 3 * (16 + 16));
}

}  // namespace
}  // namespace deepq
