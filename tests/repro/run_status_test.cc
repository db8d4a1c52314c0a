#include "deepq/record/run_status.h"

#include <gtest/gtest.h>

#include "deepq/record/run_folder.h"
#include "deepq/train/run.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::slurp;
using test::spit;
using test::StopAt;
using test::TemporaryFolder;

RunConfig config_for_test() {
  RunConfig config;
  config.train.env_steps = 300;
  config.replay.capacity = 200;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {8};
  config.eval.final_episodes = 1;
  return config;
}

struct Killed {};

// Ends the run as a kill does, without a word, or as an error does.
class EndAt : public Observer {
 public:
  explicit EndAt(int64_t env_steps, std::string error = "") : at_(env_steps), error_(std::move(error)) {}
  void on_step(int64_t env_steps) override {
    if (env_steps < at_) return;
    if (error_.empty()) throw Killed();
    throw Error(error_);
  }

 private:
  int64_t at_;
  std::string error_;
};

class RunStatusTest : public testing::Test {
 protected:
  RunStatusTest() { start_run(config_for_test(), {.folder = run_}); }

  RunStatus status() const { return run_status(run_); }
  void change(const std::string& from, const std::string& to) const {
    std::string text = slurp(run_ + "/config.toml");
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    spit(run_ + "/config.toml", text.replace(at, from.size(), to));
  }
  void expect_unfinished(RunState state, const std::string& reason) const {
    EXPECT_EQ(status().state, state);
    EXPECT_EQ(status().reason, reason);
    EXPECT_FALSE(status().finished());
    EXPECT_FALSE(status().summary.has_value());
  }

  TemporaryFolder folder_;
  const std::string run_ = folder_ / "run";
};

TEST_F(RunStatusTest, ARunThatCameToItsEndIsFinished) {
  EXPECT_EQ(status().state, RunState::kFinished);
  EXPECT_EQ(status().reason, "");
  EXPECT_EQ(status().summary->env_steps, 300);
  change("metrics_every_updates = 100", "metrics_every_updates = 50");
  EXPECT_TRUE(status().finished()) << "what is logged is not what was run";
  std::filesystem::remove_all(run_ + "/checkpoints");
  EXPECT_TRUE(status().finished()) << "checkpoints may be deleted";
}

TEST_F(RunStatusTest, AStoppedRunIsNot) {
  StopAt stop(100);
  start_run(config_for_test(), {.folder = folder_ / "stopped", .stop = &stop.stop, .observers = {&stop}});
  const RunStatus stopped = run_status(folder_ / "stopped");
  EXPECT_EQ(stopped.state, RunState::kStopped);
  EXPECT_EQ(stopped.reason, "stopped by a signal");
  EXPECT_EQ(stopped.summary->env_steps, 100) << "its summary is of now";
}

TEST_F(RunStatusTest, ASummaryOfBeforeAnExtensionIsNotTheRuns) {
  change("env_steps = 300", "env_steps = 900");
  expect_unfinished(RunState::kLonger, "made longer");
}

TEST_F(RunStatusTest, AnExtendedRunHasNoSummaryUntilItEndsAgain) {
  const std::string before = slurp(run_ + "/summary.json");
  EndAt kill(700);
  EXPECT_THROW(resume_run({.folder = run_, .observers = {&kill}, .env_steps = 900}), Killed);
  EXPECT_FALSE(std::filesystem::exists(run_ + "/summary.json"));
  expect_unfinished(RunState::kKilled, "killed, or stopped from outside: it has no summary");
  spit(run_ + "/summary.json", before);  // as an older deepq left it
  EXPECT_EQ(status().state, RunState::kKilled);
  EXPECT_FALSE(status().summary.has_value());
  resume_run({.folder = run_});
  EXPECT_TRUE(status().finished());
  EXPECT_EQ(status().summary->env_steps, 900);
}

TEST_F(RunStatusTest, ACheckpointBeyondTheSummaryTells) {
  std::string name = run_ + "/checkpoints/checkpoint-000000000300.safetensors";
  std::filesystem::rename(name, run_ + "/checkpoints/checkpoint-000000000301.safetensors");
  expect_unfinished(RunState::kKilled, "killed at step 301 or later, and its summary is of step 300");
}

TEST_F(RunStatusTest, WhatWasChangedAfterwardsIsNotWhatWasRun) {
  change("gamma = 0.99", "gamma = 0.9");
  expect_unfinished(RunState::kChanged, "config.toml was changed afterwards: agent.gamma");
  change("gamma = 0.9", "gamma = 0.99");
  change("seed = 0", "seed = 1");
  expect_unfinished(RunState::kChanged, "config.toml was changed afterwards: train.seed");
  std::filesystem::remove_all(run_ + "/checkpoints");
  expect_unfinished(RunState::kChanged, "config.toml was changed afterwards: train.seed");
}

TEST_F(RunStatusTest, WhatNoNumberDependsOnChangesNothing) {
  change("engine = \"auto\"", "engine = \"plain\"");
  change("step_timeout = 0.0", "step_timeout = 9.0");
  change("metrics_every_updates = 100", "metrics_every_updates = 7");
  EXPECT_TRUE(run_status(run_).finished()) << run_status(run_).reason;
}

TEST_F(RunStatusTest, AnotherFinalEvaluationIsAskedFor) {
  change("final_episodes = 1", "final_episodes = 2");
  expect_unfinished(RunState::kChanged, "config.toml was changed afterwards: eval.final_episodes");
  std::filesystem::remove_all(run_ + "/checkpoints");
  expect_unfinished(RunState::kChanged, "config.toml was changed afterwards: eval.final_episodes");
}

TEST_F(RunStatusTest, AnErrorIsTold) {
  EndAt nan(700, "environment step 700: the loss is nan");
  EXPECT_THROW(resume_run({.folder = run_, .observers = {&nan}, .env_steps = 900}), Error);
  expect_unfinished(RunState::kFailed, "failed: environment step 700: the loss is nan");
  resume_run({.folder = run_});
  EXPECT_TRUE(status().finished());
  EXPECT_FALSE(std::filesystem::exists(run_ + "/error.txt"));
}

TEST_F(RunStatusTest, ALockedFolderGoesOn) {
  std::filesystem::remove(run_ + "/summary.json");
  expect_unfinished(RunState::kKilled, "killed, or stopped from outside: it has no summary");
  const RunLock lock(run_);
  expect_unfinished(RunState::kGoingOn, "still going on");
}

TEST_F(RunStatusTest, ABrokenSummaryIsNone) {
  for (const char* text : {"", "{", "[]", "{\"env\": 1}"}) {
    spit(run_ + "/summary.json", text);
    EXPECT_EQ(status().state, RunState::kKilled) << text;
    EXPECT_NE(status().reason.find(run_ + "/summary.json"), std::string::npos) << status().reason;
    EXPECT_FALSE(status().summary.has_value());
  }
}

TEST_F(RunStatusTest, DamageElsewhereDecidesNothing) {
  spit(run_ + "/episodes.csv", "rubbish");
  spit(run_ + "/checkpoints/checkpoint-000000000300.safetensors", "rubbish");
  EXPECT_TRUE(status().finished());
}

}  // namespace
}  // namespace deepq
