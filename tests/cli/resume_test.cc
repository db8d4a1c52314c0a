// Signals, checkpoints and resume: a stopped run that goes on equals the unbroken one, bit for bit.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>

#include "deepq/core/random.h"
#include "tests/cli/program.h"
#include "tests/test_support.h"

namespace deepq::cli {
namespace {

using nlohmann::json;

std::string episode_lines(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("Episode ")) result += line + "\n";
  return result;
}

class ResumeTest : public CliTest {
 protected:
  // Long enough that a signal after the first printed line comes in the middle.
  Arguments long_training(const std::string& name) const {
    return short_training(name, {"--set", "checkpoint.every_env_steps=3000"}, 20'000);
  }

  void expect_equal_runs(const std::string& a, const std::string& b) const {
    for (const char* key : {"weights_sha256", "env_steps", "episodes", "updates", "stopped_by", "eval_mean_return",
                            "best_100_mean_return", "last_100_mean_return", "first_episode_solved"})
      EXPECT_EQ(summary(a).at(key), summary(b).at(key)) << key;
    for (const char* file : {"/episodes.csv", "/metrics.csv"})
      EXPECT_EQ(test::without_wall_times(file_text(path(a + file))),
                test::without_wall_times(file_text(path(b + file))))
          << file;
    EXPECT_EQ(file_text(path(a + "/evaluations.csv")), file_text(path(b + "/evaluations.csv")));
  }

  // The last by name, of those that are complete; "" while there is none.
  std::string newest_checkpoint(const std::string& name) const {
    std::string newest;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(path(name + "/checkpoints"), none))
      if (entry.path().extension() == ".safetensors") newest = std::max(newest, entry.path().string());
    return newest;
  }

