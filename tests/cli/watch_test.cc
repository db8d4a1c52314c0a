// deepq watch: a trained agent's episodes as pictures, on a terminal and in a file.
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
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

// Of a GIF's blocks: how many pictures, and the size that it says. What is in them Pillow reads in tests/python.
struct GifFacts {
  int width = 0, height = 0;
  int64_t pictures = 0;
};

GifFacts gif_facts(const std::string& bytes) {
  const auto number = [&](size_t at) {
    return static_cast<unsigned char>(bytes.at(at)) + 256 * static_cast<unsigned char>(bytes.at(at + 1));
  };
  EXPECT_TRUE(bytes.starts_with("GIF89a") && bytes.ends_with(';'));
  return {number(6), number(8), count(bytes, std::string("\x21\xf9\x04\x04", 4))};
}

TEST_F(WatchTest, FilmsEpisodesAsAGif) {
  train("run", {"--env", "CartPole-v1", "--steps", "300"});
  const std::string text = watch("run", {"--gif", path("film.gif"), "--episodes", "2", "--seed", "3"});
  const json report = json::parse(run_program({"eval", path("run"), "--episodes", "2", "--seed", "3", "--json"}).out);
  const auto steps = std::lround(2 * report.at("mean_length").get<double>());
  const GifFacts facts = gif_facts(file_text(path("film.gif")));
  EXPECT_EQ(facts.pictures, steps + 2) << "each step, and how each episode begins";
  EXPECT_EQ(facts.width, 300);
  EXPECT_EQ(facts.height, 120);
  EXPECT_NE(text.find(std::to_string(steps + 2) + " pictures of 300 x 120 in " + path("film.gif") + "\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("Mean return "), std::string::npos) << text;
}

TEST_F(WatchTest, FilmsWithFfmpegWhereItIs) {
  train("run", {"--env", "FrozenLake-v1", "--steps", "300", "--set", "agent.algorithm=q_learning"});
  // One that keeps what it is told and given.
  std::filesystem::create_directory(path("bin"));
  write_text(path("bin/ffmpeg"),
             "#!/bin/sh\nfor last; do :; done\n[ \"$last\" = -version ] && exit 0\necho \"$@\" > '" + path("told") +
                 "'\ncat > \"$last\"\n");
  std::filesystem::permissions(path("bin/ffmpeg"), std::filesystem::perms::owner_all);
  const std::string before = std::getenv("PATH");
  const auto with_path = [&](const std::string& value, const Arguments& more) {
    setenv("PATH", value.c_str(), 1);
    Arguments arguments{"watch", path("run"), "--mp4", path("film.mp4")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = run_program(arguments);
    setenv("PATH", before.c_str(), 1);
    return result;
  };
  const Result filmed = with_path(path("bin") + ":" + before, {"--fps", "12.5"});
  ASSERT_EQ(filmed.status, 0) << filmed.err;
  const std::string told = file_text(path("told"));
  EXPECT_NE(told.find("-video_size 192x192 -framerate 12.5 "), std::string::npos) << told;
  const auto picture = int64_t{192} * 192 * 3;
  const auto size = static_cast<int64_t>(file_text(path("film.mp4")).size());
  EXPECT_EQ(size % picture, 0);
  EXPECT_NE(filmed.out.find(std::to_string(size / picture) + " pictures of 192 x 192 in "), std::string::npos)
      << filmed.out;
  const Result without = with_path(path("nowhere"), {});
  EXPECT_EQ(without.status, 2);
  EXPECT_EQ(without.err,
            "deepq: --mp4 needs ffmpeg, which is not installed (apt-get install ffmpeg); allowed: --gif FILE\n");
  write_text(path("bin/ffmpeg"), "#!/bin/sh\nfor last; do :; done\n[ \"$last\" = -version ] && exit 0\nexit 7\n");
  const Result failed = with_path(path("bin") + ":" + before, {});
  EXPECT_EQ(failed.err, "deepq: ffmpeg could not write " + path("film.mp4") + ": it ended with status 7\n");
}

TEST_F(WatchTest, FilmsOneWayAtATime) {
  train("run", {"--env", "CartPole-v1", "--steps", "300"});
  EXPECT_EQ(run_program({"watch", path("run"), "--gif", "a", "--mp4", "b"}).status, 2);
  EXPECT_EQ(run_program({"watch", path("run"), "--gif", path("a"), "--fps", "0"}).err,
            "deepq: --fps is 0; allowed: 0.1 to 1000\n");
  EXPECT_EQ(run_program({"watch", path("run"), "--gif", path("no/folder.gif")}).status, 2);
}

}  // namespace
}  // namespace deepq::cli
