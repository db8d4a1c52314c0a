#include "deepq/env/minatar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "tests/golden.h"

namespace deepq {
namespace {

EnvOptions minatar_options(double sticky_action_probability, bool difficulty_ramping = true) {
  EnvOptions options;
  options.minatar = {sticky_action_probability, difficulty_ramping};
  return options;
}

struct Named {
  std::string golden, id;  // "space_invaders", "MinAtar/SpaceInvaders"
};
void PrintTo(const Named& named, std::ostream* out) { *out << named.golden; }
const std::array kGames{Named{"asterix", "MinAtar/Asterix"}, Named{"breakout", "MinAtar/Breakout"},
                        Named{"freeway", "MinAtar/Freeway"}, Named{"seaquest", "MinAtar/Seaquest"},
                        Named{"space_invaders", "MinAtar/SpaceInvaders"}};

// As numpy.packbits: the first value is the highest bit.
std::vector<uint8_t> packed(std::span<const float> observation) {
  std::vector<uint8_t> bytes((observation.size() + 7) / 8);
  for (size_t i = 0; i < observation.size(); ++i) {
    EXPECT_TRUE(observation[i] == 0 || observation[i] == 1);
    if (observation[i] != 0) bytes[i / 8] |= static_cast<uint8_t>(0x80 >> (i % 8));
  }
  return bytes;
}

// FNV-1a over everything so far, so that a difference never goes away again.
class Digest {
 public:
  void absorb(std::span<const uint8_t> bytes) {
    for (const uint8_t byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3u;
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325u;
};

test::Golden golden_of(const Named& named) { return test::Golden("minatar_" + named.golden + ".safetensors"); }

// Goes on in another environment of the same kind, which has been elsewhere.
void move_house(std::unique_ptr<Env>& env, const EnvFactory& make) {
  Archive saved;
  env->serialize(saved);
  std::unique_ptr<Env> other = make();
  other->reset(77);
  for (int64_t i = 0; i < 3; ++i) other->step(i);
  Archive loaded(saved.tensors());
  other->serialize(loaded);
  env = std::move(other);
}

// Plays one golden case with all six actions and compares each step's observation, reward and end. It goes on in a
// restored environment after every `restored_every` steps; 0: never.
void replay(const test::Golden& golden, const std::string& name, const EnvFactory& make, uint64_t seed,
            size_t restored_every = 0) {
  SCOPED_TRACE(name);
  std::unique_ptr<Env> env = make();
  const auto steps = golden.bytes(name + ".steps");
  const auto digests = golden.bytes(name + ".digests");
  const bool full = golden.contains(name + ".observations");
  const auto observations = full ? golden.bytes(name + ".observations") : std::span<const uint8_t>();
  Digest digest;
  digest.absorb(packed(env->reset(seed)));
  for (size_t t = 0; t < steps.size(); ++t) {
    if (restored_every > 0 && t % restored_every == 0) move_house(env, make);
    const Step step = env->step(steps[t] & 7);
    const std::vector<uint8_t> seen = packed(step.observation);
    ASSERT_EQ(step.reward, steps[t] >> 3 & 15) << "step " << t;
    ASSERT_EQ(step.terminated, steps[t] >> 7 != 0) << "step " << t;
    ASSERT_FALSE(step.truncated);
    if (t * seen.size() < observations.size()) {
      ASSERT_TRUE(std::ranges::equal(seen, observations.subspan(t * seen.size(), seen.size()))) << "step " << t << "\n"
                                                                                                << env->render_text();
    }
    digest.absorb(seen);
    digest.absorb(std::array{static_cast<uint8_t>(step.reward), static_cast<uint8_t>(step.terminated)});
    ASSERT_EQ(digest.value() & 0xffff, digests[2 * t] | digests[2 * t + 1] << 8) << "step " << t << "\n"
                                                                                 << env->render_text();
    if (step.terminated) digest.absorb(packed(env->reset(std::nullopt)));
  }
}

class MinAtar : public testing::TestWithParam<Named> {};

TEST_P(MinAtar, EqualsTheReferenceStepByStep) {
  const std::string& id = GetParam().id;
  const test::Golden golden = golden_of(GetParam());
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const std::string policy : {"random", "planned"}) {
      replay(golden, policy + "." + std::to_string(seed), find_env(id + "-v0"), seed);
    }
  }
}

// Policies that play well come to the later levels, where everything that a game remembers counts.
TEST_P(MinAtar, RestoredAnywhereEqualsTheReference) {
  const test::Golden golden = golden_of(GetParam());
  for (uint64_t seed = 0; seed < 20; ++seed)
    replay(golden, "planned." + std::to_string(seed), find_env(GetParam().id + "-v0"), seed, 37 + seed % 3);
}

TEST_P(MinAtar, EqualsTheReferenceWithoutStickyActionsAndRamping) {
  const std::string& id = GetParam().id;
  const test::Golden golden = golden_of(GetParam());
  const EnvOptions options = minatar_options(0, false);
  for (uint64_t seed = 0; seed < 2; ++seed) {
    replay(golden, "calm." + std::to_string(seed), find_env(id + "-v0", options), seed);
  }
}

TEST_P(MinAtar, MinimalActionsAreSomeOfTheSix) {
  const test::Golden golden = golden_of(GetParam());
  const auto six = golden.ints("minimal_actions");
  const auto all = find_env(GetParam().id + "-v0")(), minimal = find_env(GetParam().id + "-v1")();
  EXPECT_EQ(all->spec().action_count, 6);
  ASSERT_EQ(minimal->spec().action_count, static_cast<int64_t>(six.size()));
  all->reset(3);
  minimal->reset(3);
  Random random(1);
  for (int t = 0; t < 2000; ++t) {
    const auto action = random.below(six.size());
    const Step a = all->step(six[action]), b = minimal->step(static_cast<int64_t>(action));
    ASSERT_TRUE(std::ranges::equal(a.observation, b.observation)) << "step " << t;
    ASSERT_EQ(a.reward, b.reward);
    ASSERT_EQ(a.terminated, b.terminated);
    if (!a.terminated) continue;
    all->reset(std::nullopt);
    minimal->reset(std::nullopt);
  }
}

TEST_P(MinAtar, SpecIsThePackages) {
  for (const std::string version : {"-v0", "-v1"}) {
    const EnvSpec spec = find_env(GetParam().id + version)()->spec();
    ASSERT_EQ(spec.observation_space.shape().size(), 3u);
    EXPECT_EQ(spec.observation_space.shape()[0], 10);
    EXPECT_EQ(spec.observation_space.shape()[1], 10);
    EXPECT_TRUE(spec.observation_space.holds_bytes());
    EXPECT_EQ(spec.max_episode_steps, 0) << "the package's registration has no limit";
    EXPECT_FALSE(spec.has_solved_return);
  }
}

// With probability 1 every move is the last one, which at the start is to stay.
TEST_P(MinAtar, AlwaysStickyIsAlwaysStaying) {
  const auto stuck = find_env(GetParam().id + "-v0", minatar_options(1))();
  const auto still = find_env(GetParam().id + "-v0")();
  stuck->reset(4);
  still->reset(4);
  for (int64_t t = 0; t < 300; ++t) {
    const Step a = stuck->step(t % 6), b = still->step(0);
    ASSERT_TRUE(std::ranges::equal(a.observation, b.observation)) << "step " << t;
    if (!a.terminated) continue;
    stuck->reset(std::nullopt);
    still->reset(std::nullopt);
  }
}

TEST_P(MinAtar, ASeedForgetsTheLastMove) {
  const EnvOptions options = minatar_options(0.5);
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const auto used = find_env(GetParam().id + "-v0", options)(), fresh = find_env(GetParam().id + "-v0", options)();
    used->reset(seed + 1);
    used->step(static_cast<int64_t>(seed % 6));
    used->reset(seed);
    fresh->reset(seed);
    for (int t = 0; t < 6; ++t)
      ASSERT_TRUE(std::ranges::equal(used->step(0).observation, fresh->step(0).observation)) << "seed " << seed;
  }
}

TEST_P(MinAtar, StickyProbabilityIsChecked) {
  for (const double probability : {-0.1, 1.1, std::nan("")}) {
    try {
      find_env(GetParam().id + "-v0", minatar_options(probability));
      ADD_FAILURE() << probability << " was taken";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("minatar.sticky_action_probability is "), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("allowed: 0 to 1"), std::string::npos);
    }
  }
}

