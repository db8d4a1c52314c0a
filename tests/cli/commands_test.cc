// The commands that do not train: what they print, for people and as JSON.
#include <filesystem>
#include <regex>
#include <set>
#include <span>
#include <sstream>

#include "deepq/core/sha256.h"
#include "deepq/core/version.h"
#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;
using CommandsTest = CliTest;

TEST_F(CommandsTest, HelpOfEveryCommand) {
  const std::vector<std::pair<std::string, std::string>> options{
      {"train", "--preset"}, {"resume", "DIR"},  {"eval", "--episodes"}, {"watch", "--fps"},
      {"record", "--out"},   {"plot", "--out"},  {"compare", "--score"}, {"export", "--onnx"},
      {"presets", "--keys"}, {"envs", "--json"}, {"doctor", "--json"},   {"bench", "--signature"}};
  const Result all = run_program({"--help"});
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(all.err, "");
  for (const auto& [command, option] : options) {
    EXPECT_NE(all.out.find("\n  " + command + " "), std::string::npos) << command;
    const Result one = run_program({command, "--help"});
    EXPECT_EQ(one.status, 0);
    EXPECT_EQ(one.err, "");
    EXPECT_NE(one.out.find("deepq " + command), std::string::npos) << one.out;
    EXPECT_NE(one.out.find(option), std::string::npos) << one.out;
  }
}

// Not in the parser's words.
TEST_F(CommandsTest, HelpIsInTheProgramsOwnWords) {
  Arguments commands{""};
  std::istringstream all(run_program({"--help"}).out);
  bool listed = false;
  for (std::string line; std::getline(all, line);) {
    if (listed && line.starts_with("  ")) commands.push_back(line.substr(2, line.find(' ', 2) - 2));
    listed |= line == "Commands:";
  }
  EXPECT_EQ(commands.size(), 18u);
  for (const std::string& command : commands) {
    const std::string help = run_program(command.empty() ? Arguments{"--help"} : Arguments{command, "--help"}).out;
    for (const char* word : {"Positionals", "REQUIRED", "SUBCOMMAND", "Subcommands", "Needs:", "Excludes:", "INT",
                             "UINT", "FLOAT", "TEXT", "Print this help", "Display program"})
      EXPECT_EQ(help.find(word), std::string::npos) << word << "\n" << help;
  }
}

TEST_F(CommandsTest, Version) {
  for (const char* const word : {"--version", "version"}) {
    const Result result = run_program({word});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out, "deepq " + std::string(version()) + "\n");
  }
}

TEST_F(CommandsTest, HelpAsAWord) {
  const std::string help = run_program({"--help"}).out;
  for (const Arguments& words : {Arguments{}, Arguments{"help"}, Arguments{"-h"}}) {
    const Result result = run_program(words);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out, help);
  }
  for (const char* const command : {"train", "resume", "bench", "help", "version"}) {
    const Result result = run_program({"help", command});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out, run_program({command, "--help"}).out);
  }
}

TEST_F(CommandsTest, StandardOutputThatCannotBeWritten) {
  const Result result = run_program({"presets", "chapter"}, {.largest_file_bytes = 100});
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.err.find("standard output"), std::string::npos) << result.err;
}

TEST_F(CommandsTest, PresetsListsAndPrints) {
  const Result list = run_program({"presets"});
  EXPECT_NE(list.out.find("\nchapter "), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("chapter's DQN agent"), std::string::npos) << "the first line of the preset's comment";

  EXPECT_NE(list.out.find("\nlunarlander * "), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("\n* its environment comes with the Python package: python -m deepq"), std::string::npos);
  EXPECT_EQ(list.out.find("chapter *"), std::string::npos);

  const Result one = run_program({"presets", "chapter"});
  EXPECT_TRUE(one.out.starts_with("# ")) << one.out;
  EXPECT_NE(one.out.find("# Deviations: none"), std::string::npos);
  EXPECT_NE(one.out.find("\ngamma = 0.99"), std::string::npos);
  EXPECT_NE(one.out.find("\nfinal_episodes = "), std::string::npos) << "complete: keys that the file leaves out too";

  const Result keys = run_program({"presets", "--keys"});
  EXPECT_NE(keys.out.find("optimizer.learning_rate"), std::string::npos);
}

