#include "deepq/env/sync_vector_env.h"

#include <gtest/gtest.h>

#include <limits>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/core/random.h"
#include "deepq/env/cartpole.h"
#include "deepq/env/history.h"
#include "deepq/env/registry.h"
#include "tests/allocations.h"
#include "tests/golden.h"
#include "tests/legal_play.h"

namespace deepq {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Observes (episodes so far, steps so far in this one), pays the action, and does what a test plugs in.
class Scripted : public Env {
 public:
  struct Script {
    EnvSpec spec{.id = "Scripted-v0",
                 .observation_space = ObservationSpace::real({2}),
                 .action_count = 3,
                 .max_episode_steps = 0};
    std::function<void(Scripted&, Step&)> after_step = [](Scripted&, Step&) {};
    std::function<void(Scripted&)> after_reset = [](Scripted&) {};
  };

  explicit Scripted(Script script) : script_(std::move(script)) {}
  const EnvSpec& spec() const override { return script_.spec; }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed) seeds.push_back(*seed);
    ++observation[0];
    observation[1] = 0;
    script_.after_reset(*this);
    return observation;
  }
  Step step(int64_t action) override {
    ++observation[1];
    Step step{.observation = {}, .reward = static_cast<double>(action)};
    script_.after_step(*this, step);
    step.observation = observation;
    return step;
  }

  std::vector<float> observation{-1, 0};
  std::vector<uint64_t> seeds;

 private:
  Script script_;
};

EnvFactory factory(Scripted::Script script) {
  return [script] { return std::make_unique<Scripted>(script); };
}
EnvFactory cartpole() {
  return [] { return std::make_unique<CartPole>(); };
}

template <class Function>
std::string error_of(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }

// One golden case through SyncVectorEnv: ends, the true last observation, and the next episode's first one in the same
// step.
void replay(const test::Golden& golden, const std::string& name, uint64_t seed) {
  SCOPED_TRACE(name);
  const auto actions = golden.ints(name + ".actions");
  const auto expected = golden.floats(name + ".observations");
  const auto terminated = golden.bytes(name + ".terminated");
  const auto truncated = golden.bytes(name + ".truncated");
  SyncVectorEnv envs(cartpole(), 1, seed);
  size_t row = 0;
  const auto next_row = [&] { return copy(expected.subspan(4 * row++, 4)); };
  ASSERT_EQ(copy(envs.observations().as<float>()), next_row());
  int64_t length = 0;
  for (size_t t = 0; t < actions.size(); ++t) {
    const std::array<int64_t, 1> action{actions[t]};
    envs.step(action);
    ++length;
    ASSERT_EQ(copy(envs.next_observations().as<float>()), next_row()) << "step " << t;
    ASSERT_EQ(envs.terminated(0), terminated[t] != 0) << "step " << t;
    ASSERT_EQ(envs.truncated(0), truncated[t] != 0) << "step " << t;
    ASSERT_EQ(envs.episode_length(0), length);
    ASSERT_EQ(envs.episode_return(0), static_cast<double>(length));
    if (!envs.ended(0)) {
      ASSERT_EQ(copy(envs.observations().as<float>()), copy(envs.next_observations().as<float>()));
    } else if (t + 1 < actions.size()) {
      ASSERT_EQ(copy(envs.observations().as<float>()), next_row()) << "step " << t;
      length = 0;
    }
  }
}

TEST(SyncVectorEnv, EqualsGymnasiumOverEnds) {
  const test::Golden golden("cartpole.safetensors");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    replay(golden, "random." + std::to_string(seed), seed);
    replay(golden, "balance." + std::to_string(seed), seed);
  }
}

TEST(SyncVectorEnv, EachCopyHasASeedOfItsOwnAndTheFirstTheRuns) {
  SyncVectorEnv envs(cartpole(), 3, 41);
  for (size_t i = 0; i < 3; ++i) {
    CartPole alone;
    const uint64_t seed = world_seed(41, static_cast<int64_t>(i), SeedWidth::k64);
    EXPECT_EQ(copy(envs.observations().as<float>().subspan(4 * i, 4)), copy(alone.reset(seed)));
    EXPECT_EQ(seed == 41, i == 0);
  }
}

