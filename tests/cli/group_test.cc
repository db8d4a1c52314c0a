// Groups of seeds that were interrupted, folders that hold several runs, and what the commands say of runs that are
// finished or in their last evaluation.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Lines are wrapped for people.
std::string on_one_line(const std::string& text) {
  std::string line;
  for (const char c : text)
    if (const char plain = c == '\n' ? ' ' : c; plain != ' ' || !line.ends_with(' ')) line += plain;
  return line;
}

class GroupTest : public CliTest {
 protected:
  Arguments group(const std::string& name, const std::string& seeds, int64_t env_steps = 400) const {
    return short_training(name, {"--seeds", seeds, "--jobs", "1"}, env_steps);
  }

  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }

  // Trains seeds 0 to 2 one after the other, and ends the program as the second begins.
  void interrupt(const std::string& name, int signal) const {
    Process process(group(name, "3", 20'000));
    process.wait_until([&] { return exists(name + "/seed-1/checkpoints/checkpoint-000000000000.safetensors"); });
    process.send(signal);
    process.finish();
    ASSERT_TRUE(exists(name + "/seed-0/summary.json"));
    ASSERT_FALSE(exists(name + "/seed-2"));
  }

  void expect_seeds(const std::string& name, int64_t env_steps) const {
    for (const char* seed : {"0", "1", "2"}) {
      const std::string alone = name + "-" + seed + "-alone";
      ASSERT_EQ(run_program(short_training(alone, {"--seed", seed, "--quiet"}, env_steps)).status, 0);
      EXPECT_EQ(summary(name + "/seed-" + seed).at("weights_sha256"), summary(alone).at("weights_sha256")) << seed;
      EXPECT_EQ(summary(name + "/seed-" + seed).at("eval_mean_return"), summary(alone).at("eval_mean_return")) << seed;
    }
  }
};

TEST_F(GroupTest, ResumeGoesOnWithAKilledGroupAndBeginsWhatWasNotBegun) {
  interrupt("seeds", SIGKILL);
  expect_refusal(group("seeds", "3", 20'000),
                 {path("seeds/seed-0"), "already holds a run", "deepq resume " + path("seeds")});
  const Result resumed = run_program({"resume", path("seeds"), "--json"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  const json object = json::parse(resumed.out);
  EXPECT_EQ(object.at("runs").size(), 3u);
  EXPECT_EQ(object.at("not_begun"), json::array());
  EXPECT_TRUE(exists("seeds/report.html"));
  expect_seeds("seeds", 20'000);

  const Result again = run_program({"resume", path("seeds")});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(has(again.out, "already finished; to go on: deepq resume " + path("seeds") + " --steps N")) << again.out;
}

TEST_F(GroupTest, CtrlCSaysHowToGoOnAndAGroupIsMadeLonger) {
  Process process(group("seeds", "3", 20'000));
  process.wait_until([&] { return exists("seeds/seed-0/checkpoints/checkpoint-000000000000.safetensors"); });
  process.send(SIGINT);
  const Result stopped = process.finish();
  EXPECT_EQ(stopped.status, 130);
  EXPECT_TRUE(has(stopped.out, "To go on with all of them: deepq resume " + path("seeds") + "\n")) << stopped.out;
  EXPECT_TRUE(has(stopped.out, "Not begun: 2 of the seeds, from 1 on\n")) << stopped.out;
  ASSERT_EQ(run_program({"resume", path("seeds"), "--steps", "21000", "--jobs", "2", "--quiet"}).status, 0);
  expect_seeds("seeds", 21'000);
}

// Otherwise seeds of two lengths would be taken for one group.
TEST_F(GroupTest, ALengthThatNotAllSeedsReachedIsStillAskedFor) {
  ASSERT_EQ(run_program(group("seeds", "2")).status, 0);
  std::filesystem::rename(path("seeds/seed-1/checkpoints"), path("elsewhere"));
  EXPECT_EQ(run_program({"resume", path("seeds"), "--steps", "500"}).status, 2) << "seed 1 failed";
  EXPECT_EQ(summary("seeds/seed-0").at("env_steps"), 500);
  std::filesystem::remove_all(path("seeds/seed-1/checkpoints"));
  std::filesystem::rename(path("elsewhere"), path("seeds/seed-1/checkpoints"));
  ASSERT_EQ(run_program({"resume", path("seeds")}).status, 0);
  EXPECT_EQ(summary("seeds/seed-1").at("env_steps"), 500);
  ASSERT_EQ(run_program({"resume", path("seeds/seed-0"), "--steps", "600"}).status, 0);
  const Result done = run_program({"resume", path("seeds")});
  EXPECT_TRUE(has(done.out, "already finished")) << "a longer run is as long as was asked: " << done.out;
  write_text(path("seeds/group.json"), R"([{"longer": [-1], "env_steps": 500}])");
  expect_refusal({"resume", path("seeds")}, {path("seeds/group.json"), "holds a plan without"});
}

TEST_F(GroupTest, AGroupOfAnOlderDeepqGoesOnToo) {
  ASSERT_EQ(run_program(group("seeds", "2")).status, 0);
  std::filesystem::remove(path("seeds/group.json"));
  std::filesystem::remove(path("seeds/seed-1/summary.json"));
  ASSERT_EQ(run_program({"resume", path("seeds")}).status, 0);
  EXPECT_EQ(summary("seeds/seed-1").at("env_steps"), 400);
  write_text(path("seeds/group.json"), "{}");
  expect_refusal({"resume", path("seeds")}, {path("seeds/group.json"), "is not a JSON list of plans"});
  write_text(path("seeds/group.json"), R"([{"seeds": 5, "config": "[train]\nseed = 9223372036854775806"}])");
  expect_refusal({"resume", path("seeds")}, {path("seeds/group.json"), "train.seed is 9223372036854775806"});
}

// Its runs are whole, and the page is of them.
TEST_F(GroupTest, APlanThatCannotBeReadCostsThePageACountAndNoMore) {
  ASSERT_EQ(run_program(group("seeds", "2")).status, 0);
  for (const char* plan : {"{}", "[{", "[1]", R"([{"seeds": 2, "config": "[agent]\ngama = 1\n"}])"}) {
    write_text(path("seeds/group.json"), plan);
    const Result result = run_program({"plot", path("seeds")});
    EXPECT_EQ(result.status, 0) << result.err;
    const std::string page = file_text(path("seeds/report.html"));
    EXPECT_TRUE(has(page, "Whether seeds of this group were not begun is not known: ")) << plan;
    EXPECT_TRUE(has(page, "seeds/group.json")) << plan;
  }
}

TEST_F(GroupTest, ACopyOfASeedCountsOnce) {
  ASSERT_EQ(run_program(group("seeds", "2")).status, 0);
  std::filesystem::copy(path("seeds/seed-1"), path("seeds/seed-1-backup"), std::filesystem::copy_options::recursive);
  EXPECT_EQ(json::parse(run_program({"resume", path("seeds"), "--json"}).out).at("seeds"), 2);
  const Result longer = run_program({"resume", path("seeds"), "--steps", "500"});
  ASSERT_EQ(longer.status, 0) << longer.err;
  EXPECT_TRUE(has(longer.out, path("seeds/seed-1-backup") + " is a second run of seed 1: it is left out"))
      << longer.out;
  EXPECT_EQ(summary("seeds/seed-1").at("env_steps"), 500);
  EXPECT_EQ(summary("seeds/seed-1-backup").at("env_steps"), 400);
}

TEST_F(GroupTest, CommandsForOneRunNameTheRunsOfAGroup) {
  ASSERT_EQ(run_program(group("seeds", "2")).status, 0);
  const std::string say = path("seeds") + " holds 2 runs; choose one, e.g. " + path("seeds/seed-0");
  expect_refusal({"eval", path("seeds")}, {say});
  expect_refusal({"watch", path("seeds") + "/"}, {"holds 2 runs; choose one, e.g. "});
  expect_refusal({"export", path("seeds"), "--onnx", path("x.onnx")}, {say});
  expect_refusal({"plot", folder_}, {folder_ + " holds 2 runs; choose one, e.g. " + path("seeds/seed-0")});
  EXPECT_EQ(run_program({"plot", path("seeds")}).status, 0) << "all of them";
  expect_refusal({"resume", folder_}, {folder_ + " holds 2 runs; choose one"});
}

TEST_F(GroupTest, ARunAndAGroupShareNoFolder) {
  ASSERT_EQ(run_program(group("seeds", "2")).status, 0);
  const std::string report = file_text(path("seeds/report.html"));
  expect_refusal(short_training("seeds"), {path("seeds"), "holds 2 runs", "a folder of its own"});
  EXPECT_EQ(file_text(path("seeds/report.html")), report);
  EXPECT_FALSE(exists("seeds/checkpoints"));
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  expect_refusal(group("run", "2"), {path("run"), "already holds a run"});
  expect_refusal(short_training("run/seed-0"), {path("run"), "lies in the folder of a run"});
  EXPECT_FALSE(exists("run/group.json"));
}

TEST_F(GroupTest, AFinishedRunSaysSo) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  for (const Arguments& more : {Arguments{}, Arguments{"--steps", "400"}}) {
    Arguments arguments{"resume", path("run")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Result result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(
        has(result.out, "already finished; to go on: deepq resume " + path("run") + " --steps N, with N above 400"))
        << result.out;
    EXPECT_FALSE(has(result.out, "Done ")) << result.out;
  }
  expect_refusal({"resume", path("run"), "--jobs", "2"}, {"--jobs", "one run"});
}

// ---- The evaluation after training.

class LongEvaluationTest : public GroupTest {
 protected:
  // So that signals come in it.
  Arguments training(const std::string& name) const {
    return short_training(name, {"--set", "checkpoint.every_env_steps=0", "--set", "eval.final_episodes=100000000",
                                 "--set", "eval.final_max_env_steps=1000000000000"});
  }
  void wait_for_the_end_of_training(Process& process, const std::string& name) const {
    process.wait_until([&] { return exists(name + "/checkpoints/checkpoint-000000000400.safetensors"); });
  }
};

TEST_F(LongEvaluationTest, KilledInItARunHasLostNothing) {
  Process process(training("run"));
  wait_for_the_end_of_training(process, "run");
  process.send(SIGKILL);
  process.finish();
  const std::string episodes = file_text(path("run/episodes.csv"));
  EXPECT_GT(std::count(episodes.begin(), episodes.end(), '\n'), 5);
  const Result played = run_program({"eval", path("run"), "--episodes", "3"});
  EXPECT_TRUE(has(played.out, "of step 400")) << played.out << played.err;
}

TEST_F(LongEvaluationTest, OneCtrlCEndsItAndItsProgressIsShown) {
  Process process(training("run"), {.terminal = true});
  wait_for_the_end_of_training(process, "run");
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  process.send(SIGINT);
  const Result result = process.finish();
  EXPECT_EQ(result.status, 130);
  EXPECT_TRUE(has(result.err, "evaluation   ") && has(result.err, " of 100000000 episodes")) << result.err;
  EXPECT_TRUE(has(result.out, "deepq resume " + path("run"))) << result.out;
  EXPECT_EQ(summary("run").at("stopped_by"), "signal");
  EXPECT_EQ(summary("run").at("env_steps"), 400);
}

TEST_F(LongEvaluationTest, ItsBoundIsSaid) {
  const Arguments more{"--set", "eval.final_episodes=20",     "--set", "eval.max_episode_steps=7",
                       "--set", "eval.final_max_env_steps=25"};
  const Result result = run_program(short_training("run", more));
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string what = "episodes, those that 25 steps (eval.final_max_env_steps) were enough for";
  const std::string shown = on_one_line(result.out);
  EXPECT_TRUE(has(shown, "mean return 7.00 over 3 of ") && has(shown, what)) << result.out;
  const Result played = run_program({"eval", path("run")});
  EXPECT_TRUE(has(played.out, ", 3 of ") && has(played.out, what)) << played.out;
  EXPECT_EQ(json::parse(run_program({"eval", path("run"), "--episodes", "5", "--json"}).out).at("episodes"), 5);
}

// ---- What is named is what is played.

TEST_F(GroupTest, EvalNamesTheWorldThatItPlays) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  std::string toml = file_text(path("run/config.toml"));
  const size_t at = toml.find("CartPole-v1");
  write_text(path("run/config.toml"), toml.replace(at, 11, "Acrobot-v1"));
  const Result result = run_program({"eval", path("run"), "--episodes", "2"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(has(result.out, "note: config.toml was changed afterwards: env.id")) << result.out;
  EXPECT_TRUE(has(result.out, "CartPole-v1, 2 episodes")) << result.out;
  EXPECT_EQ(json::parse(run_program({"eval", path("run"), "--episodes", "2", "--json"}).out).at("env"), "CartPole-v1");
  ASSERT_EQ(run_program({"plot", path("run")}).status, 0);
  EXPECT_FALSE(has(file_text(path("run/report.html")), "Acrobot"));
}

TEST_F(GroupTest, ADamagedNewestCheckpointIsToldByEvalWatchAndExport) {
  const Arguments often{"--set", "checkpoint.every_env_steps=200"};
  ASSERT_EQ(run_program(short_training("run", often)).status, 0);
  write_text(path("run/checkpoints/checkpoint-000000000400.safetensors"), "damaged");
  for (const Arguments& command : {Arguments{"eval", path("run"), "--episodes", "1"}, Arguments{"watch", path("run")},
                                   Arguments{"export", path("run"), "--onnx", path("a.onnx")}}) {
    const Result result = run_program(command);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(has(result.out + result.err, "note: " + path("run/checkpoints/checkpoint-000000000400.safetensors")))
        << command[0] << ": " << result.out << result.err;
  }
}

TEST_F(GroupTest, CompareIsToldTheColumns) {
  for (const char* seed : {"a/0.csv", "a/1.csv"}) {
    std::filesystem::create_directories(path("a"));
    write_text(path(seed), "frames\tscore\n10\t1.5\n20\t2.5\n");
  }
  expect_refusal({"compare", path("a")}, {"frames\tscore", "--columns STEP,RETURN"});
  const Result result = run_program({"compare", path("a"), "--columns", "frames,score"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(has(result.out, "2 [2, 2]")) << result.out;
  expect_refusal({"compare", path("a"), "--columns", "frames"}, {"--columns", "STEP,RETURN"});
}

}  // namespace
}  // namespace deepq::cli