TEST_F(CommandsTest, PresetsAsJson) {
  const json presets = json::parse(run_program({"presets", "--json"}).out).at("presets");
  const json expected{{"name", "c51"},
                      {"description", "C51 on CartPole-v1."},
                      {"env", "CartPole-v1"},
                      {"algorithm", "dqn"},
                      {"needs_python", false}};
  const auto of = [&](const std::string& name) {
    return *std::ranges::find_if(presets, [&](const json& preset) { return preset["name"] == name; });
  };
  EXPECT_EQ(of("c51"), expected);
  EXPECT_EQ(of("lunarlander")["needs_python"], true);
  EXPECT_EQ(run_program({"presets", "c51", "--json"}).status, 2);
}

TEST_F(CommandsTest, APrintedPresetIsAConfigFile) {
  write_text(path("printed.toml"), run_program({"presets", "chapter"}).out);
  const Arguments length{"--steps", "200", "--set", "eval.final_episodes=0"};
  Arguments by_file{"train", "--config", path("printed.toml"), "--out", path("a")};
  Arguments by_name{"train", "--preset", "chapter", "--out", path("b")};
  by_file.insert(by_file.end(), length.begin(), length.end());
  by_name.insert(by_name.end(), length.begin(), length.end());
  ASSERT_EQ(run_program(by_file).status, 0);
  ASSERT_EQ(run_program(by_name).status, 0);
  EXPECT_EQ(file_text(path("a/config.toml")), file_text(path("b/config.toml")));
}