TEST(SyncVectorEnv, NeighboringSeedsShareNoWorld) {
  SyncVectorEnv envs(cartpole(), 4, 41), next(cartpole(), 4, 42);
  for (size_t i = 0; i < 4; ++i)
    for (size_t j = 0; j < 4; ++j)
      EXPECT_NE(copy(envs.observations().as<float>().subspan(4 * i, 4)),
                copy(next.observations().as<float>().subspan(4 * j, 4)));
}

// Copies must not share anything: each of three in step equals the same one alone.
TEST(SyncVectorEnv, CopiesAreIndependent) {
  SyncVectorEnv together(cartpole(), 3, 10);
  std::vector<SyncVectorEnv> alone;
  for (uint64_t i = 0; i < 3; ++i)
    alone.emplace_back(cartpole(), 1, world_seed(10, static_cast<int64_t>(i), SeedWidth::k64));
  for (int64_t t = 0; t < 100; ++t) {
    const std::array<int64_t, 3> actions{t % 2, 1, t / 3 % 2};
    together.step(actions);
    for (size_t i = 0; i < 3; ++i) {
      alone[i].step(std::span(actions).subspan(i, 1));
      ASSERT_EQ(copy(together.observations().as<float>().subspan(4 * i, 4)), copy(alone[i].observations().as<float>()));
      ASSERT_EQ(copy(together.next_observations().as<float>().subspan(4 * i, 4)),
                copy(alone[i].next_observations().as<float>()));
      ASSERT_EQ(together.ended(static_cast<int64_t>(i)), alone[i].ended(0));
      ASSERT_EQ(together.rewards()[i], alone[i].rewards()[0]);
    }
  }
}

TEST(SyncVectorEnv, KeepsTheFinalObservationAndCountsEpisodes) {
  Scripted::Script script;
  script.after_step = [](Scripted& env, Step& step) { step.terminated = env.observation[1] == 2; };
  SyncVectorEnv envs(factory(script), 2, 0);
  EXPECT_EQ(copy(envs.observations().as<float>()), (std::vector<float>{0, 0, 0, 0}));
  envs.step(std::array<int64_t, 2>{2, 0});
  EXPECT_FALSE(envs.ended(0));
  EXPECT_EQ(copy(envs.observations().as<float>()), (std::vector<float>{0, 1, 0, 1}));
  EXPECT_EQ(envs.episode_return(0), 2);
  envs.step(std::array<int64_t, 2>{1, 1});
  EXPECT_TRUE(envs.terminated(0) && !envs.truncated(0));
  EXPECT_EQ(copy(envs.next_observations().as<float>()), (std::vector<float>{0, 2, 0, 2}));
  EXPECT_EQ(copy(envs.observations().as<float>()), (std::vector<float>{1, 0, 1, 0}));
  EXPECT_EQ(envs.episode_return(0), 3);
  EXPECT_EQ(envs.episode_return(1), 1);
  EXPECT_EQ(envs.episode_length(0), 2);
  EXPECT_EQ(envs.rewards()[0], 1);
  envs.step(std::array<int64_t, 2>{2, 0});
  EXPECT_FALSE(envs.ended(0));
  EXPECT_EQ(envs.episode_return(0), 2) << "the last episode's return is still in the new one's";
  EXPECT_EQ(envs.episode_length(0), 1);
}

TEST(SyncVectorEnv, TimeLimitTruncates) {
  Scripted::Script script;
  script.spec.max_episode_steps = 3;
  SyncVectorEnv envs(factory(script), 1, 0);
  for (int step = 1; step <= 12; ++step) {
    envs.step(std::array<int64_t, 1>{0});
    EXPECT_EQ(envs.truncated(0), step % 3 == 0) << step;
    EXPECT_FALSE(envs.terminated(0));
    EXPECT_EQ(envs.episode_length(0), (step - 1) % 3 + 1);
  }
}

TEST(SyncVectorEnv, TrueEndAtTheLimitIsBoth) {
  Scripted::Script script;
  script.spec.max_episode_steps = 3;
  script.after_step = [](Scripted& env, Step& step) { step.terminated = env.observation[1] == 3; };
  SyncVectorEnv envs(factory(script), 1, 0);
  for (int step = 1; step <= 3; ++step) envs.step(std::array<int64_t, 1>{0});
  EXPECT_TRUE(envs.terminated(0));
  EXPECT_TRUE(envs.truncated(0));
}

