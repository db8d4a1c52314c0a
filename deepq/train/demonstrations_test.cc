// Files of demonstrations: what is recorded is read again, what cannot be is refused by its name.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>

#include "deepq/core/npz.h"
#include "deepq/env/registry.h"
#include "deepq/train/demonstration_files.h"
#include "deepq/train/demonstration_writer.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::slurp;
using test::spit;
using test::TemporaryFolder;

struct Step {
  std::vector<std::byte> from, to;
  int64_t action;
  double reward;
  bool terminated, truncated;
  friend bool operator==(const Step&, const Step&) = default;
};

std::vector<Step> steps_of(const Demonstrations& demonstrations) {
  std::vector<Step> steps;
  demonstrations.visit([&](const StepRecord& step) {
    const auto from = step.observation.bytes(), to = step.next_observation.bytes();
    steps.push_back({{from.begin(), from.end()},
                     {to.begin(), to.end()},
                     step.action,
                     step.reward,
                     step.terminated,
                     step.truncated});
  });
  return steps;
}

// What an untrained agent does, at random, in one of the library's own worlds.
std::vector<Step> played(const std::string& env_id, const std::string& path, const std::string& setting = "") {
  RunConfig config;
  config.env.id = env_id;
  if (!setting.empty()) set_field(config, setting);
  const EnvFactory env = find_env(env_id, config.env_options);
  const EnvSpec spec = env()->spec();
  Policy anyone(config, spec.observation_space, spec.actions());
  EvaluationPlan plan{.episodes = 4, .epsilon = 1, .max_episode_steps = 25};
  std::vector<Step> steps;
  play(anyone, env, plan, [&](const PlayedStep& step) {
    const auto from = step.acted_on.bytes(), to = step.observation[0].bytes();
    steps.push_back({{from.begin(), from.end()},
                     {to.begin(), to.end()},
                     step.action,
                     step.reward,
                     step.terminated,
                     step.truncated && !step.terminated});
    return true;
  });
  const auto recording = record_demonstrations(anyone, env, plan, path, [] { return true; });
  EXPECT_EQ(recording->episodes, 4);
  EXPECT_EQ(recording->steps, static_cast<int64_t>(steps.size()));
  return steps;
}

// Reals, states, bits of legal actions, bytes.
TEST(Demonstrations, WhatWasRecordedIsRead) {
  const TemporaryFolder folder;
  for (const auto& [env_id, setting] : {std::pair{"CartPole-v1", ""},
                                        {"Taxi-v4", ""},
                                        {"Taxi-v4", "taxi.action_mask=true"},
                                        {"TicTacToe-v0", ""},
                                        {"MinAtar/Breakout-v1", ""}}) {
    SCOPED_TRACE(std::string(env_id) + setting);
    const std::string path = folder / (std::string(1, env_id[0]) + (*setting ? "m" : "") + ".npz");
    const std::vector<Step> steps = played(env_id, path, setting);
    RunConfig config;
    config.env.id = env_id;
    if (*setting) set_field(config, setting);
    const DemonstrationFiles files(path, find_env(env_id, config.env_options)()->spec());
    EXPECT_EQ(files.steps(), static_cast<int64_t>(steps.size()));
    EXPECT_EQ(files.episodes(), 4);
    EXPECT_EQ(files.sha256().size(), 64u);
    EXPECT_TRUE(steps_of(files) == steps);
    const DemonstrationFiles twice(path + ", " + path, find_env(env_id, config.env_options)()->spec());
    EXPECT_EQ(twice.steps(), 2 * files.steps());
    EXPECT_NE(twice.sha256(), files.sha256());
  }
}

template <class Number>
TensorView array(Dtype dtype, std::vector<int64_t> shape, const std::vector<Number>& numbers) {
  return {dtype, std::move(shape), std::as_bytes(std::span(numbers))};
}