  // The first one is written as training starts.
  void wait_for_checkpoint(Process& process, const std::string& name) const {
    process.wait_until([&] { return !newest_checkpoint(name).empty(); });
  }
};

class SignalTest : public ResumeTest, public testing::WithParamInterface<int> {};

TEST_P(SignalTest, StopsWithACheckpointAndResumesToTheUnbrokenRun) {
  Process process(long_training("broken"));
  process.wait_for_output("Episode 20,");
  process.send(GetParam());
  const Result stopped = process.finish();
  EXPECT_EQ(stopped.status, 128 + GetParam());
  EXPECT_EQ(summary("broken").at("stopped_by"), "signal");
  EXPECT_LT(summary("broken").at("env_steps"), 20000);
  EXPECT_NE(stopped.out.find("deepq resume " + path("broken")), std::string::npos) << stopped.out;

  const Result resumed = run_program({"resume", path("broken"), "--json"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(json::parse(resumed.out).at("weights_sha256"), summary("broken").at("weights_sha256"));
  const Result unbroken = run_program(long_training("unbroken"));
  ASSERT_EQ(unbroken.status, 0) << unbroken.err;
  expect_equal_runs("broken", "unbroken");
  EXPECT_EQ(episode_lines(stopped.out) + episode_lines(resumed.err), episode_lines(unbroken.out))
      << "averages reach back over the break";
}

INSTANTIATE_TEST_SUITE_P(Signals, SignalTest, testing::Values(SIGINT, SIGTERM, SIGHUP), [](const auto& test) {
  return test.param == SIGINT ? "Interrupt" : test.param == SIGTERM ? "Terminate" : "HangUp";
});

TEST_F(ResumeTest, AKilledRunResumesFromItsLastCheckpoint) {
  Process process(long_training("killed"));
  process.wait_for_output("Episode 20,");
  process.send(SIGKILL);
  EXPECT_EQ(process.finish().status, 128 + SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(path("killed/summary.json")));
  ASSERT_EQ(run_program({"resume", path("killed")}).status, 0);
  ASSERT_EQ(run_program(long_training("unbroken")).status, 0);
  expect_equal_runs("killed", "unbroken");
}

TEST_F(ResumeTest, AFinishedRunIsMadeLonger) {
  ASSERT_EQ(run_program(short_training("run", {}, 3'000)).status, 0);
  const Result longer = run_program({"resume", path("run"), "--steps", "6000"});
  ASSERT_EQ(longer.status, 0) << longer.err;
  ASSERT_EQ(run_program(short_training("unbroken", {}, 6'000)).status, 0);
  EXPECT_EQ(file_text(path("run/config.toml")), file_text(path("unbroken/config.toml")));
  for (const char* key : {"weights_sha256", "env_steps", "episodes", "updates", "stopped_by", "eval_mean_return"})
    EXPECT_EQ(summary("run").at(key), summary("unbroken").at(key)) << key;
  EXPECT_EQ(test::without_wall_times(file_text(path("run/episodes.csv"))),
            test::without_wall_times(file_text(path("unbroken/episodes.csv"))));

  const std::string config = file_text(path("run/config.toml"));
  expect_refusal({"resume", path("run"), "--steps", "5999"}, {path("run"), "6000 steps", "5999"});
  EXPECT_EQ(file_text(path("run/config.toml")), config);
}

// Someone pulls the plug, 200 times: a checkpoint every 20 steps keeps the program saving most of the time. The
// instants are within a fifth of what the run takes on this machine.
TEST_F(ResumeTest, TwoHundredKillsAtRandomInstantsLoseNothing) {
  const Arguments options{"--set", "checkpoint.every_env_steps=20", "--quiet"};
  const auto started = std::chrono::steady_clock::now();
  ASSERT_EQ(run_program(short_training("unbroken", options, 2'000)).status, 0);
  const auto whole = std::chrono::steady_clock::now() - started;
  const auto latest = std::chrono::duration_cast<std::chrono::microseconds>(whole).count() / 5;
  Random random(200);
  const auto begin_or_resume = [&](const std::string& run) {  // it may have begun without its first checkpoint
    const bool begun = std::filesystem::exists(path(run + "/config.toml"));
    return begun ? Arguments{"resume", path(run)} : short_training(run, options, 2'000);
  };
  std::string run;
  for (int kills = 0, runs = 0; kills < 200;) {
    if (run.empty()) run = "killed-" + std::to_string(runs++);
    Process process(begin_or_resume(run));
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(static_cast<uint64_t>(latest))));
    process.send(SIGKILL);
    const Result result = process.finish();
    if (result.status == 128 + SIGKILL) {
      ++kills;
    } else {  // it was faster
      ASSERT_EQ(result.status, 0) << result.err;
      expect_equal_runs(run, "unbroken");
      run.clear();
    }
  }
  if (run.empty()) return;
  const Result finished = run_program(begin_or_resume(run));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out.find("damaged"), std::string::npos) << finished.out;
  expect_equal_runs(run, "unbroken");
}

// As the kill of a run leaves it that has just begun.
TEST_F(ResumeTest, ARunKilledBeforeItsFirstCheckpointBeginsAnew) {
  ASSERT_EQ(run_program(short_training("unbroken")).status, 0);
  for (const char* leftover : {"", "/checkpoints/checkpoint-000000000000.safetensors.tmp"}) {
    std::filesystem::remove_all(path("run"));
    std::filesystem::create_directories(path("run/checkpoints"));
    std::filesystem::copy(path("unbroken/config.toml"), path("run/config.toml"));
    if (*leftover) write_text(path("run" + std::string(leftover)), "half of it");
    const Result result = run_program({"resume", path("run")});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_NE(result.out.find("note: the run was ended before its first checkpoint: it begins anew\n"),
              std::string::npos)
        << result.out;
    expect_equal_runs("run", "unbroken");
  }
}

// A run that was killed, or goes on, before it has learnt: what plays and what is exported is a network by chance.
TEST_F(ResumeTest, AnAgentOfStep0IsSaidToHaveLearntNothing) {
  Process process(short_training("run", {"--set", "checkpoint.every_env_steps=0"}, 200'000));
  wait_for_checkpoint(process, "run");
  process.send(SIGKILL);
  process.finish();
  const std::string note = "checkpoint-000000000000.safetensors is of step 0: nothing has been learnt in it yet\n";
  EXPECT_NE(run_program({"export", path("run"), "--header", path("agent.h")}).err.find(note), std::string::npos);
  const Result played = run_program({"eval", path("run"), "--episodes", "1"});
  EXPECT_NE(played.out.find(note), std::string::npos) << played.out;
}

TEST_F(ResumeTest, JsonStaysPureWhenStopped) {
  Arguments arguments = long_training("run");
  arguments.push_back("--json");
  Process process(arguments);
  wait_for_checkpoint(process, "run");
  process.send(SIGINT);
  const Result result = process.finish();
  EXPECT_EQ(result.status, 130);
  EXPECT_EQ(json::parse(result.out).at("stopped_by"), "signal");
}

TEST_F(ResumeTest, SeedsStopTogether) {
  Arguments arguments = long_training("seeds");
  arguments.insert(arguments.end(), {"--seeds", "3", "--jobs", "2", "--json"});
  Process process(arguments);
  wait_for_checkpoint(process, "seeds/seed-1");
  process.send(SIGINT);
  const Result result = process.finish();
  EXPECT_EQ(result.status, 130);
  const json runs = json::parse(result.out).at("runs");
  ASSERT_GE(runs.size(), 1u);
  EXPECT_LT(runs.size(), 3u) << "no seed starts after the signal";
  for (const json& run : runs) EXPECT_EQ(run.at("stopped_by"), "signal");
  EXPECT_NE(result.err.find("Not begun: 1 of the seeds, from 2 on\n"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("To go on with all of them: deepq resume " + path("seeds")), std::string::npos)
      << result.err;
}

TEST_F(ResumeTest, TwoNeverTrainInOneFolder) {
  Process trains(long_training("run"));
  wait_for_checkpoint(trains, "run");
  trains.send(SIGSTOP);  // so that it is not done before the others have been refused
  expect_refusal({"resume", path("run"), "--quiet"}, {path("run"), "in use"});
  expect_refusal(long_training("run"), {path("run"), "in use"});
  trains.send(SIGKILL);
  ASSERT_EQ(trains.finish().status, 128 + SIGKILL) << "it was still training when the others were refused";
  Process resumes({"resume", path("run")});
  resumes.wait_for_output("Episode ");
  resumes.send(SIGSTOP);  // so that it is not done before the other has been refused
  expect_refusal({"resume", path("run")}, {path("run"), "in use"});
  resumes.send(SIGINT);
  resumes.send(SIGCONT);
  EXPECT_EQ(resumes.finish().status, 130);
  ASSERT_EQ(run_program({"resume", path("run")}).status, 0);
  ASSERT_EQ(run_program(long_training("unbroken")).status, 0);
  expect_equal_runs("run", "unbroken");
}

TEST_F(ResumeTest, AFinishedRunIsLeftAsItIs) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const json before = summary("run");
  const Result result = run_program({"resume", path("run"), "--json", "--quiet"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("weights_sha256"), before.at("weights_sha256"));
  EXPECT_EQ(json::parse(result.out).at("env_steps"), 400);
}

// 3 copies take 402 steps where 400 are asked for.
TEST_F(ResumeTest, ALengthThatTheCopiesStepOverIsAskedForAgain) {
  const Arguments copies{"--set", "env.count=3"};
  ASSERT_EQ(run_program(short_training("run", copies, 200)).status, 0);
  const Arguments longer{"resume", path("run"), "--steps", "400"};
  ASSERT_EQ(run_program(longer).status, 0);
  EXPECT_EQ(summary("run").at("env_steps"), 402);
  const Result again = run_program(longer);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_NE(again.out.find("already finished"), std::string::npos) << again.out;
  std::filesystem::remove(path("run/summary.json"));  // as if its evaluation had been interrupted
  EXPECT_EQ(run_program(longer).status, 0);
  EXPECT_EQ(summary("run").at("env_steps"), 402);
  expect_refusal({"resume", path("run"), "--steps", "399"}, {path("run"), "402 steps", "399"});
}

TEST_F(ResumeTest, ADamagedCheckpointIsSetAside) {
  ASSERT_EQ(run_program(long_training("good")).status, 0);
  ASSERT_EQ(run_program(long_training("run")).status, 0);
  const std::string newest = newest_checkpoint("run");
  std::string bytes = file_text(newest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_text(newest, bytes);
  const Result result = run_program({"resume", path("run")});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("note: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(std::filesystem::path(newest).filename().string()), std::string::npos) << result.out;
  EXPECT_TRUE(std::filesystem::exists(newest + ".damaged"));
  expect_equal_runs("run", "good");
}

// As the playground saves it.
TEST_F(ResumeTest, ACheckpointFileBecomesARunOfItsOwn) {
  ASSERT_EQ(run_program(short_training("good", {"--set", "checkpoint.every_env_steps=250"})).status, 0);
  std::filesystem::copy(path("good/checkpoints/checkpoint-000000000250.safetensors"), path("carried.safetensors"));
  const Result result = run_program({"resume", path("carried.safetensors")});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("folder: " + path("carried") + "\n"), std::string::npos) << result.out;
  ASSERT_EQ(run_program({"resume", path("carried.safetensors"), "--out", path("other"), "--quiet"}).status, 0);
  for (const char* run : {"carried", "other"})
    for (const char* key : {"weights_sha256", "env_steps", "episodes", "eval_mean_return", "best_100_mean_return"})
      EXPECT_EQ(summary(run).at(key), summary("good").at(key)) << run << " " << key;
  expect_refusal({"resume", path("carried.safetensors")}, {path("carried"), "already holds a run"});
  expect_refusal({"resume", path("good"), "--out", path("x")}, {"--out is for a checkpoint file", path("good")});
  expect_refusal({"resume", path("carried.safetensors"), "--jobs", "2"}, {"--jobs is for groups"});
  expect_refusal({"resume", path("none.safetensors")}, {path("none.safetensors")});
  EXPECT_FALSE(std::filesystem::exists(path("none")));
}

TEST_F(ResumeTest, NothingWholeToResumeFrom) {
  ASSERT_EQ(run_program(short_training("run", {"--set", "checkpoint.keep=1"})).status, 0);
  write_text(newest_checkpoint("run"), "no checkpoint");
  for (int times = 0; times < 2; ++times)  // then it is set aside
    expect_refusal({"resume", path("run"), "--quiet"}, {path("run"), "there is no whole checkpoint"});
}

}  // namespace
}  // namespace deepq::cli