TEST(SyncVectorEnv, WithoutLimitOnlyTheEnvironmentTruncates) {
  Scripted::Script script;
  script.after_step = [](Scripted& env, Step& step) { step.truncated = env.observation[1] == 700; };
  SyncVectorEnv envs(factory(script), 1, 0);
  for (int step = 1; step < 700; ++step) {
    envs.step(std::array<int64_t, 1>{0});
    ASSERT_FALSE(envs.ended(0)) << step;
  }
  envs.step(std::array<int64_t, 1>{0});
  EXPECT_TRUE(envs.truncated(0) && !envs.terminated(0));
}

TEST(SyncVectorEnv, StepDoesNotAllocate) {
  SyncVectorEnv envs(cartpole(), 4, 0);
  const std::array<int64_t, 4> actions{0, 1, 0, 1};
  int64_t ended = 0;
  const int64_t before = test::allocation_count;
  for (int step = 0; step < 1000; ++step) {
    envs.step(actions);
    for (int64_t i = 0; i < 4; ++i) ended += envs.ended(i);
  }
  EXPECT_EQ(test::allocation_count, before);
  EXPECT_GT(ended, 100) << "the resets are part of it";
  EXPECT_GT(before, 0) << "the counter counts";
}

TEST(SyncVectorEnv, NoEnvironmentOfTheLibraryAllocatesInAStep) {
  for (const std::string& id : env_ids()) {
    SyncVectorEnv envs(find_env(id), 4, 0);
    std::array<int64_t, 4> actions{};
    Random random(1);
    const int64_t before = test::allocation_count;
    for (int step = 0; step < 3000; ++step) {
      test::choose_legal(envs, random, actions);
      envs.step(actions);
    }
    EXPECT_EQ(test::allocation_count, before) << id;
  }
}

TEST(SyncVectorEnv, RefusesActionsAndLeavesEverythingAsItWas) {
  SyncVectorEnv envs(factory({}), 2, 0);
  envs.step(std::array<int64_t, 2>{0, 0});
  const std::vector<float> before = copy(envs.observations().as<float>());
  EXPECT_EQ(error_of([&] {
              envs.step(std::array<int64_t, 2>{2, 3});
            }),
            "environment 'Scripted-v0', copy 1, step 2: the action is 3; allowed: 0 to 2");
  EXPECT_EQ(error_of([&] {
              envs.step(std::array<int64_t, 2>{-1, 0});
            }),
            "environment 'Scripted-v0', copy 0, step 2: the action is -1; allowed: 0 to 2");
  EXPECT_EQ(error_of([&] { envs.step(std::array<int64_t, 1>{0}); }),
            "environment 'Scripted-v0' got 1 actions for 2 copies");
  EXPECT_EQ(copy(envs.observations().as<float>()), before);
  envs.step(std::array<int64_t, 2>{2, 0});
  EXPECT_EQ(copy(envs.observations().as<float>()), (std::vector<float>{0, 2, 0, 2}));
}

// What copy 1 of two says when it goes wrong in its third step, the second one of its second episode.
std::string fault_in_step(const std::function<void(Scripted&, Step&)>& fault) {
  Scripted::Script script;
  script.after_step = [&](Scripted& env, Step& step) {
    step.terminated = env.observation[0] == 0;
    if (env.seeds.at(0) != 7 && env.observation == std::vector<float>{1, 2}) fault(env, step);
  };
  SyncVectorEnv envs(factory(script), 2, 7);
  for (int step = 0; step < 2; ++step) envs.step(std::array<int64_t, 2>{0, 0});
  return error_of([&] { envs.step(std::array<int64_t, 2>{0, 0}); });
}