TEST_F(CommandsTest, Envs) {
  const Result table = run_program({"envs"});
  const auto expect_row = [&](const std::string& row) {
    EXPECT_TRUE(std::regex_search(table.out, std::regex("\n" + row + "\n"))) << row << " is not in\n" << table.out;
  };
  expect_row("CartPole-v1 +\\[4\\] +2 +500 +195 +cartpole");
  expect_row("FrozenLake-v1 +0\\.\\.15 +4 +100 +0.7 +frozen_lake");
  expect_row("Taxi-v4 +0\\.\\.499 +6 +200 +8 +taxi");
  std::istringstream lines(table.out.substr(0, table.out.find("\n\n")));
  std::set<size_t> ends;  // of the column "actions", right-aligned
  for (std::string line; std::getline(lines, line);) {
    std::smatch cells;
    ASSERT_TRUE(std::regex_search(line, cells, std::regex("^\\S+ +(\\[[0-9, ]+\\]|\\S+) +\\S+"))) << line;
    ends.insert(cells[0].str().size());
    EXPECT_LE(line.size(), 80u) << "too wide for a terminal: " << line;
  }
  EXPECT_EQ(ends.size(), 1u) << "columns do not stand below each other\n" << table.out;
  const json envs = json::parse(run_program({"envs", "--json"}).out).at("envs");
  const json expected{{"id", "CartPole-v1"},
                      {"observation_shape", {4}},
                      {"state_count", nullptr},
                      {"action_count", 2},
                      {"action_axes", nlohmann::json::array()},
                      {"max_episode_steps", 500},
                      {"solved_return", 195.0},
                      {"settings_section", "cartpole"},
                      {"action_mask", false},
                      {"observation_parts", {{{"name", ""}, {"shape", {4}}, {"dtype", "float32"}}}}};
  EXPECT_NE(std::find(envs.begin(), envs.end(), expected), envs.end()) << envs.dump();
  const auto lake =
      std::find_if(envs.begin(), envs.end(), [](const json& env) { return env["id"] == "FrozenLake-v1"; });
  ASSERT_NE(lake, envs.end());
  EXPECT_EQ(lake->at("state_count"), 16);
  EXPECT_EQ(lake->at("settings_section"), "frozen_lake");
  EXPECT_EQ(json::parse(run_program({"envs", "CartPole-v1", "--json"}).out).at("envs"), json::array({expected}));
  const std::string one = run_program({"envs", "TicTacToe-v0"}).out;
  EXPECT_NE(one.find("observation  [3, 3, 2]  float32  convolutions see a picture [height, width, channels]"),
            one.npos);
  EXPECT_NE(one.find("action mask  [9]        bool     which actions are legal"), one.npos) << one;
  EXPECT_EQ(run_program({"envs", "Taxi-v4", "--set", "taxi.action_mask=true"}).out.find("action mask  [6]") == one.npos,
            false);
  const Result unknown = run_program({"envs", "CartPole"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("did you mean 'CartPole-v1'?"), std::string::npos) << unknown.err;
}

TEST_F(CommandsTest, DoctorTestsItself) {
  const Result text = run_program({"doctor"}, {.folder = folder_});
  EXPECT_TRUE(text.out.starts_with("program         C++; the Python package's, python -m deepq, plays Gymnasium"))
      << text.out;
  EXPECT_EQ(text.status, 0) << text.out;
  EXPECT_NE(text.out.find("ok      the current folder can be written"), std::string::npos) << text.out;
  const json report = json::parse(run_program({"doctor", "--json"}, {.folder = folder_}).out);
  EXPECT_EQ(report.at("ok"), true);
  EXPECT_EQ(report.at("checks").at("self_test"), "ok");
  EXPECT_GT(report.at("cores"), 0);
  EXPECT_GT(report.at("memory_bytes"), 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "it cleans up";
}

TEST_F(CommandsTest, DoctorFailsWhereNothingCanBeWritten) {
  const Result text = run_program({"doctor"}, {.folder = "/proc"});
  EXPECT_EQ(text.status, 1);
  EXPECT_NE(text.out.find("not ok  the current folder can be written: "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("ok      200 steps"), std::string::npos) << "the other check goes on: " << text.out;
}

TEST_F(CommandsTest, EvalPlaysTheTrainedAgent) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const Arguments arguments{"eval", path("run"), "--episodes", "3", "--seed", "5", "--json"};
  const Result first = run_program(arguments);
  EXPECT_EQ(first.status, 0);
  const json report = json::parse(first.out);
  EXPECT_EQ(report.at("episodes"), 3);
  EXPECT_EQ(report.at("seed"), 5);
  EXPECT_EQ(report.at("epsilon"), 0.0);
  EXPECT_LE(report.at("min_return"), report.at("mean_return"));
  EXPECT_LE(report.at("mean_return"), report.at("max_return"));
  EXPECT_EQ(report.at("mean_return"), report.at("mean_length")) << "CartPole pays 1 a step";
  EXPECT_EQ(run_program(arguments).out, first.out);
  const json other = json::parse(run_program({"eval", path("run"), "--episodes", "3", "--seed", "6", "--json"}).out);
  EXPECT_NE(other.at("mean_return"), report.at("mean_return")) << "other episodes";
  const Result text = run_program({"eval", path("run"), "--episodes", "3", "--seed", "5"});
  EXPECT_NE(text.out.find("Mean return"), std::string::npos) << text.out;
}

TEST_F(CommandsTest, EvalPlaysTheFinalEvaluationAgainUnlessToldOtherwise) {
  const Arguments settings{"--set", "eval.final_episodes=6", "--set", "eval.epsilon=0.2"};
  for (const char* seed : {"0", "4"}) {
    Arguments training = settings;
    training.insert(training.end(), {"--seed", seed});
    ASSERT_EQ(run_program(short_training(seed, training)).status, 0);
    const auto mean = [&](const Arguments& more) {
      Arguments arguments{"eval", path(seed), "--json"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return json::parse(run_program(arguments).out).at("mean_return").get<double>();
    };
    const double final = summary(seed).at("eval_mean_return");
    EXPECT_EQ(mean({}), final);
    EXPECT_NE(mean({"--seed", "0"}), final);
    EXPECT_NE(mean({"--seed", seed}), final);
    EXPECT_NE(mean({"--epsilon", "0"}), final);
  }
  const Result text = run_program({"eval", path("4")});
  EXPECT_NE(text.out.find("6 episodes, the final evaluation's, epsilon 0.2"), std::string::npos) << text.out;
}

TEST_F(CommandsTest, ThePlaygroundIsWrittenWhole) {
  const Result result = run_program({"playground", "--out", path("page.html")});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, path("page.html") + "\n");
  const std::string page = file_text(path("page.html"));
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  expect_refusal({"playground", "--out", path("run/config.toml")}, {"config.toml"});
}

// A checkpoint alone, as the playground saves one.
TEST_F(CommandsTest, EvalTakesACheckpointFile) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const std::string checkpoint = path("run/checkpoints/checkpoint-000000000400.safetensors");
  const Result file = run_program({"eval", checkpoint, "--episodes", "2", "--json"});
  const Result folder = run_program({"eval", path("run"), "--episodes", "2", "--json"});
  ASSERT_EQ(file.status, 0) << file.err;
  json one = json::parse(file.out), other = json::parse(folder.out);
  one.erase("folder");
  other.erase("folder");
  EXPECT_EQ(one, other);
  expect_refusal({"eval", path("run/none.safetensors")}, {"none.safetensors"});
}

TEST_F(CommandsTest, EvalSaysWhichAgentPlays) {
  const Arguments best{"--set", "eval.keep_best=true", "--set", "eval.every_env_steps=100", "--seed", "1"};
  ASSERT_EQ(run_program(short_training("run", best, 900)).status, 0);
  const int64_t steps = summary("run").at("eval_env_steps");
  ASSERT_LT(steps, 900) << "the last agent is the best: nothing would be seen";
  const json report = json::parse(run_program({"eval", path("run"), "--episodes", "1", "--json"}).out);
  EXPECT_EQ(report.at("agent_env_steps"), steps);
  const Result text = run_program({"eval", path("run"), "--episodes", "1"});
  EXPECT_NE(text.out.find("of step " + std::to_string(steps) + ", the best in training"), std::string::npos)
      << text.out;
}

TEST_F(CommandsTest, EvalAndWatchKeepToTheEvaluationsTimeLimit) {
  ASSERT_EQ(run_program(short_training("run", {"--quiet", "--set", "eval.max_episode_steps=4"})).status, 0);
  const json record = json::parse(run_program({"eval", path("run"), "--episodes", "3", "--json"}).out);
  EXPECT_EQ(record.at("mean_length"), 4.0);  // too few to fall
  const std::string watched = run_program({"watch", path("run")}).out;
  EXPECT_NE(watched.find("   truncated\n"), std::string::npos) << watched;
}

TEST_F(CommandsTest, ExportTakesARunFolderOrACheckpoint) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const Result of_folder = run_program({"export", path("run"), "--onnx", path("a.onnx"), "--header", path("a.h")});
  EXPECT_EQ(of_folder.status, 0) << of_folder.err;
  EXPECT_EQ(of_folder.out, path("a.onnx") + "\n" + path("a.h") + "\n");
  std::string newest;
  for (const auto& file : std::filesystem::directory_iterator(path("run/checkpoints")))
    newest = std::max(newest, file.path().string());
  ASSERT_EQ(run_program({"export", newest, "--onnx", path("b.onnx")}).status, 0);
  EXPECT_EQ(file_text(path("a.onnx")), file_text(path("b.onnx")));
  EXPECT_NE(file_text(path("a.h")).find("//   environment: CartPole-v1\n"), std::string::npos);
}

