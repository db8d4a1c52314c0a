// A page's run is the program's run: the same weights, episodes and summary, whole or in pieces, and checkpoints that
// go both ways.
#include "web/core/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "deepq/core/error.h"
#include "deepq/train/run.h"
#include "tests/test_support.h"

namespace deepq::web {
namespace {

using nlohmann::json;

// Without what depends on the clock.
json timeless(const std::string& summary) {
  json object = json::parse(summary);
  object.erase("seconds");
  object.erase("env_steps_per_second");
  return object;
}

std::string toml_of(const std::string& preset, const std::string& env, int64_t env_steps) {
  return "preset = \"" + preset + "\"\n[env]\nid = \"" + env +
         "\"\n[train]\nepisodes = 0\nenv_steps = " + std::to_string(env_steps) + "\n[eval]\nfinal_episodes = 3\n";
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// The program's: start_run without a folder.
std::string summary_of_program(const std::string& toml, Arithmetic arithmetic = Arithmetic::kStrict) {
  std::vector<GivenKey> given;
  RunConfig config = from_user_toml(toml, "test", {}, given);
  config.network.arithmetic = arithmetic;
  return start_run(config, {}).to_json();
}

TEST(Run, IsTheProgramsRun) {
  for (const auto& [preset, env] : {std::pair{"chapter", "CartPole-v1"},
                                    {"rainbow", "CartPole-v1"},
                                    {"pqn", "CartPole-v1"},
                                    {"chapter", "FrozenLake-v1"},
                                    {"chapter", "Acrobot-v1"},
                                    {"chapter", "MountainCar-v0"},
                                    {"minatar-pqn", "MinAtar/Breakout-v1"}}) {
    SCOPED_TRACE(std::string(preset) + " on " + env);
    const std::string toml = toml_of(preset, env, env == std::string("MinAtar/Breakout-v1") ? 9000 : 3000);
    const auto run = Run::of_toml(toml);
    for (const int64_t part : {1, 700, 1, 2000, 50000}) run->step(part);
    EXPECT_TRUE(run->done());
    EXPECT_EQ(timeless(run->summary()), timeless(summary_of_program(toml)));
  }
}

// What the page shows as chosen is legal, though a network that has learnt nothing has other favourites.
TEST(Run, ShowsGamesInWhichSomeActionsAreIllegal) {
  const auto run = Run::of_toml(toml_of("chapter", "TicTacToe-v0", 2000));
  run->step(7);
  int taken = 0, illegal_favourites = 0;
  for (int i = 0; i < 60; ++i) {
    for (const json& shown : {json::parse(run->show()), json::parse(run->look())}) {
      const std::vector<double> board = shown["observation"], q = shown["q"];
      const auto action = static_cast<size_t>(shown["action"].get<int64_t>());
      if (shown.value("ended", false)) continue;
      EXPECT_EQ(board[2 * action] + board[2 * action + 1], 0) << "the place is taken";
      const auto favourite = static_cast<size_t>(std::ranges::max_element(q) - q.begin());
      illegal_favourites += favourite != action;
      ++taken;
    }
    run->step(1);
  }
  EXPECT_GT(taken, 60);
  EXPECT_GT(illegal_favourites, 5);
}

TEST(Run, DoesNotShowWhatCameBefore) {
  std::string toml = toml_of("chapter", "CartPole-v1", 1500);
  toml.insert(toml.find("[env]\n") + 6, "frame_stack = 2\n");
  EXPECT_EQ(
      test::error_of([&] { Run::of_toml(toml); }),
      "env.frame_stack, env.last_action and env.last_reward are given; allowed in the playground: 1, false, false");
}

TEST(Run, IsTheProgramsFastRunWhereThatIsAskedFor) {
  for (const char* const env : {"CartPole-v1", "Acrobot-v1"}) {
    std::string fast = toml_of("chapter", env, 1500);
    fast.insert(fast.find("[train]\n") + 8, "arithmetic = \"fast\"\n");
    const auto run = Run::of_toml(fast);
    run->step(1500);
    EXPECT_EQ(timeless(run->summary()), timeless(summary_of_program(fast, Arithmetic::kFast))) << env;
  }
  const auto plain = Run::of_toml(toml_of("chapter", "CartPole-v1", 1500) + "[network]\nengine = \"plain\"\n");
  EXPECT_NE(plain->config_toml().find("engine = \"plain\""), std::string::npos) << "which strict arithmetic refuses";
}

TEST(Run, GoesOnFromItsOwnCheckpoint) {
  const std::string toml = toml_of("chapter", "CartPole-v1", 2000);
  const auto whole = Run::of_toml(toml), begun = Run::of_toml(toml);
  whole->step(2000);
  begun->step(777);
  const std::string file = begun->checkpoint();
  const auto other = Run::of_checkpoint(bytes_of(file));
  EXPECT_EQ(other->config_toml(), begun->config_toml());
  other->step(2000);
  EXPECT_EQ(timeless(other->summary()), timeless(whole->summary()));
  EXPECT_THROW(Run::of_checkpoint(bytes_of(file).first(file.size() - 1)), Error);
}

TEST(Run, TellsEachRecordOnce) {
  const auto run = Run::of_toml(toml_of("chapter", "CartPole-v1", 1500));
  run->step(600);
  const json first = json::parse(run->news());
  run->step(900);
  const json second = json::parse(run->news());
  ASSERT_FALSE(first["episodes"].empty());
  EXPECT_EQ(first["episodes"][0]["episode"], 1);
  EXPECT_EQ(second["episodes"][0]["episode"], first["episodes"].size() + 1);
  EXPECT_GT(first["episodes"][0]["return"], 0);
  EXPECT_FALSE(first["metrics"].empty());
  ASSERT_EQ(second["evaluations"].size(), 1u) << "the final one";
  EXPECT_EQ(json::parse(run->news())["episodes"].size(), 0u);
}

TEST(Run, AStepOfAnEpisodeEndsWithIt) {
  const auto run = Run::of_toml(toml_of("chapter", "CartPole-v1", 1500));
  run->step_episode(1000);
  EXPECT_EQ(json::parse(run->look())["episodes"], 1);
  run->step_episode(3);
  const json now = json::parse(run->look());
  EXPECT_EQ(now["episodes"], 1);
  EXPECT_EQ(now["episode_length"], 3);
}

TEST(Run, ShowsTheWorldAndWhatTheAgentMakesOfIt) {
  const auto run =
      Run::of_toml(toml_of("chapter", "GridWorld-v0", 500) + "[grid_world]\nrows = 3\ncolumns = 4\nwalls = [5]\n");
  run->step(400);
  const json now = json::parse(run->look()), world = json::parse(run->world());
  EXPECT_EQ(now["q"].size(), 4u);
  EXPECT_EQ(now["observation"].size(), 1u);
  EXPECT_EQ(now["stored"], 400);
  EXPECT_EQ(world["grid"]["walls"], json::array({5}));
  EXPECT_EQ(world["grid"]["goals"], json::array({11}));
  EXPECT_EQ(world["q_star"].size(), 48u);
  std::vector<float> states(12);
  for (size_t i = 0; i < states.size(); ++i) states[i] = static_cast<float>(i);
  const std::vector<double> all = run->values(states);
  ASSERT_EQ(all.size(), 48u);
  const auto place = now["observation"][0].get<size_t>();
  EXPECT_EQ(all[place * 4], now["q"][0].get<double>());
  EXPECT_EQ(run->act({&states[place], 1}), now["action"].get<int64_t>());
  EXPECT_THROW(run->values({}).at(0), std::out_of_range);
}

TEST(Run, ShowsGamesBesideTheTrainingAndDoesNotDisturbIt) {
  const std::string toml = toml_of("rainbow", "CartPole-v1", 1500);
  const auto run = Run::of_toml(toml), alone = Run::of_toml(toml);
  int games = 0;
  for (int part = 0; part < 15; ++part) {
    run->step(100);
    run->target_values(std::array{0.0f, 0.0f, 0.1f, 0.0f});
    run->replay(50, 0);
    for (int step = 0; step < 20; ++step) games += json::parse(run->show())["ended"].get<bool>() ? 1 : 0;
  }
  alone->step(1500);
  EXPECT_GT(games, 2);
  EXPECT_EQ(timeless(run->summary()), timeless(alone->summary()));
}

TEST(Run, AGameThatIsShownEndsAndBeginsAgain) {
  const auto run = Run::of_toml(toml_of("chapter", "CartPole-v1", 1500));
  json last = json::parse(run->show());
  EXPECT_EQ(last["episode_length"], 0);
  while (!last["ended"].get<bool>()) {
    const json now = json::parse(run->show());
    EXPECT_EQ(now["episode_length"], last["episode_length"].get<int>() + 1);
    last = now;
  }
  EXPECT_GT(std::abs(last["observation"][2].get<double>()), 0.2) << "fallen over: the state that it ended in";
  EXPECT_EQ(json::parse(run->show())["episode_length"], 0);
}

TEST(Run, TellsWhatTheReplayHolds) {
  std::string toml = toml_of("chapter", "CartPole-v1", 900) + "[replay]\ncapacity = 500\n";
  const auto run = Run::of_toml(toml);
  EXPECT_TRUE(run->replay(10, 0).empty());
  run->step(700);
  const json before = json::parse(run->look());
  run->step(1);
  const std::vector<float> newest = run->replay(1, 1), two = run->replay(2, 2), all = run->replay(1000, 0);
  ASSERT_EQ(newest.size(), 7u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(newest[i], before["observation"][i].get<float>());
  EXPECT_EQ(newest[5], 1) << "the reward";
  EXPECT_EQ(std::vector<float>(two.begin() + 7, two.end()), newest) << "the oldest first";
  ASSERT_EQ(all.size(), 500u * 7);
  EXPECT_EQ(std::vector<float>(all.end() - 14, all.end()), two);
  // States are numbers, whatever a network sees of them.
  const auto grid = Run::of_toml(toml_of("chapter", "GridWorld-v0", 500));
  const json start = json::parse(grid->look());
  grid->step(100);
  const std::vector<float> states = grid->replay(100, 0);
  ASSERT_EQ(states.size(), 400u);
  EXPECT_EQ(states[0], start["observation"][0].get<float>());
  EXPECT_GT(*std::max_element(states.begin(), states.end()), 3);
}

TEST(Run, TellsWhatTheTargetNetworkSays) {
  const auto run = Run::of_toml(toml_of("chapter", "CartPole-v1", 1500));
  const std::array state{0.01f, 0.2f, 0.03f, -0.1f};
  while (json::parse(run->look())["updates"] != 200) run->step(1);
  const std::vector<double> copied = run->values(state);
  EXPECT_EQ(run->target_values(state), copied) << "just synchronised";
  run->step(50);
  EXPECT_EQ(run->target_values(state), copied) << "it stands still";
  EXPECT_NE(run->values(state), copied);
  EXPECT_TRUE(Run::of_toml(toml_of("pqn", "CartPole-v1", 3000))->target_values(state).empty());
}

TEST(Run, RefusesInTheProgramsWords) {
  const auto message = [](const std::string& toml) {
    try {
      Run::of_toml(toml);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message("preset = \"chaptr\"").find("chapter"), std::string::npos);
  EXPECT_NE(message(toml_of("chapter", "CartPole-v1", 100) + "[agent]\ngama = 0.9\n").find("agent.gamma"),
            std::string::npos);
  EXPECT_NE(message(toml_of("chapter", "CartPole-v1", 100) + "[pqn]\nlambda = 0.9\n").find("pqn.lambda"),
            std::string::npos);
  EXPECT_NE(message(toml_of("chapter", "CartPol-v1", 100)).find("CartPole-v1"), std::string::npos);
  EXPECT_NE(message(toml_of("chapter", "CartPole-v1", 10)).find("update"), std::string::npos);
}

TEST(Faults, AreWhatTheySay) {
  const std::string toml = toml_of("chapter", "CartPole-v1", 1500);
  const auto weights = [&](const std::string& fault) {
    const auto run = Run::of_toml(toml, fault_of(fault));
    run->step(1500);
    const json summary = json::parse(run->summary());
    EXPECT_GT(summary["best_100_mean_return"], 0) << "told truly";
    return summary["weights_sha256"].get<std::string>();
  };
  const std::string sound = weights("none");
  for (const char* fault : {"no_terminal_mask", "wrong_sign", "stale_target"})
    EXPECT_NE(weights(fault), sound) << fault;
  EXPECT_THROW(fault_of("none at all"), Error);
}

// Values without the mask: where every reward is 1 and no end is seen, all that follows is worth 1 / (1 - gamma) at
// last.
TEST(Faults, WithoutTheMaskEndsAreBootstrappedFrom) {
  const std::string toml = toml_of("chapter", "CartPole-v1", 6000) + "[agent]\ngamma = 0.5\n";
  const auto largest = [&](Fault fault) {
    const auto run = Run::of_toml(toml, fault);
    run->step(6000);
    // Fallen over: the next step ends it.
    const std::vector<double> q = run->values(std::array{0.0f, 0.0f, 0.2f, 2.0f});
    return std::max(q[0], q[1]);
  };
  EXPECT_LT(largest(Fault::kNone), 1.5);
  EXPECT_GT(largest(Fault::kNoTerminalMask), 1.7);
}

}  // namespace
}  // namespace deepq::web