TEST(SyncVectorEnv, FaultyStepsAreNamed) {
  const std::string place = "environment 'Scripted-v0', copy 1, step 3 (2 of its episode): ";
  const std::string finite = "; allowed: finite numbers";
  EXPECT_EQ(fault_in_step([](Scripted& env, Step&) { env.observation[1] = static_cast<float>(kNaN); }),
            place + "observation[1] is nan" + finite);
  EXPECT_EQ(fault_in_step([](Scripted& env, Step&) { env.observation[0] = -kInfinity; }),
            place + "observation[0] is -inf" + finite);
  EXPECT_EQ(fault_in_step([](Scripted& env, Step&) { env.observation.pop_back(); }),
            place + "the observation has 1 numbers; allowed: 2");
  EXPECT_EQ(fault_in_step([](Scripted& env, Step&) { env.observation.assign(3, 0); }),
            place + "the observation has 3 numbers; allowed: 2");
  EXPECT_EQ(fault_in_step([](Scripted&, Step& step) { step.reward = -kNaN; }), place + "the reward is nan" + finite);
  EXPECT_EQ(fault_in_step([](Scripted&, Step& step) { step.reward = kInfinity; }),
            place + "the reward is inf" + finite);
  EXPECT_EQ(fault_in_step([](Scripted&, Step&) { throw std::runtime_error("the robot fell over"); }),
            place + "the robot fell over");
  EXPECT_EQ(fault_in_step([](Scripted&, Step&) { throw Error("bad file"); }), place + "bad file");
  EXPECT_EQ(fault_in_step([](Scripted&, Step&) { throw 42; }),
            place + "something was thrown that is not a std::exception");
  EXPECT_EQ(fault_in_step([](Scripted&, Step&) {}), "no error");
}

TEST(SyncVectorEnv, FaultyResetsAreNamed) {
  Scripted::Script script;
  script.after_reset = [](Scripted& env) { env.observation[1] = kInfinity; };
  EXPECT_EQ(error_of([&] { SyncVectorEnv(factory(script), 1, 0); }),
            "environment 'Scripted-v0', copy 0, reset after step 0: observation[1] is inf; allowed: finite numbers");
  script.after_reset = [](Scripted& env) {
    if (env.observation[0] == 1) throw std::runtime_error("no more levels");
  };
  script.spec.max_episode_steps = 2;
  SyncVectorEnv envs(factory(script), 1, 0);
  envs.step(std::array<int64_t, 1>{0});
  EXPECT_EQ(error_of([&] { envs.step(std::array<int64_t, 1>{0}); }),
            "environment 'Scripted-v0', copy 0, reset after step 2: no more levels");
}

std::string spec_error(const std::function<void(EnvSpec&)>& change) {
  Scripted::Script script;
  change(script.spec);
  return error_of([&] { SyncVectorEnv(factory(script), 1, 0); });
}

TEST(SyncVectorEnv, ImpossibleSpecsAreRefused) {
  const std::string start = "cannot make copy 0 of the environment: ";
  const std::string named = start + "environment 'Scripted-v0': ";
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.id = ""; }), start + "its id is empty; allowed: any other text");
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.action_count = 0; }), named + "action_count is 0; allowed: at least 1");
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.max_episode_steps = -1; }),
            named + "max_episode_steps is -1; allowed: at least 0");
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.observation_space = ObservationSpace::real({}); }),
            named + "the number of observation_shape's dimensions is 0; allowed: at least 1");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.observation_space = ObservationSpace::real({2, -1});
            }),
            named + "a dimension of observation_shape is -1; allowed: at least 1");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.observation_space = ObservationSpace::real({int64_t{1} << 62, 8});
            }),
            named + "a dimension of observation_shape is 4611686018427387904; allowed: 2^28 in all");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.observation_space = ObservationSpace::real({1 << 20, 1 << 20});
            }),
            named + "a dimension of observation_shape is 1048576; allowed: 2^28 in all");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.observation_space = ObservationSpace::frames({4, 84});
            }),
            named + "the number of dimensions of a stack of frames is 2; allowed: 3 (stack, height, width)");
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.observation_space = {}; }),
            named + "the number of observation_space's leaves is 0; allowed: 1 to 4096");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.observation_space.leaf().low = {0, 0, 0};
            }),
            named + "the number of an observation's bounds is 3; allowed: none, or one for each of its numbers");
  EXPECT_EQ(spec_error([](EnvSpec&) {}), "no error");
}

