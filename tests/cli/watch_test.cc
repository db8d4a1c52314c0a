// deepq watch: a trained agent's episodes as pictures, on a terminal and in a file.
#include <signal.h>

#include <algorithm>
#include <regex>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;

class WatchTest : public CliTest {
 protected:
  // Trains one of each kind of agent.
  void train(const std::string& name, const Arguments& more) const {
    Arguments arguments{"train", "--out", path(name), "--quiet", "--set", "eval.final_episodes=0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = run_program(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
  }

  // Plays to a file; fails unless all went well.
  std::string watch(const std::string& name, const Arguments& more = {}) const {
    Arguments arguments{"watch", path(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
};

int64_t count(const std::string& text, const std::string& part) {
  int64_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool has_control_characters(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c != '\n' && (c < ' ' || c == 127); });
}

TEST_F(WatchTest, PlaysWhatEvalMeasures) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const std::string text = watch("run", {"--episodes", "3", "--seed", "5"});
  EXPECT_FALSE(has_control_characters(text)) << text;
  EXPECT_TRUE(text.starts_with("CartPole-v1, seed 5, epsilon 0\n")) << text;
  const json report = json::parse(run_program({"eval", path("run"), "--episodes", "3", "--seed", "5", "--json"}).out);
  char mean[100];
  const auto value = report.at("mean_return").get<double>();
  std::snprintf(mean, sizeof(mean), "\nMean return %.*f over 3 episodes\n", value < 9.995 ? 2 : 1, value);
  EXPECT_TRUE(text.ends_with(mean)) << text;
  EXPECT_EQ(count(text, "   step "), std::lround(3 * report.at("mean_length").get<double>())) << "one frame a step";
  EXPECT_EQ(count(text, "#######"), count(text, "   step ")) << "with the cart in it";
  EXPECT_EQ(count(text, "\n> "), count(text, "   step "));
  EXPECT_NE(text.find("\nEpisode 1   step 1   reward 1.00   return 1.00\n"), std::string::npos) << text;
  EXPECT_EQ(count(text, "   terminated\n"), 3);
}

TEST_F(WatchTest, EveryKindOfAgentPlays) {
  train("table", {"--env", "FrozenLake-v1", "--steps", "2000", "--set", "agent.algorithm=q_learning"});
  const std::string table = watch("table", {"--episodes", "2"});
  EXPECT_NE(table.find(" S  F  F  F \n"), std::string::npos) << table;
  EXPECT_TRUE(std::regex_search(table, std::regex("\nEpisode 2   step 1   .*\n  action     value\n(. [0-3] .*\n){4}")))
      << table;
  train("parallel",
        {"--env", "CartPole-v1", "--steps", "512", "--set", "agent.algorithm=pqn", "network.layer_norm=true"});
  EXPECT_EQ(count(watch("parallel"), "   terminated\n"), 1);
}

TEST_F(WatchTest, TheRunsSettingsHold) {
  ASSERT_EQ(run_program(short_training("run", {"--set", "env.max_episode_steps=6", "eval.epsilon=0.25"})).status, 0);
  const std::string text = watch("run", {"--episodes", "2"});
  EXPECT_TRUE(text.starts_with("CartPole-v1, the final evaluation's, epsilon 0.25\n")) << text;
  EXPECT_EQ(count(text, "   step 6   reward 1.00   return 6.00   truncated\n"), 2) << text;
  EXPECT_EQ(count(text, "   step "), 12);
  EXPECT_NE(watch("run", {"--epsilon", "1"}), watch("run", {"--epsilon", "0"}));
}

TEST_F(WatchTest, ATerminalIsRedrawnInPlace) {
  ASSERT_EQ(run_program(short_training("run", {"--set", "env.max_episode_steps=6"})).status, 0);
  const Result result = run_program({"watch", path("run"), "--fps", "0"}, {.terminal = true, .terminal_too = true});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(count(result.err, "\x1b[12A"), 5) << "all frames but the first go over the last: " << result.err;
  EXPECT_EQ(count(result.err, "Episode 1   step "), 6);
}

TEST_F(WatchTest, ASignalEndsIt) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  Process process({"watch", path("run"), "--episodes", "1000000", "--fps", "0.01"});
  process.wait_for_output("Episode 1   step 1 ");
  process.send(SIGINT);
  const Result result = process.finish();
  EXPECT_EQ(result.status, 130);
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(result.out.ends_with("\n")) << result.out;
  EXPECT_EQ(count(result.out, "   step "), 1);
}

}  // namespace
}  // namespace deepq::cli
