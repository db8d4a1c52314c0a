// What a resumed run reports, and what can lie in its folder without stopping it. That it goes on bit for bit
// is tests/repro/resume_test.cc's.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/record/run_status.h"
#include "deepq/train/run.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::slurp;
using test::spit;
using test::StopAt;
using test::TemporaryFolder;

RunConfig config_for_test() {
  RunConfig config;
  config.train.env_steps = 400;
  config.replay.capacity = 200;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {8};
  config.eval = {.every_env_steps = 150, .episodes = 1, .final_episodes = 2};
  config.checkpoint.every_env_steps = 100;
  return config;
}

class Counter : public Observer {
 public:
  void on_metrics(const MetricsRecord&) override { ++metrics; }
  void on_evaluation(const EvaluationRecord& record) override { finals += record.final ? 1 : 0; }
  int metrics = 0, finals = 0;
};

void change(const std::string& run, const std::string& from, const std::string& to) {
  std::string text = slurp(run + "/config.toml");
  const size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  spit(run + "/config.toml", text.replace(at, from.size(), to));
}

// ---- T1: an evaluation says what was measured.

TEST(FinalEvaluation, WhatWasNotAskedForThenIsMeasuredNow) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.eval.final_episodes = 0;
  const RunSummary none = start_run(config, {.folder = folder / "run"});
  EXPECT_TRUE(std::isnan(none.eval_mean_return));
  EXPECT_EQ(none.eval_episodes, 0);
  change(folder / "run", "final_episodes = 0", "final_episodes = 5");
  const RunSummary asked = resume_run({.folder = folder / "run"});
  config.eval.final_episodes = 5;
  const RunSummary from_the_first = start_run(config, {});
  EXPECT_EQ(asked.eval_mean_return, from_the_first.eval_mean_return);
  EXPECT_GT(asked.eval_mean_return, 0);
  EXPECT_EQ(asked.eval_episodes, 5);
}

TEST(FinalEvaluation, IsMadeAgainWhereAnotherOneIsAskedFor) {
  const std::map<std::string, std::string> changes{{"final_episodes = 2", "final_episodes = 7"},
                                                   {"epsilon = 0.0 ", "epsilon = 0.9 "}};
  for (const auto& [from, to] : changes) {
    const TemporaryFolder folder;
    start_run(config_for_test(), {.folder = folder / "run"});
    std::string text = slurp(folder / "run/config.toml");
    const size_t at = text.find(from, text.find("\n[eval]"));
    ASSERT_NE(at, std::string::npos) << from;
    spit(folder / "run/config.toml", text.replace(at, from.size(), to));
    const RunConfig config = from_toml(text, "x");
    EXPECT_EQ(resume_run({.folder = folder / "run"}).eval_mean_return, start_run(config, {}).eval_mean_return) << to;
  }
}

TEST(FinalEvaluation, IsNotMadeAgainWithoutAReason) {
  const TemporaryFolder folder;
  RunSummary first = start_run(config_for_test(), {.folder = folder / "run"});
  Counter counter;
  RunSummary again = resume_run({.folder = folder / "run", .observers = {&counter}});
  EXPECT_EQ(counter.finals, 0);
  for (RunSummary* summary : {&first, &again}) summary->seconds = summary->env_steps_per_second = 0;
  EXPECT_EQ(again.to_json(), first.to_json());
}

TEST(FinalEvaluation, SaysHowItCameAbout) {
  RunConfig config = config_for_test();
  config.eval.epsilon = 0.25;
  config.eval.max_episode_steps = 11;
  const RunSummary last = start_run(config, {});
  EXPECT_EQ(last.eval_epsilon, 0.25);
  EXPECT_EQ(last.eval_agent, "last");
  EXPECT_EQ(last.eval_max_episode_steps, 11);
  EXPECT_EQ(last.eval_env_steps, 400);
  EXPECT_LE(last.eval_mean_return, 11);
  config.eval.keep_best = true;
  const RunSummary best = start_run(config, {});
  EXPECT_EQ(best.eval_agent, "best");
  EXPECT_EQ(best.eval_seed, 0u);
}

