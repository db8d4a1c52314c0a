// A run that is stopped or killed in an evaluation, or whose evaluation is cut short: nothing is lost, and it says so.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_data.h"
#include "deepq/record/run_folder.h"
#include "deepq/record/run_status.h"
#include "deepq/report/report.h"
#include "deepq/train/policy.h"
#include "deepq/train/recorder.h"
#include "deepq/train/run.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;
using test::slurp;
using test::spit;
using test::TemporaryFolder;

RunConfig config_for_test() {
  RunConfig config;
  config.train.env_steps = 400;
  config.replay.capacity = 200;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {8};
  config.eval.final_episodes = 3;
  config.checkpoint.every_env_steps = 0;
  return config;
}

// Calls `act` once, at the so manieth step of an evaluation after so many steps of training.
class AtEvaluationStep : public Observer {
 public:
  AtEvaluationStep(int64_t env_steps, int64_t step, std::function<void()> act)
      : env_steps_(env_steps), step_(step), act_(std::move(act)) {}
  void on_step(int64_t) override { ++training_steps; }
  void on_evaluation_step(const EvaluationProgress& progress) override {
    ++evaluation_steps;
    // on_step() comes after the evaluation of its step.
    const int64_t now = training_steps + (progress.final ? 0 : 1);
    if (now == env_steps_ && progress.env_steps == step_) act_();
  }
  int64_t training_steps = 0, evaluation_steps = 0;

 private:
  int64_t env_steps_, step_;
  std::function<void()> act_;
};

std::string without_times(RunSummary summary) {
  summary.seconds = summary.env_steps_per_second = 0;
  return summary.to_json();
}

TEST(Interruption, AllTrainingIsOnDiskWhenTheFinalEvaluationBegins) {
  const TemporaryFolder folder;
  AtEvaluationStep kill(400, 1, [&] { fs::copy(folder / "run", folder / "killed", fs::copy_options::recursive); });
  const RunSummary whole = start_run(config_for_test(), {.folder = folder / "run", .observers = {&kill}});
  EXPECT_EQ(newest_checkpoint_name(folder / "killed/checkpoints")->env_steps, 400);
  EXPECT_EQ(readable_returns(folder / "killed").size(), static_cast<size_t>(whole.episodes));
  EXPECT_EQ(run_status(folder / "killed").state, RunState::kKilled);

  AtEvaluationStep seen(-1, 0, [] {});
  const RunSummary resumed = resume_run({.folder = folder / "killed", .observers = {&seen}});
  EXPECT_EQ(seen.training_steps, 0) << "the evaluation alone";
  EXPECT_EQ(without_times(resumed), without_times(whole));
  EXPECT_EQ(slurp(folder / "killed/evaluations.csv"), slurp(folder / "run/evaluations.csv"));
  EXPECT_EQ(slurp(folder / "killed/episodes.csv"), slurp(folder / "run/episodes.csv"));
}

TEST(Interruption, TheFinalEvaluationStopsAfterThePresentStepAndIsMadeByResume) {
  const TemporaryFolder folder;
  std::atomic<bool> stop = false;
  AtEvaluationStep signal(400, 5, [&] { stop = true; });
  const RunSummary stopped =
      start_run(config_for_test(), {.folder = folder / "run", .stop = &stop, .observers = {&signal}});
  EXPECT_EQ(signal.evaluation_steps, 5);
  EXPECT_EQ(stopped.stopped_by, "signal");
  EXPECT_EQ(stopped.env_steps, 400);
  EXPECT_EQ(stopped.eval_episodes, 0);
  EXPECT_TRUE(std::isnan(stopped.eval_mean_return));
  EXPECT_EQ(run_status(folder / "run").state, RunState::kStopped);

  AtEvaluationStep seen(-1, 0, [] {});
  const RunSummary resumed = resume_run({.folder = folder / "run", .observers = {&seen}});
  EXPECT_EQ(seen.training_steps, 0);
  EXPECT_EQ(without_times(resumed), without_times(start_run(config_for_test(), {})));
  EXPECT_TRUE(run_status(folder / "run").finished());
}