// Ten lines of ten cells, two characters wide, then what the characters mean.
TEST_P(MinAtar, TextShowsEveryChannel) {
  const auto env = find_env(GetParam().id + "-v0")();
  const auto channels = static_cast<size_t>(env->spec().observation_space.shape()[2]);
  auto observation = env->reset(0);
  std::string legend_symbols;
  Random random(2);
  for (int t = 0; t < 2000; ++t) {
    const std::string text = env->render_text();
    ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
    const std::string legend = text.substr(10 * 21);
    legend_symbols = legend.substr(0, 1);
    for (size_t at = legend.find("  "); at != std::string::npos; at = legend.find("  ", at + 2))
      legend_symbols += legend[at + 2];
    ASSERT_EQ(legend_symbols.size(), channels) << legend;
    for (size_t i = 0; i < 100; ++i) {
      const char symbol = text[i / 10 * 21 + i % 10 * 2];
      ASSERT_EQ(text[i / 10 * 21 + i % 10 * 2 + 1], symbol);
      const auto lit = observation.subspan(i * channels, channels);
      if (std::ranges::count(lit, 0.0f) == static_cast<std::ptrdiff_t>(channels)) {
        ASSERT_EQ(symbol, '.') << text;
      } else {
        ASSERT_NE(legend_symbols.find(symbol), std::string::npos) << text;
        ASSERT_EQ(lit[legend_symbols.find(symbol)], 1) << text;
      }
    }
    const Step step = env->step(static_cast<int64_t>(random.below(6)));
    observation = step.terminated ? env->reset(std::nullopt) : step.observation;
  }
  EXPECT_EQ(std::set<char>(legend_symbols.begin(), legend_symbols.end()).size(), channels);
}

