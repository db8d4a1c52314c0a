// What becomes of a command whose outputs go away: closed pipes and terminals, limits on files, folders that cannot be
// looked at, several programs in one folder, seeds that fail.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;

class OutputsTest : public CliTest {
 protected:
  // The exit status of a line of bash, in which $deepq is the program; what it prints on stderr is in path("err").
  int bash(const std::string& line) const {
    const std::string script = "deepq='" DEEPQ_PROGRAM_PATH "'; set -o pipefail; " + line;
    write_text(path("script"), script);
    return WEXITSTATUS(std::system(("bash '" + path("script") + "' 2> '" + path("err") + "'").c_str()));
  }
  std::string training(const std::string& name, const Arguments& more = {}) const {
    std::string line = "\"$deepq\"";
    for (const std::string& word : short_training(name, more, 3'000)) line += " '" + word + "'";
    return line;
  }
  std::string errors() const { return file_text(path("err")); }
};

TEST_F(OutputsTest, APipeThatIsGoneStopsThePrintingAndNotTheTraining) {
  EXPECT_EQ(bash(training("run") + " | head -1"), 0) << errors();
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(summary("run").at("env_steps"), 3'000);
  EXPECT_EQ(summary("run").at("stopped_by"), "env_steps");
  EXPECT_TRUE(std::filesystem::exists(path("run/checkpoints/checkpoint-000000003000.safetensors")));
}

TEST_F(OutputsTest, JsonThatNobodyReadsIsAFailureAtTheEnd) {
  EXPECT_EQ(bash(training("run", {"--json"}) + " | true"), 2);
  EXPECT_NE(errors().find("deepq: cannot write the JSON to standard output\n"), std::string::npos) << errors();
  EXPECT_EQ(summary("run").at("env_steps"), 3'000);
}

TEST_F(OutputsTest, ClosedStreamsAreNoFilesOfTheRun) {
  EXPECT_EQ(bash(training("run") + " >&- 2>&- <&-"), 0);
  EXPECT_EQ(summary("run").at("env_steps"), 3'000);
  EXPECT_TRUE(file_text(path("run/episodes.csv")).starts_with("episode,env_steps,"));
  EXPECT_EQ(file_text(path("run/episodes.csv")).find("Episode"), std::string::npos);
  EXPECT_EQ(bash(training("json", {"--json"}) + " >&-"), 2);
  EXPECT_EQ(summary("json").at("env_steps"), 3'000);
}

TEST_F(OutputsTest, OtherCommandsEndQuietlyToo) {
  for (const char* command : {"", "help", "help train", "--help", "version", "presets", "presets rainbow", "envs",
                              "presets --keys", "lab", "doctor"})
    EXPECT_EQ(bash(std::string("\"$deepq\" ") + command + " | true"), 0) << command << errors();
  EXPECT_EQ(bash(training("run", {"--quiet"})), 0);
  EXPECT_EQ(bash("\"$deepq\" watch '" + path("run") + "' --episodes 1000000 | head -3 > /dev/null"), 0) << errors();
}

TEST_F(OutputsTest, ANoHangUpIsKept) {
  EXPECT_EQ(bash("trap '' HUP; " + training("run") + " > /dev/null & sleep 0.02; kill -HUP $!; wait $!"), 0)
      << errors();
  EXPECT_EQ(summary("run").at("stopped_by"), "env_steps");
}

TEST_F(OutputsTest, ALimitOnTheSizeOfFilesEndsWithALine) {
  EXPECT_EQ(bash("ulimit -f 4; " + training("run", {"--quiet"})), 2);
  EXPECT_NE(errors().find("File too large"), std::string::npos) << errors();
  EXPECT_EQ(std::ranges::count(errors(), '\n'), 1) << errors();
}

TEST_F(OutputsTest, ALimitKeepsTheLastGoodCheckpoint) {
  ASSERT_EQ(bash(training("run", {"--quiet"})), 0);
  const auto kilobytes =
      std::filesystem::file_size(path("run/checkpoints/checkpoint-000000003000.safetensors")) / 1024 + 2;
  const std::string limit = "ulimit -f " + std::to_string(kilobytes) + "; ";
  EXPECT_EQ(bash(limit + "\"$deepq\" resume '" + path("run") + "' --steps 60000 --quiet"), 2);
  EXPECT_NE(errors().find("File too large"), std::string::npos) << errors();
  EXPECT_EQ(bash("\"$deepq\" resume '" + path("run") + "' --steps 4000 --quiet"), 0) << errors();
  EXPECT_EQ(summary("run").at("env_steps"), 4'000);
}

TEST_F(OutputsTest, WhatCannotBeLookedAtIsOneLine) {
  ASSERT_EQ(symlink("loop", path("loop").c_str()), 0);
  const std::string name(300, 'x');
  for (const char* command : {"plot", "compare", "eval", "watch", "resume"}) {
    expect_refusal({command, path("loop")}, {path("loop"), "Too many levels of symbolic links"});
    expect_refusal({command, path(name)}, {name, "File name too long"});
  }
  expect_refusal({"export", path("loop"), "--onnx", path("x.onnx")}, {path("loop"), "Too many levels"});
  for (const char* run : {"loop", "loop/run"}) {
    expect_refusal(short_training(run, {"--quiet"}), {path(run), "Too many levels"});
    expect_refusal(short_training(run, {"--quiet", "--seeds", "1"}), {path(run), "Too many levels"});
  }
  expect_refusal({"lab", "max-bias", "--quick", "--out", path("loop")}, {path("loop"), "Too many levels"});
}

// What is said of a run before it trains is not said of one that never does.
TEST_F(OutputsTest, NothingComesBeforeARefusal) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  ASSERT_EQ(run_program(short_training("seeds", {"--seeds", "2"})).status, 0);
  const std::vector<Arguments> refused{short_training("run"),
                                       short_training("seeds"),
                                       short_training("seeds", {"--seeds", "2"}),
                                       short_training("run", {"--seeds", "2"}),
                                       short_training("big", {"--set", "replay.capacity=100000000000"}),
                                       {"resume", path("run"), "--steps", "100"}};
  for (const Arguments& arguments : refused) {
    const Result result = run_program(arguments);
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_EQ(result.out, "") << result.err;
  }
}

TEST_F(OutputsTest, APageThatNobodyNamedLeavesOtherFilesAlone) {
  ASSERT_EQ(run_program(short_training("a", {"--quiet"})).status, 0);
  ASSERT_EQ(run_program(short_training("b", {"--quiet", "--seed", "1"})).status, 0);
  const StartOptions here{.folder = folder_};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(run_program({"plot", "a", "b"}, here).status, 0) << "its own is made anew";
  write_text(path("report.html"), "mine");
  write_text(path("a/report.html"), "mine");
  expect_refusal({"plot", "a", "b"}, {"report.html is there already", "--out"}, here);
  expect_refusal({"plot", "a"}, {"a/report.html is there already", "--out"}, here);
  EXPECT_EQ(file_text(path("report.html")), "mine");
  EXPECT_EQ(run_program({"plot", "a", "b", "--out", "report.html"}, here).status, 0) << "it was named";
}

// An older deepq's page names no generator; a pipe or a device has no end to look for one.
TEST_F(OutputsTest, APageOfAnOlderDeepqIsMadeAnewAndWhatIsNoFileIsNotRead) {
  ASSERT_EQ(run_program(short_training("a", {"--quiet"})).status, 0);
  write_text(path("a/report.html"), "<!doctype html>\n<style>" + std::string(11'000, ' ') +
                                        "</style>\n<p class=\"kind\">Deep Q-learning, run report</p>");
  const Result older = run_program({"plot", path("a")});
  EXPECT_EQ(older.status, 0) << older.err;
  std::filesystem::remove(path("a/report.html"));
  std::filesystem::create_symlink("/dev/zero", path("a/report.html"));
  expect_refusal({"plot", path("a")}, {"a/report.html is there already"});
}

TEST_F(OutputsTest, AnEvaluationThatIsStoppedShowsWhatWasPlayed) {
  ASSERT_EQ(run_program(short_training("run", {"--quiet"})).status, 0);
  for (const bool as_json : {false, true}) {
    Arguments arguments{"eval", path("run"), "--episodes", "100000000"};
    if (as_json) arguments.emplace_back("--json");
    Process process(arguments);
    const auto begun = std::chrono::steady_clock::now();
    process.wait_until([&] { return std::chrono::steady_clock::now() - begun > std::chrono::milliseconds(500); });
    process.send(SIGINT);
    const Result result = process.finish();
    EXPECT_EQ(result.status, 130);
    if (as_json) {
      const auto object = json::parse(result.out);
      EXPECT_GT(object.at("episodes"), 0);
      EXPECT_LT(object.at("episodes"), object.at("planned_episodes"));
    } else {
      EXPECT_NE(result.out.find(" of 100000000 episodes, those that ended before it was stopped, "), std::string::npos)
          << result.out;
      EXPECT_NE(result.out.find("Mean return   "), std::string::npos) << result.out;
    }
  }
}

TEST_F(OutputsTest, AnEmptyValueIsRefusedByTheFlagsName) {
  ASSERT_EQ(bash(training("run", {"--quiet"})), 0);
  const std::vector<Arguments> commands{{"train", "--preset"},
                                        {"train", "--config"},
                                        {"train", "--set"},
                                        {"train", "--env"},
                                        {"train", "--out"},
                                        {"train", "--seed"},
                                        {"train", "--steps"},
                                        {"train", "--seeds"},
                                        {"train", "--episodes"},
                                        {"plot", "x", "--out"},
                                        {"compare", "x", "--out"},
                                        {"compare", "x", "--score"},
                                        {"compare", "x", "--normalize"},
                                        {"compare", "x", "--gamma"},
                                        {"export", "x", "--onnx"},
                                        {"export", "x", "--header"},
                                        {"lab", "--out"},
                                        {"eval", "x", "--epsilon"},
                                        {"watch", "x", "--fps"},
                                        {"resume", "x", "--steps"}};
  for (const Arguments& words : commands) {
    Arguments apart = words, joined = words;
    apart.emplace_back("");
    joined.back() += "=";
    const bool is_number = words.back() == "--seed" || words.back().starts_with("--step") ||
                           words.back() == "--seeds" || words.back() == "--episodes";
    expect_refusal(apart, {words.back(), is_number ? "allowed: a whole number" : "empty"}, {.folder = folder_});
    expect_refusal(joined, {words.back(), "empty"}, {.folder = folder_});
  }
  for (const char* command : {"plot", "compare", "eval", "watch", "resume", "export", "lab", "presets"})
    expect_refusal({command, ""}, {"empty"}, {.folder = folder_});
  EXPECT_FALSE(std::filesystem::exists(path("runs")));
}

TEST_F(OutputsTest, ManyReportsAtOnce) {
  ASSERT_EQ(bash(training("run", {"--quiet"})), 0);
  std::vector<std::unique_ptr<Process>> plots;
  for (int i = 0; i < 12; ++i) plots.push_back(std::make_unique<Process>(Arguments{"plot", path("run")}));
  for (const auto& plot : plots) {
    const Result result = plot->finish();
    EXPECT_EQ(result.status, 0) << result.err;
  }
  EXPECT_TRUE(file_text(path("run/report.html")).ends_with("</html>\n"));
  for (const auto& entry : std::filesystem::directory_iterator(path("run")))
    EXPECT_FALSE(entry.path().filename().string().ends_with(".tmp")) << entry.path();
}

TEST_F(OutputsTest, FailedSeedsAreCounted) {
  std::filesystem::create_directory(path("seeds"));
  write_text(path("seeds/seed-1"), "where the run's folder should be");
  const Result result = run_program(short_training("seeds", {"--seeds", "3", "--jobs", "1", "--json"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("Solved: 0 of 3 seeds; failed: seed 1 (cannot make the run folder "), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("of the 2 of 3 seeds that did not fail"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("\ndeepq: seed 1: cannot make the run folder "), std::string::npos) << result.err;
  const json object = json::parse(result.out);
  EXPECT_EQ(object.at("runs").size(), 2u);
  EXPECT_EQ(object.at("seeds"), 3);
  ASSERT_EQ(object.at("failed").size(), 1u);
  EXPECT_EQ(object.at("failed")[0].at("seed"), 1);
  EXPECT_NE(object.at("failed")[0].at("error").get<std::string>().find("Not a directory"), std::string::npos);
}

TEST_F(OutputsTest, SeedsThatAllFailAreCountedToo) {
  std::filesystem::create_directory(path("seeds"));
  for (const char* seed : {"seeds/seed-0", "seeds/seed-1"}) write_text(path(seed), "");
  const Result result = run_program(short_training("seeds", {"--seeds", "2", "--json"}));
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("Solved: 0 of 2 seeds; failed: seed 0 ("), std::string::npos) << result.err;
  EXPECT_EQ(json::parse(result.out).at("failed").size(), 2u);
}

// A seed that fails in the middle leaves a folder, whose report says so.
TEST_F(OutputsTest, TheGroupsReportTellsOfFailures) {
  EXPECT_EQ(bash("ulimit -f 40; " + training("seeds", {"--seeds", "2", "--quiet"})), 2);
  ASSERT_EQ(bash(training("seeds", {"--seed", "2", "--seeds", "2", "--quiet"})), 0) << errors();
  const std::string page = file_text(path("seeds/report.html"));
  EXPECT_NE(page.find("2 of the 4 runs have not finished (failed: "), std::string::npos);
  EXPECT_NE(page.find("0 of 4 runs"), std::string::npos) << "failures count as not solved";
}

TEST_F(OutputsTest, TheGroupsReportIsTheGroups) {
  ASSERT_EQ(bash(training("seeds", {"--seeds", "2", "--quiet"})), 0);
  ASSERT_EQ(bash(training("seeds", {"--seed", "2", "--seeds", "1", "--quiet"})), 0);
  EXPECT_NE(file_text(path("seeds/report.html")).find("over 3 runs"), std::string::npos);
}

}  // namespace
}  // namespace deepq::cli