TEST(SyncVectorEnv, AxesOfActionsThatCannotBeAreRefused) {
  const std::string named = "cannot make copy 0 of the environment: environment 'Scripted-v0': ";
  const auto refusal = [](std::vector<int64_t> axes, int64_t count, int64_t start) {
    return spec_error([&](EnvSpec& spec) {
      spec.action_axes = axes;
      spec.action_count = count;
      spec.action_start = start;
    });
  };
  EXPECT_EQ(refusal({3, 4}, 12, 0), "no error");
  EXPECT_EQ(refusal(std::vector<int64_t>(10, 11), 25'937'424'601, 0), "no error");
  EXPECT_EQ(refusal({3, 4}, 13, 0), named + "action_count is 13; allowed: 12, the product of its axes");
  EXPECT_EQ(refusal({3, 0}, 12, 0), named + "an axis of actions has 0 choices; allowed: 1 or more");
  EXPECT_EQ(refusal({3, 4}, 12, 1), named + "action_start is 1; allowed: 0 with actions on several axes");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.action_axes = {3, 4};
              spec.action_count = 12;
              spec.observation_space = spec.observation_space.with_legal_actions(12);
            }),
            named + "the number of actions of which it says whether they are legal is 12; allowed: 7");
}

// What cannot be told apart, or counted, is refused before anything is learnt of it.
TEST(SyncVectorEnv, NumbersThatTheLibraryCannotKeepAreRefused) {
  const std::string named = "cannot make copy 0 of the environment: environment 'Scripted-v0': ";
  const auto states = [](int64_t count, int64_t start) {
    return spec_error([&](EnvSpec& spec) { spec.observation_space = ObservationSpace::discrete(count, start); });
  };
  const std::string most = "; allowed: 1 to 1099511627776";
  EXPECT_EQ(states((int64_t{1} << 40) + 1, 0), named + "the number of states is 1099511627777" + most);
  EXPECT_EQ(states(0, 0), named + "the number of states is 0" + most);
  EXPECT_EQ(states(-1, 0), named + "the number of states is -1" + most);
  EXPECT_EQ(states(5, std::numeric_limits<int64_t>::max() - 3),
            named +
                "state_start is 9223372036854775804 with 5 numbers from there on; allowed: up to "
                "9223372036854775803, as the last must be below 2^63");
  EXPECT_EQ(spec_error([](EnvSpec& spec) {
              spec.observation_space = ObservationSpace::discrete(5);
              spec.observation_space.leaf().shape = {2};
            }),
            named + "the size of an observation that is a state is 2; allowed: 1");
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.action_start = std::numeric_limits<int64_t>::max(); }),
            named +
                "action_start is 9223372036854775807 with 3 numbers from there on; allowed: up to "
                "9223372036854775805, as the last must be below 2^63");
  EXPECT_EQ(spec_error([](EnvSpec& spec) { spec.action_count = int64_t{1} << 31; }),
            named + "action_count is 2147483648; allowed: at most 1048576");
}

// Scripted, with one number for an observation: what the test says.
class Stateful final : public Scripted {
 public:
  Stateful(Script script, std::vector<float> states) : Scripted(std::move(script)), states_(std::move(states)) {}
  std::span<const float> reset(std::optional<uint64_t>) override { return std::span(states_).first(1); }
  Step step(int64_t) override { return {.observation = std::span(states_).subspan(++step_, 1)}; }

 private:
  std::vector<float> states_;
  size_t step_ = 0;
};

TEST(SyncVectorEnv, AStateIsOneOfThoseThatThereAre) {
  const auto error_after = [](float state) {
    Scripted::Script script;
    script.spec.observation_space = ObservationSpace::discrete(5);
    return error_of([&] {
      SyncVectorEnv world([&] { return std::make_unique<Stateful>(script, std::vector<float>{0, state}); }, 1, 0);
      world.step(std::array<int64_t, 1>{0});
    });
  };
  const std::string place = "environment 'Scripted-v0', copy 0, step 1 (1 of its episode): ";
  EXPECT_EQ(error_after(4), "no error");
  EXPECT_EQ(error_after(2.75f), place + "the observation is 2.75; allowed: 0 to 4, whole numbers");
  EXPECT_EQ(error_after(5), place + "the observation is 5; allowed: 0 to 4");
  EXPECT_EQ(error_after(-1), place + "the observation is -1; allowed: 0 to 4");
}