TEST(Interruption, AStopInAnEvaluationDuringTrainingIsNoStepLate) {
  for (const int64_t at : {150, 300, 450}) {  // the last: training is done, its last evaluation is not
    RunConfig config = config_for_test();
    config.train.env_steps = 450;
    config.eval.every_env_steps = 150;
    config.eval.episodes = 2;
    config.eval.keep_best = true;
    const TemporaryFolder folder;
    std::atomic<bool> stop = false;
    AtEvaluationStep signal(at, 5, [&] { stop = true; });
    const RunSummary stopped = start_run(config, {.folder = folder / "run", .stop = &stop, .observers = {&signal}});
    EXPECT_EQ(stopped.stopped_by, "signal");
    EXPECT_EQ(stopped.env_steps, at);
    EXPECT_EQ(signal.training_steps, at);
    const RunSummary resumed = resume_run({.folder = folder / "run"});
    const RunSummary whole = start_run(config, {.folder = folder / "whole"});
    EXPECT_EQ(without_times(resumed), without_times(whole)) << at;
    EXPECT_EQ(slurp(folder / "run/evaluations.csv"), slurp(folder / "whole/evaluations.csv")) << at;
    EXPECT_EQ(readable_returns(folder / "run"), readable_returns(folder / "whole"));
  }
}

TEST(FinalEvaluation, ThatIsCutSaysSoAndIsTheRuns) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.eval.final_episodes = 100;
  config.eval.max_episode_steps = 7;
  config.eval.final_max_env_steps = 25;
  const RunSummary cut = start_run(config, {.folder = folder / "run"});
  EXPECT_EQ(cut.eval_episodes, 3);
  EXPECT_EQ(cut.eval_planned_episodes, 100);
  EXPECT_EQ(cut.eval_max_env_steps, 25);
  EXPECT_EQ(cut.eval_mean_return, 7);
  EXPECT_TRUE(run_status(folder / "run").finished()) << run_status(folder / "run").reason;
  const std::string page = slurp(folder / "run/report.html");
  EXPECT_NE(page.find("3 of 100 episodes, those that 25 steps (eval.final_max_env_steps) were enough for"),
            std::string::npos);

  AtEvaluationStep seen(-1, 0, [] {});
  EXPECT_EQ(without_times(resume_run({.folder = folder / "run", .observers = {&seen}})), without_times(cut));
  EXPECT_EQ(seen.evaluation_steps, 0) << "it is what was asked for";
  EXPECT_EQ(evaluate_run(folder / "run").episodes, 3) << "the same again";
  EXPECT_EQ(evaluate_run(folder / "run", {.episodes = 30}).episodes, 30) << "asked for";

  std::string toml = slurp(folder / "run/config.toml");
  const size_t at = toml.find("final_max_env_steps = 25");
  spit(folder / "run/config.toml", toml.replace(at, 24, "final_max_env_steps = 60"));
  EXPECT_EQ(run_status(folder / "run").reason, "config.toml was changed afterwards: eval.final_max_env_steps");
  EXPECT_EQ(resume_run({.folder = folder / "run"}).eval_episodes, 8);
  EXPECT_TRUE(run_status(folder / "run").finished());
}

// ---- What others do to its files.

TEST(Interruption, ASpreadsheetThatSavedTheTablesStopsNothing) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.eval.every_env_steps = 150;
  std::atomic<bool> stop = false;
  AtEvaluationStep signal(300, 2, [&] { stop = true; });
  start_run(config, {.folder = folder / "run", .stop = &stop, .observers = {&signal}});
  for (const char* name : {"/episodes.csv", "/metrics.csv", "/evaluations.csv"}) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : slurp(folder / "run" + name)) text += c == '\n' ? "\r\n" : std::string(1, c);
    spit(folder / "run" + name, text);
  }
  EXPECT_NE(make_report({folder / "run"}), "");
  std::vector<std::string> notices;
  resume_run({.folder = folder / "run", .notice = [&](const std::string& line) { notices.push_back(line); }});
  EXPECT_EQ(notices, std::vector<std::string>{});
  start_run(config, {.folder = folder / "whole"});
  EXPECT_EQ(slurp(folder / "run/evaluations.csv"), slurp(folder / "whole/evaluations.csv"));
  EXPECT_EQ(readable_returns(folder / "run"), readable_returns(folder / "whole"));
}