INSTANTIATE_TEST_SUITE_P(All, MinAtar, testing::ValuesIn(kGames),
                         [](const auto& tested) { return tested.param.golden; });

TEST(MinAtarText, BreakoutsFirstFrame) {
  const auto env = find_env("MinAtar/Breakout-v1")();
  env->reset(0);
  const std::string left = "oo##################", right = "##################oo", rest = "####################";
  const std::string text = env->render_text();
  EXPECT_EQ(text.substr(21, 42), rest + "\n" + rest + "\n") << text;
  const std::string third = text.substr(63, 20);
  EXPECT_TRUE(third == left || third == right) << text;
  EXPECT_EQ(text.substr(9 * 21), "........==..........\n= paddle  o ball  - trail  # brick\n");
}

// What a saved state must not bring in: it would be written beyond the board.
TEST(MinAtarState, NonsenseIsRefused) {
  const auto refusal = [](const std::string& id, const std::string& entry) -> std::string {
    const auto env = find_env(id)();
    env->reset(0);
    Archive saved;
    env->serialize(saved);
    TensorMap tensors = saved.tensors();
    const std::vector<std::byte> bytes(tensors.at(entry).bytes.size(), std::byte{0x7f});
    tensors.at(entry).bytes = bytes;
    Archive loaded(tensors);
    try {
      env->serialize(loaded);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(refusal("MinAtar/Breakout-v0", "last_move"),
            "the saved state's 'last_move' is 2139062143; allowed: 0 to 5");
  EXPECT_EQ(refusal("MinAtar/Breakout-v0", "bricks"), "the saved state's 'bricks' has a cell beyond its rows");
  EXPECT_EQ(refusal("MinAtar/Seaquest-v0", "fish/size"),
            "the saved state's 'fish/size' is 2139062143; allowed: 0 to 48");
}

}  // namespace
}  // namespace deepq