// What a user's environment of bytes hands over as floats is checked where it comes in.
TEST(SyncVectorEnv, FloatsOfASpaceOfBytesAreMadeBytes) {
  for (const float second : {255.0f, 0.5f}) {
    Scripted::Script script;
    script.spec.observation_space = ObservationSpace::bytes({2});
    script.after_reset = [](Scripted& env) { env.observation = {7, 255}; };
    script.after_step = [&](Scripted& env, Step&) { env.observation = {0, second}; };
    SyncVectorEnv envs(factory(script), 1, 0);
    EXPECT_EQ(envs.observations().as<uint8_t>()[1], 255);
    EXPECT_EQ(error_of([&] { envs.step(std::array<int64_t, 1>{0}); }),
              second == 255 ? "no error"
                            : "environment 'Scripted-v0', copy 0, step 1 (1 of its episode): number 1 of a byte "
                              "observation is 0.5; allowed: whole numbers from 0 to 255");
  }
}

// A world of more states than floats tell apart, which walks from one to the next.
class ManyStates final : public Env {
 public:
  static constexpr int64_t kCount = (int64_t{1} << 24) + 10;
  explicit ManyStates(int64_t first) : first_(first) {}
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t>) override {
    state_ = first_;
    return {};
  }
  Step step(int64_t) override {
    ++state_;
    return {};
  }
  ObservationRow typed_observation() const override { return std::span(&state_, 1); }

 private:
  EnvSpec spec_{.id = "ManyStates-v0", .observation_space = ObservationSpace::discrete(kCount), .action_count = 2};
  int64_t first_, state_ = 0;
};

TEST(SyncVectorEnv, StatesBeyondTheFloatsStayApart) {
  static constexpr int64_t kFirst = (int64_t{1} << 24) + 1;
  const EnvFactory make = [] { return std::make_unique<ManyStates>(kFirst); };
  SyncVectorEnv envs(make, 2, 0);
  EXPECT_EQ(envs.observations()[1].state(), kFirst);
  const std::array<int64_t, 2> actions{0, 0};
  envs.step(actions);
  EXPECT_EQ(envs.next_observations()[1].state(), kFirst + 1);
  Archive saved;
  envs.serialize(saved);
  SyncVectorEnv resumed(make, 2, 0);
  Archive loading(saved.tensors());
  resumed.serialize(loading);
  EXPECT_EQ(resumed.observations()[0].state(), kFirst) << "it begins anew, as it cannot be restored";
  for (int64_t left = ManyStates::kCount - 2 - kFirst; left > 0; --left) envs.step(actions);
  EXPECT_EQ(
      error_of([&] { envs.step(actions); }),
      "environment 'ManyStates-v0', copy 0, step 9 (9 of its episode): the observation is 16777226; allowed: 0 to "
      "16777225");
}

TEST(SyncVectorEnv, CopiesThatCountDifferentlyAreRefused) {
  for (const bool states : {false, true}) {
    int64_t copies = 0;
    const EnvFactory unequal = [&] {
      Scripted::Script script;
      (states ? script.spec.observation_space.leaf().start : script.spec.action_start) = copies++;
      return std::make_unique<Scripted>(script);
    };
    EXPECT_EQ(error_of([&] { SyncVectorEnv(unequal, 2, 0); }),
              "cannot make copy 1 of the environment: the spec of environment 'Scripted-v0' differs from that of copy "
              "0, 'Scripted-v0'");
  }
}