TEST_F(CommandsTest, PlotTakesRunsAndFoldersOfSeeds) {
  ASSERT_EQ(run_program(short_training("seeds", {"--seeds", "2", "--quiet"})).status, 0);
  std::filesystem::remove(path("seeds/report.html"));
  const Result one = run_program({"plot", path("seeds/seed-0"), "--out", path("page.html")});
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.out, path("page.html") + "\n");
  EXPECT_NE(file_text(path("page.html")).find("<html"), std::string::npos);
  const Result both = run_program({"plot", path("seeds")});
  EXPECT_EQ(both.out, path("seeds/report.html") + "\n");
  const std::string page = file_text(path("seeds/report.html"));
  EXPECT_NE(page.find("over 2 runs"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"seed-1/report.html\">1</a>"), std::string::npos);
  EXPECT_NE(page.find("<code>deepq plot " + path("seeds") + "</code>"), std::string::npos);
  std::filesystem::remove_all(path("seeds/seed-1"));  // as if it had never been begun
  run_program({"plot", path("seeds")});
  EXPECT_NE(file_text(path("seeds/report.html")).find("Of the 2 seeds of this group 1 was not begun: 1."),
            std::string::npos);
}

// Two groups are two samples.
TEST_F(CommandsTest, PlotLeavesGroupsToCompare) {
  for (const char* name : {"a", "b"})
    ASSERT_EQ(run_program(short_training(name, {"--seeds", "2", "--quiet"}, 100)).status, 0);
  expect_refusal({"plot", path("a"), path("b")},
                 {"are groups of their own", "deepq compare " + path("a") + " " + path("b")});
  EXPECT_EQ(run_program({"plot", path("a/seed-0"), path("a/seed-1"), "--out", path("page.html")}).status, 0);
}