TEST(FinalEvaluation, OfAnEarlierStateIsNone) {
  const TemporaryFolder folder;
  StopAt stop(600);
  start_run(config_for_test(), {.folder = folder / "run"});
  const RunSummary stopped =
      resume_run({.folder = folder / "run", .stop = &stop.stop, .observers = {&stop}, .env_steps = 900});
  EXPECT_EQ(stopped.stopped_by, "signal");
  EXPECT_TRUE(std::isnan(stopped.eval_mean_return)) << "that of step 400 is not of step 600";
  EXPECT_EQ(stopped.eval_episodes, 0);
}

// ---- L4, L6: what is not needed stops no resume.

// A run that was stopped at step 250, damaged, and resumed; the unbroken one's weights are to come out.
class DamagedOutputs : public testing::Test {
 protected:
  std::vector<std::string> resume_after(const std::function<void(const std::string& run)>& damage) {
    const TemporaryFolder folder;
    const std::string run = folder / "run";
    StopAt stop(250);
    start_run(config_for_test(), {.folder = run, .stop = &stop.stop, .observers = {&stop}});
    damage(run);
    std::vector<std::string> notices;
    const RunSummary summary =
        resume_run({.folder = run, .notice = [&](const std::string& line) { notices.push_back(line); }});
    EXPECT_EQ(summary.weights_sha256, unbroken_.weights_sha256);
    EXPECT_EQ(summary.eval_mean_return, unbroken_.eval_mean_return);
    EXPECT_TRUE(run_status(run).finished());
    EXPECT_FALSE(slurp(run + "/report.html").empty());
    return notices;
  }

  static std::string events_of(const std::string& run) {
    for (const auto& entry : std::filesystem::directory_iterator(run))
      if (entry.path().filename().string().starts_with("events.out.tfevents.")) return entry.path().string();
    return "";
  }

  const RunSummary unbroken_ = start_run(config_for_test(), {});
};

TEST_F(DamagedOutputs, EveryOptionalFileMayBeDeletedEmptiedCutOrOverwritten) {
  for (const char* name : {"episodes.csv", "metrics.csv", "evaluations.csv", "events", "summary.json", "report.html"}) {
    SCOPED_TRACE(name);
    const bool is_log = std::string(name) != "summary.json" && std::string(name) != "report.html";
    const auto damaged = [&](const std::function<void(const std::string&)>& damage) {
      return resume_after([&](const std::string& run) {
        const std::string path = name == std::string("events") ? events_of(run) : run + "/" + name;
        damage(path);
      });
    };
    const size_t lost = is_log ? 1 : 0;
    EXPECT_EQ(damaged([](const std::string& path) { std::filesystem::remove(path); }).size(), lost) << "deleted";
    EXPECT_EQ(damaged([](const std::string& path) { spit(path, ""); }).size(), lost) << "emptied";
    EXPECT_EQ(
        damaged([](const std::string& path) { spit(path, slurp(path).substr(0, slurp(path).size() / 2)); }).size(),
        lost)
        << "cut";
    EXPECT_EQ(damaged([](const std::string& path) { spit(path, std::string(slurp(path).size(), '\0')); }).size(), lost)
        << "zero blocks";
    EXPECT_EQ(damaged([](const std::string& path) {
                std::string text = slurp(path);
                spit(path, text.replace(text.size() / 2, 4, "\nxy,"));
              }).size(),
              lost)
        << "other text of the same length";
    EXPECT_EQ(damaged([](const std::string& path) { spit(path, slurp(path) + "rubbish\n,\n"); }).size(), 0u);
    EXPECT_EQ(damaged([](const std::string& path) { spit(path, slurp(path) + std::string(4096, '\0')); }).size(), 0u);
  }
}

TEST_F(DamagedOutputs, AllAtOnce) {
  const auto notices = resume_after([](const std::string& run) {
    for (const char* name : {"/episodes.csv", "/metrics.csv", "/evaluations.csv", "/summary.json", "/report.html"})
      std::filesystem::remove(run + name);
    std::filesystem::remove(events_of(run));
  });
  EXPECT_EQ(notices.size(), 4u);
}

// ---- L5