TEST(SyncVectorEnv, BadFactoriesAreRefused) {
  EXPECT_EQ(error_of([] { SyncVectorEnv(cartpole(), 0, 0); }), "the number of environments is 0; allowed: at least 1");
  EXPECT_EQ(error_of([] { SyncVectorEnv(EnvFactory(), 1, 0); }), "there is no environment: the factory is empty");
  EXPECT_EQ(error_of([] { SyncVectorEnv([] { return std::unique_ptr<Env>(); }, 1, 0); }),
            "cannot make copy 0 of the environment: the factory gave no object");
  int64_t made = 0;
  const auto moody = [&]() -> std::unique_ptr<Env> {
    if (made++ == 2) throw std::runtime_error("no licence left");
    return std::make_unique<CartPole>();
  };
  EXPECT_EQ(error_of([&] { SyncVectorEnv(moody, 3, 0); }), "cannot make copy 2 of the environment: no licence left");
  Scripted::Script script;
  const auto growing = [&] {
    ++script.spec.action_count;
    return std::make_unique<Scripted>(script);
  };
  EXPECT_EQ(error_of([&] { SyncVectorEnv(growing, 2, 0); }),
            "cannot make copy 1 of the environment: the spec of environment 'Scripted-v0' differs from that of copy 0, "
            "'Scripted-v0'");
}

TEST(SyncVectorEnv, WithoutSerializeARestoreStartsFreshEpisodesAndSaysSo) {
  const auto play = [](SyncVectorEnv& envs) {
    for (int step = 0; step < 5; ++step) envs.step(std::array<int64_t, 2>{1, 2});
  };
  std::vector<Scripted*> made;
  const EnvFactory make = [&] {
    auto env = std::make_unique<Scripted>(Scripted::Script{});
    made.push_back(env.get());
    return env;
  };
  SyncVectorEnv envs(make, 2, 7);
  play(envs);
  Archive saved;
  envs.serialize(saved);
  EXPECT_TRUE(envs.restored_exactly());

  SyncVectorEnv resumed(make, 2, 7), again(make, 2, 7);
  play(resumed);  // its own episodes must leave no trace
  Archive loaded(saved.tensors()), loaded_again(saved.tensors());
  resumed.serialize(loaded);
  again.serialize(loaded_again);
  EXPECT_FALSE(resumed.restored_exactly());
  EXPECT_EQ(resumed.episode_length(0), 0);
  EXPECT_EQ(resumed.episode_return(1), 0);
  EXPECT_FALSE(resumed.ended(0));
  EXPECT_EQ(copy(resumed.observations().as<float>()), (std::vector<float>{1, 0, 1, 0}));
  EXPECT_EQ(copy(resumed.next_observations().as<float>()), copy(resumed.observations().as<float>()));
  ASSERT_EQ(made[2]->seeds.size(), 2u);
  EXPECT_NE(made[2]->seeds[1], made[2]->seeds[0]) << "the run's first episodes would be played again";
  EXPECT_NE(made[2]->seeds[1], made[3]->seeds[1]) << "both copies would play the same";
  EXPECT_EQ(made[2]->seeds, made[4]->seeds) << "two restores of the same state would differ";
}

TEST(SyncVectorEnv, AnotherStateIsRefused) {
  SyncVectorEnv envs(cartpole(), 2, 0), fewer(cartpole(), 1, 0);
  Scripted::Script script;
  SyncVectorEnv other(factory(script), 2, 0);
  Archive saved;
  envs.serialize(saved);
  Archive loaded(saved.tensors());
  EXPECT_EQ(error_of([&] { other.serialize(loaded); }),
            "the saved state is one of environment 'CartPole-v1', not of 'Scripted-v0'");
  Archive loaded_fewer(saved.tensors());
  EXPECT_NE(error_of([&] { fewer.serialize(loaded_fewer); }).find("'observations' is [8] of F32; expected [4]"),
            std::string::npos);
  TensorMap damaged = saved.tensors();
  damaged.erase("copy_1/state");
  Archive loaded_damaged(damaged);
  EXPECT_EQ(error_of([&] { envs.serialize(loaded_damaged); }),
            "environment 'CartPole-v1', copy 1, saved or restored after step 0: the saved state has no 'copy_1/state'");
}

// Action 0 is legal in even steps, the other two in odd ones; at the fifth nothing is, for it ends there or breaks.
class Alternating : public Scripted {
 public:
  explicit Alternating(bool ends)
      : Scripted({.spec = {.id = "Alternating-v0",
                           .observation_space = ObservationSpace::real({2}).with_legal_actions(3),
                           .action_count = 3},
                  .after_step = [ends](Scripted& self, Step& step) {
                    step.terminated = ends && self.observation[1] == 5;
                  }}) {}
  LegalActions legal_actions() const override {
    legal_[0] = observation[1] == 5 ? 0 : static_cast<int>(observation[1]) % 2 == 0 ? 1 : 6;
    return LegalActions(legal_);
  }
  bool serialize(Archive& archive) override {
    archive.array("observation", observation);
    return true;
  }