TEST(Interruption, ADamagedNewestCheckpointIsToldByWhateverLoadsTheFolder) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.checkpoint.every_env_steps = 200;
  start_run(config, {.folder = folder / "run"});
  const std::string damaged = newest_checkpoint_name(folder / "run/checkpoints")->path;
  spit(damaged, slurp(damaged).substr(0, 1000));
  std::vector<std::string> notices;
  const auto notice = [&](const std::string& line) { notices.push_back(line); };
  EXPECT_EQ(Policy::load(folder / "run", notice).env_steps(), 200);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("; renamed to " + damaged + ".damaged"), std::string::npos) << notices[0];
  evaluate_run({.folder = folder / "run", .notice = notice}, {.episodes = 1});
  ASSERT_EQ(notices.size(), 2u) << "whoever loads it next knows it, too";
  EXPECT_EQ(notices[1], damaged + ".damaged was set aside as damaged; that of step 200 is taken");
  resume_run({.folder = folder / "run", .notice = notice});
  EXPECT_EQ(notices.size(), 3u);
  Policy::load(folder / "run", notice);
  EXPECT_EQ(notices.size(), 3u) << "the newest is whole";
}

// Its world is that of the checkpoint, whatever config.toml says by now.
TEST(Interruption, AReportNamesTheWorldThatWasTrainedIn) {
  const TemporaryFolder folder;
  start_run(config_for_test(), {.folder = folder / "run"});
  std::string toml = slurp(folder / "run/config.toml");
  const size_t at = toml.find("CartPole-v1");
  spit(folder / "run/config.toml", toml.replace(at, 11, "Acrobot-v1"));
  const RunData run = read_run(folder / "run");
  EXPECT_EQ(run.setting("env.id"), "CartPole-v1");
  EXPECT_EQ(run.config_text.find("Acrobot"), std::string::npos);
  EXPECT_EQ(run.status.reason, "config.toml was changed afterwards: env.id");
  EXPECT_EQ(make_report({folder / "run"}).find("Acrobot"), std::string::npos);
}

TEST(Interruption, ThePageOfALongRunIsMadeAnewWithACheckpoint) {
  const TemporaryFolder folder;
  const RunConfig config = config_for_test();
  const std::string run = folder / "run", toml = readable_toml(config);
  const RunLock lock = create_run_folder(run);
  spit(config_path(run), toml);
  Trainer trainer(config, find_env(config.env.id));
  Recorder recorder(run, toml, LogStart::kGoOn);
  recorder.observe(trainer);
  recorder.checkpoint(trainer);
  EXPECT_FALSE(path_exists(run + "/report.html")) << "a short run pays nothing";
  recorder.page_age = {};
  while (trainer.env_steps() < 100) trainer.step();
  recorder.checkpoint(trainer);
  const std::string page = slurp(run + "/report.html");
  EXPECT_NE(page.find("Still training: "), std::string::npos);
  EXPECT_NE(page.find("http-equiv=\"refresh\""), std::string::npos) << "a browser follows it";
  EXPECT_NO_THROW(std::filesystem::remove(run + "/report.html");
                  std::filesystem::create_directory(run + "/report.html"); recorder.checkpoint(trainer))
      << "a page that cannot be written ends nothing";
}

TEST(Interruption, AReportOfAResumedRunIsOfNow) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.eval.every_env_steps = 50;
  config.eval.episodes = 1;
  std::atomic<bool> stop = false;
  AtEvaluationStep signal(200, 2, [&] { stop = true; });
  start_run(config, {.folder = folder / "run", .stop = &stop, .observers = {&signal}});
  std::string page;
  int64_t rows = 0;
  AtEvaluationStep look(151, 2, [&] {  // at step 350, as the evaluation of step 200 counts as one
    page = make_report({folder / "run"});
    rows = static_cast<int64_t>(read_run(folder / "run").episodes.rows());
  });
  resume_run({.folder = folder / "run", .observers = {&look}});
  EXPECT_NE(page.find("<dt>State</dt><dd><b>training</b>"), std::string::npos) << "no earlier summary";
  EXPECT_NE(page.find(", as of 20"), std::string::npos);
  EXPECT_NE(page.find("http-equiv=\"refresh\""), std::string::npos) << "a browser follows it";
  EXPECT_EQ(slurp(folder / "run/report.html").find("http-equiv=\"refresh\""), std::string::npos) << "it has ended";
  EXPECT_NE(page.find("in " + std::to_string(rows) + " episodes"), std::string::npos) << "counted in the tables";
  EXPECT_EQ(page.find("signal"), std::string::npos);
  EXPECT_NE(slurp(folder / "run/report.html").find("<dt>Ended</dt><dd><b>all steps taken</b>"), std::string::npos);
}

}  // namespace
}  // namespace deepq