class Vandal : public Observer {
 public:
  explicit Vandal(std::string path) : path_(std::move(path)) {}
  void on_step(int64_t env_steps) override {
    if (env_steps == 399) std::ofstream(path_, std::ios::app) << "rubbish\n";
  }

 private:
  std::string path_;
};

TEST(StartRun, EndsWithoutAReportWhereItsLogsWereDamagedMeanwhile) {
  const TemporaryFolder folder;
  Vandal vandal(folder / "run/metrics.csv");
  std::string notice;
  RunOptions options{.folder = folder / "run", .observers = {&vandal}};
  options.notice = [&](const std::string& line) { notice = line; };
  start_run(config_for_test(), options);
  EXPECT_NE(notice.find("no report: "), std::string::npos) << notice;
  EXPECT_TRUE(run_status(folder / "run").finished());
  EXPECT_FALSE(path_exists(folder / "run/error.txt"));
}

TEST(Resume, MetricsGoOnWithASmallerPeriod) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.log.metrics_every_updates = 1'000;
  StopAt stop(300);
  start_run(config, {.folder = folder / "run", .stop = &stop.stop, .observers = {&stop}});
  change(folder / "run", "metrics_every_updates = 1000", "metrics_every_updates = 10");
  Counter counter;
  resume_run({.folder = folder / "run", .observers = {&counter}});
  EXPECT_GE(counter.metrics, 9);
}

TEST(Resume, WhatEndedARunIsAskedAgainWhereItChanged) {
  for (const auto& [from, to] :
       std::map<std::string, std::string>{{"stop_when_solved = true", "stop_when_solved = false"},
                                          {"solved_mean_return = 1.0", "solved_mean_return = 900.0"}}) {
    const TemporaryFolder folder;
    RunConfig config = config_for_test();
    config.env.id = "GridWorld-v0";  // it has no threshold of its own
    config.eval = {.every_env_steps = 100, .episodes = 1, .final_episodes = 1, .max_episode_steps = 20};
    config.eval.stop_when_solved = true;
    config.eval.solved_mean_return = 1;
    RunConfig low = config;
    low.eval.solved_mean_return = -1e6;
    ASSERT_EQ(start_run(low, {.folder = folder / "run"}).stopped_by, "solved");
    EXPECT_TRUE(run_status(folder / "run").finished());
    if (from.starts_with("stop"))
      change(folder / "run", from, to);
    else
      change(folder / "run", "solved_mean_return = -1e+06", to);
    EXPECT_FALSE(run_status(folder / "run").finished());
    const RunSummary summary = resume_run({.folder = folder / "run"});
    EXPECT_EQ(summary.stopped_by, "env_steps");
    EXPECT_EQ(summary.env_steps, 400);
    EXPECT_TRUE(run_status(folder / "run").finished());
  }
}

TEST(Resume, ARunThatWasSolvedIsAskedAgainByTheSameLengthToo) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.env.id = "GridWorld-v0";
  config.eval = {.every_env_steps = 100, .episodes = 1, .final_episodes = 1, .max_episode_steps = 20};
  config.eval.stop_when_solved = true;
  config.eval.solved_mean_return = -1e6;
  ASSERT_EQ(start_run(config, {.folder = folder / "run"}).env_steps, 100);
  const RunSummary summary = resume_run({.folder = folder / "run", .env_steps = 400});
  EXPECT_EQ(summary.env_steps, 200);
  ASSERT_EQ(summary.changes.size(), 1u);
  EXPECT_EQ(describe(summary.changes[0]), "at step 100 eval.stop_when_solved from reached to asked again");
  EXPECT_EQ(slurp(folder / "run/report.html").find("same run, bit for bit"), std::string::npos);
}

// ---- K3

TEST(Resume, WhatCannotChangeIsRefusedByNameAndNothingIsTouched) {
  const TemporaryFolder folder;
  start_run(config_for_test(), {.folder = folder / "run"});
  const std::string summary = slurp(folder / "run/summary.json"), episodes = slurp(folder / "run/episodes.csv");
  change(folder / "run", "seed = 0", "seed = 1");
  EXPECT_NE(error_of([&] {
              resume_run({.folder = folder / "run", .env_steps = 800});
            }).find("train.seed is 1; the run was trained with 0, and that cannot change"),
            std::string::npos);
  EXPECT_EQ(slurp(folder / "run/summary.json"), summary);
  EXPECT_EQ(slurp(folder / "run/episodes.csv"), episodes);
}