 private:
  mutable std::array<uint64_t, 1> legal_{};
};

TEST(SyncVectorEnv, RowsSayWhatIsLegalAndNothingElseIsTaken) {
  SyncVectorEnv env([] { return std::make_unique<Alternating>(true); }, 2, 0);
  const auto legal = [&](const ObservationRows& rows) { return rows.layout().legal(rows[1]).words()[0]; };
  EXPECT_EQ(legal(env.observations()), 1u);
  EXPECT_EQ(error_of([&] {
              env.step(std::vector<int64_t>{0, 2});
            }),
            "environment 'Alternating-v0', copy 1, step 1: action 2 is illegal there");
  for (int64_t step = 0; step < 4; ++step) {
    env.step(std::vector<int64_t>{step % 2, step % 2});
    EXPECT_EQ(legal(env.observations()), step % 2 == 0 ? 6u : 1u);
    EXPECT_EQ(legal(env.next_observations()), step % 2 == 0 ? 6u : 1u);
  }
  env.step(std::vector<int64_t>{0, 0});
  EXPECT_EQ(legal(env.next_observations()), 0u) << "the end";
  EXPECT_EQ(legal(env.observations()), 1u) << "the next episode";

  Archive saved;
  env.serialize(saved);
  Archive archive(saved.tensors());
  SyncVectorEnv other([] { return std::make_unique<Alternating>(true); }, 2, 5);
  other.serialize(archive);
  EXPECT_EQ(legal(other.next_observations()), 0u);
}

TEST(SyncVectorEnv, NoLegalActionBeforeTheEndIsAnError) {
  SyncVectorEnv env([] { return std::make_unique<Alternating>(false); }, 1, 0);
  for (int64_t step = 0; step < 4; ++step) env.step(std::vector<int64_t>{step % 2});
  EXPECT_EQ(error_of([&] { env.step(std::vector<int64_t>{0}); }),
            "environment 'Alternating-v0', copy 0, step 5 (5 of its episode): no action is legal; allowed: at a true "
            "end alone");
}

TEST(SyncVectorEnv, WhoIsToSayWhatIsLegalSaysIt) {
  EXPECT_EQ(error_of([] {
              SyncVectorEnv(factory({.spec = {.id = "Scripted-v0",
                                              .observation_space = ObservationSpace::real({2}).with_legal_actions(3),
                                              .action_count = 3}}),
                            1, 0);
            }),
            "environment 'Scripted-v0', copy 0, reset after step 0: legal_actions() has 0 words; allowed: 1")
      << "a class that wraps another one may have forgotten to hand it on";
  EXPECT_EQ(error_of([] {
              SyncVectorEnv(factory({.spec = {.id = "Scripted-v0",
                                              .observation_space = ObservationSpace::real({2}).with_legal_actions(4),
                                              .action_count = 3}}),
                            1, 0);
            }),
            "cannot make copy 0 of the environment: environment 'Scripted-v0': the number of actions of which it says "
            "whether they are legal is 4; allowed: 3");
}

TEST(SyncVectorEnv, StepsWithTheirHistoryAllocateNothing) {
  const HistoryOptions options{.frame_stack = 3, .last_action = true, .last_reward = true};
  const EnvFactory make = find_env("MinAtar/Breakout-v1");
  const auto together = with_history(options, std::make_unique<SyncVectorEnv>(make, 2, 5));
  SyncVectorEnv copies(with_history(options, make), 2, 5);
  const std::vector<int64_t> actions{0, 1};
  const auto play = [&](int steps) {
    for (int step = 0; step < steps; ++step) together->step(actions), copies.step(actions);
  };
  play(3);
  const int64_t before = test::allocation_count;
  play(100);
  EXPECT_EQ(test::allocation_count, before);
}

}  // namespace
}  // namespace deepq