// Three steps of CartPole: the second ends an episode, the third is cut off.
struct Hand {
  std::vector<float> observations{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, next = observations;
  std::vector<int64_t> actions{0, 1, 0};
  std::vector<double> rewards{1, 2, 3};
  std::vector<uint8_t> ends{0, 1, 0}, cuts{0, 0, 1};
  TensorMap arrays;

  Hand() {
    arrays["observations"] = array(Dtype::kF32, {3, 4}, observations);
    arrays["next_observations"] = array(Dtype::kF32, {3, 4}, next);
    arrays["actions"] = array(Dtype::kI64, {3}, actions);
    arrays["rewards"] = array(Dtype::kF64, {3}, rewards);
    arrays["terminations"] = array(Dtype::kU8, {3}, ends);
    arrays["truncations"] = array(Dtype::kU8, {3}, cuts);
  }

  std::string refusal() const {
    const TemporaryFolder folder;
    spit(folder / "d.npz", npz_bytes(arrays));
    std::string error =
        error_of([&] { steps_of(DemonstrationFiles(folder / "d.npz", find_env("CartPole-v1")()->spec())); });
    if (error.starts_with(folder.path())) error = error.substr(folder.path().size() + 1);
    return error;
  }
  std::vector<Step> read() const {
    const TemporaryFolder folder;
    spit(folder / "d.npz", npz_bytes(arrays));
    return steps_of(DemonstrationFiles(folder / "d.npz", find_env("CartPole-v1")()->spec()));
  }
};

TEST(Demonstrations, WithoutNextObservationsACutStepIsUnknown) {
  Hand hand;
  EXPECT_EQ(hand.read().size(), 3u);
  hand.arrays.erase("next_observations");
  EXPECT_EQ(hand.read().size(), 2u) << "what followed the third step is not known";
  hand.arrays["terminals"] = hand.arrays["terminations"];
  hand.arrays.erase("terminations");
  hand.arrays["timeouts"] = hand.arrays["truncations"];
  hand.arrays.erase("truncations");
  EXPECT_EQ(hand.read().size(), 2u) << "D4RL's names";
  hand.ends = {0, 0, 0};
  const std::vector<Step> steps = hand.read();
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_TRUE(steps[1].truncated && !steps[0].truncated && !steps[1].terminated);
  EXPECT_EQ(std::memcmp(steps[1].to.data(), &hand.observations[8], 16), 0) << "the observation that follows";
}

TEST(Demonstrations, WhatIsRefused) {
  EXPECT_EQ(Hand().refusal(), "no error");
  const auto without = [](const char* name) {
    Hand hand;
    hand.arrays.erase(name);
    return hand.refusal();
  };
  EXPECT_EQ(without("actions"),
            "d.npz has no array actions; it has next_observations, observations, rewards, terminations, truncations");
  EXPECT_TRUE(without("observations").starts_with("d.npz has no array observations; it has actions"));
  Hand hand;
  hand.arrays["observations"].shape = {4, 3};
  EXPECT_EQ(hand.refusal(), "d.npz: observations has the shape [4, 3]; allowed: [3, 4] for 3 steps of CartPole-v1");
  hand = Hand();
  hand.arrays["rewards"] = array(Dtype::kF64, {3, 1}, hand.rewards);
  EXPECT_EQ(hand.refusal(), "no error");
  const std::vector<double> two{1, 2};
  hand.arrays["rewards"] = array(Dtype::kF64, {2}, two);
  EXPECT_EQ(hand.refusal(), "d.npz: rewards has the shape [2]; allowed: [3] for 3 steps of CartPole-v1");
}

TEST(Demonstrations, NumbersThatNoWorldGivesAreRefused) {
  const auto with = [](auto change) {
    Hand hand;
    change(hand);
    hand.arrays["observations"] = array(Dtype::kF32, {3, 4}, hand.observations);
    hand.arrays["actions"] = array(Dtype::kI64, {3}, hand.actions);
    hand.arrays["rewards"] = array(Dtype::kF64, {3}, hand.rewards);
    return hand.refusal();
  };
  EXPECT_EQ(with([](Hand& h) { h.actions[1] = 2; }), "d.npz, step 1: the action is 2; allowed: 0 to 1");
  EXPECT_EQ(with([](Hand& h) { h.actions[2] = -1; }), "d.npz, step 2: the action is -1; allowed: 0 to 1");
  EXPECT_EQ(with([](Hand& h) { h.observations[5] = std::numeric_limits<float>::quiet_NaN(); }),
            "d.npz, step 1: observation[1] is nan; allowed: finite numbers");
  EXPECT_EQ(with([](Hand& h) { h.rewards[0] = std::numeric_limits<double>::infinity(); }),
            "d.npz, step 0: the reward is inf; allowed: finite numbers");
  Hand fractions;
  const std::vector<double> halves{0, 0.5, 1};
  fractions.arrays["actions"] = array(Dtype::kF64, {3}, halves);
  EXPECT_EQ(fractions.refusal(), "d.npz, step 1: the action is 0.5; allowed: a whole number");
}

TEST(Demonstrations, IllegalActionsAreRefused) {
  const TemporaryFolder folder;
  RunConfig config;
  set_field(config, "taxi.action_mask=true");
  played("Taxi-v4", folder / "t.npz", "taxi.action_mask=true");
  const EnvSpec spec = find_env("Taxi-v4", config.env_options)()->spec();
  const std::string file = slurp(folder / "t.npz");
  TensorMap arrays = parse_npz(file, "t").arrays;
  const std::vector<std::byte> none(arrays.at("legal_actions").bytes.size());
  arrays.at("legal_actions").bytes = none;
  spit(folder / "none.npz", npz_bytes(arrays));
  EXPECT_TRUE(error_of([&] {
                steps_of(DemonstrationFiles(folder / "none.npz", spec));
              }).ends_with("none.npz, step 0: the action is illegal where it was taken"));
}

TEST(Demonstrations, FilesThatAreNoneAreRefused) {
  const TemporaryFolder folder;
  const EnvSpec spec = find_env("CartPole-v1")()->spec();
  played("CartPole-v1", folder / "d.npz");
  EXPECT_TRUE(error_of([&] { DemonstrationFiles(folder / "none.npz", spec); }).starts_with("cannot open "));
  EXPECT_EQ(error_of([&] { DemonstrationFiles(folder / "d.npz,,", spec); }),
            "it is '" + folder.path() + "/d.npz,,'; allowed: paths with commas between them");
  EXPECT_TRUE(error_of([&] {
                DemonstrationFiles(folder / "d.npz", find_env("Acrobot-v1")()->spec());
              }).ends_with(" steps of Acrobot-v1"));
  const std::string whole = slurp(folder / "d.npz");
  for (size_t size = 0; size < whole.size(); size += 97) {
    spit(folder / "cut.npz", whole.substr(0, size));
    EXPECT_NE(error_of([&] { DemonstrationFiles(folder / "cut.npz", spec); }), "no error") << size;
  }
  ReplayConfig replay;
  replay.demonstrations = folder / "none.npz";
  EXPECT_TRUE(error_of([&] { open_demonstrations(replay, spec); }).starts_with("replay.demonstrations: cannot open "));
}

}  // namespace
}  // namespace deepq