TEST(Resume, ChangesAreTheRunsHistory) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  start_run(config_for_test(), {.folder = run});
  EXPECT_TRUE(run_status(run).history.empty());
  StopAt stop(500);
  resume_run({.folder = run, .stop = &stop.stop, .observers = {&stop}, .env_steps = 600});
  change(run, "learning_rate = 0.001", "learning_rate = 0.002");
  EXPECT_EQ(history_text(run_status(run).history),
            R"([{"env_steps":400,"key":"train.env_steps","from":"400","to":"600"}])");
  const RunSummary summary = resume_run({.folder = run});
  ASSERT_EQ(summary.changes.size(), 2u);
  EXPECT_EQ(describe(summary.changes[0]), "at step 400 train.env_steps from 400 to 600");
  EXPECT_EQ(describe(summary.changes[1]), "at step 500 optimizer.learning_rate from 0.001 to 0.002");
  EXPECT_EQ(resume_run({.folder = run}).changes.size(), 2u);
  const std::string page = slurp(run + "/report.html");
  EXPECT_EQ(page.find("deepq train --config config.toml --out NEW"), std::string::npos);
  EXPECT_NE(page.find("at step 500 optimizer.learning_rate from 0.001 to 0.002"), std::string::npos);
}

TEST(Resume, TheReportSaysWhatRepeatsARunThatWasMadeLonger) {
  for (const double fraction : {1.0, 0.1}) {
    const TemporaryFolder folder;
    RunConfig config = config_for_test();
    config.agent.optimizer.final_learning_rate_fraction = fraction;
    start_run(config, {.folder = folder / "run"});
    const RunSummary longer = resume_run({.folder = folder / "run", .env_steps = 600});
    config.train.env_steps = 600;
    const bool same = start_run(config, {}).weights_sha256 == longer.weights_sha256;
    EXPECT_EQ(same, fraction == 1.0);
    const std::string page = slurp(folder / "run/report.html");
    EXPECT_EQ(page.find("deepq train --config config.toml --out NEW") != std::string::npos, same);
    EXPECT_EQ(page.find("deepq train --config config.toml --steps 400 --out NEW\ndeepq resume NEW --steps 600") !=
                  std::string::npos,
              !same);
  }
}

// ---- L3

TEST(StartRun, WhatCouldNotBeReadAgainIsRefusedBeforeAnythingIsMade) {
  const TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.preset = "my \xff preset";
  EXPECT_EQ(error_of([&] { start_run(config, {.folder = folder / "run"}); }), "preset is not UTF-8 text");
  config.preset = std::string(40'000, 'x');
  EXPECT_NE(error_of([&] { start_run(config, {.folder = folder / "run"}); }).find("too long for a configuration"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  for (const std::string& odd : {std::string("\"quoted\" \\ \n\t \x01 \x7f"), std::string("p\u00e9\U0001F600 #[a]='"),
                                 std::string("'''\"\"\""), std::string("a\0b", 3)}) {
    config.preset = odd;
    config.train.env_steps = 20;
    start_run(config, {.folder = folder / ("run-" + std::to_string(odd.size()))});
    EXPECT_EQ(resume_run({.folder = folder / ("run-" + std::to_string(odd.size()))}).preset, odd);
  }
}

TEST(Config, OnlyUtf8IsText) {
  RunConfig config = config_for_test();
  for (const char* good : {"", "a", "\u00e9", "\u20ac", "\U0001F600", "\U0010FFFF"}) {
    config.env.id = good;
    EXPECT_EQ(error_of([&] { validate(config); }), "no error") << good;
  }
  for (const char* bad :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xe2\x82", "a\x80"}) {
    config.env.id = bad;
    EXPECT_EQ(error_of([&] { validate(config); }), "env.id is not UTF-8 text") << bad;
  }
}

}  // namespace
}  // namespace deepq