// What the page says to type repeats the group.
TEST_F(CommandsTest, AGroupIsRepeatedByItsPagesCommand) {
  ASSERT_EQ(run_program(short_training("group", {"--seeds", "2", "--seed", "5", "--quiet"})).status, 0);
  EXPECT_NE(file_text(path("group/report.html"))
                .find("<code>deepq train --config seed-5/config.toml --seeds 2 --seed 5 --out NEW</code>"),
            std::string::npos);
  ASSERT_EQ(
      run_program({"train", "--config", "seed-5/config.toml", "--seeds", "2", "--seed", "5", "--out", "NEW", "--quiet"},
                  {.folder = path("group")})
          .status,
      0);
  for (const std::string seed : {"seed-5", "seed-6"})
    EXPECT_EQ(summary("group/" + seed).at("weights_sha256"), summary("group/NEW/" + seed).at("weights_sha256"));
}

TEST_F(CommandsTest, SignatureOfEveryPresetAndOfAll) {
  const Result result = run_program({"bench", "--signature"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto expect_hash_of_lines = [](const std::string& text, const std::string& word, const std::string& line) {
    const size_t last = text.find("\n" + word) + 1;
    ASSERT_NE(last, 0u) << text;
    const std::string presets = text.substr(0, last);
    EXPECT_TRUE(std::regex_search(presets, std::regex("\n" + line + "  [0-9a-f]{64}\n"))) << presets;
    const std::string hash = sha256_hex(std::as_bytes(std::span(presets)));
    EXPECT_EQ(text.substr(last, text.find('\n', last) - last), word + hash);
  };
  expect_hash_of_lines(result.out, "signature ", "chapter");
  if (run_program({"doctor"}).out.find("avx") == std::string::npos) return;  // no vector kernels
  const size_t vector = result.out.find('\n', result.out.find("\nsignature ") + 1) + 1;
  expect_hash_of_lines(result.out.substr(vector), "vector signature ", "chapter vector");
}

TEST_F(CommandsTest, SignatureOfPresetsThatAreNamed) {
  const Result result = run_program({"bench", "--signature", "--preset", "pqn", "--preset", "chapter"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::regex lines(
      "pqn  [0-9a-f]{64}\nchapter  [0-9a-f]{64}\n(pqn vector  [0-9a-f]{64}\nchapter vector  [0-9a-f]{64}\n)?");
  EXPECT_TRUE(std::regex_match(result.out, lines)) << result.out;
  EXPECT_EQ(
      run_program({"bench", "--signature", "--preset", "lunarlander"}).err,
      "deepq: preset lunarlander has no line in this program's signature: LunarLander-v3 comes with Python and is "
      "hashed with vector kernels\n");
  EXPECT_EQ(run_program({"bench", "--preset", "chapter"}).status, 2);
}

TEST_F(CommandsTest, StrictSignature) {
  const Result result = run_program({"bench", "--signature", "--strict", "--preset", "pqn", "--preset", "chapter"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(std::regex_match(result.out, std::regex("pqn strict  [0-9a-f]{64}\nchapter strict  [0-9a-f]{64}\n")))
      << result.out;
  // The one that every machine has, too.
  EXPECT_EQ(run_program({"bench", "--signature", "--strict", "--kernels", "baseline", "--preset", "chapter"}).out,
            result.out.substr(result.out.find("chapter")));
  const Result refused = run_program({"bench", "--kernels", "avx9"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(refused.err.starts_with("deepq: kernels 'avx9' are not to be had here; allowed: ")) << refused.err;
}

// Which kernels compute is said before training, and by the doctor.
TEST_F(CommandsTest, SaysWhichKernelsCompute) {
  const std::string doctor = run_program({"doctor", "--json"}).out;
  const std::string words = json::parse(doctor)["kernels_in_words"];
  const Result fast = run_program({"train", "--preset", "chapter", "--steps", "100", "--out", path("fast")});
  EXPECT_NE(fast.out.find("kernels: " + words + "\n"), std::string::npos) << fast.err << fast.out;
}

TEST_F(CommandsTest, BenchTimesEveryEnvironment) {
  const Result result = run_program({"bench", "--envs", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json timings = json::parse(result.out).at("envs");
  const json envs = json::parse(run_program({"envs", "--json"}).out).at("envs");
  ASSERT_EQ(timings.size(), envs.size());
  for (size_t i = 0; i < envs.size(); ++i) {
    EXPECT_EQ(timings[i].at("id"), envs[i].at("id"));
    EXPECT_GT(timings[i].at("median_steps_per_second"), 0.0);
    EXPECT_GE(timings[i].at("max_steps_per_second"), timings[i].at("median_steps_per_second"));
  }
}

}  // namespace
}  // namespace deepq::cli
