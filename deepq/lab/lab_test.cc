#include "deepq/lab/lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "deepq/core/divergence.h"
#include "deepq/core/finite.h"
#include "deepq/lab/job_file.h"
#include "deepq/lab/null_results.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/source_hash.h"
#include "deepq/lab/training.h"
#include "deepq/lab/worlds/baird.h"
#include "tests/test_support.h"

namespace deepq::lab {
namespace {

using test::error_of;
using test::TemporaryFolder;

std::atomic<int> jobs_run{0};

JobResult one_job(const Job& job, double base) {
  ++jobs_run;
  job.report(0.5);
  return {.values = {{"v", base + static_cast<double>(job.seed)}, {"none", kNaN}},
          .curves = {{"c", {{1, 2}, {3, kNaN}}}}};
}

std::vector<Setting> two_settings(bool) {
  return {{"a", [](const Job& job) { return one_job(job, 0); }},
          {"b", [](const Job& job) { return one_job(job, 100); }}};
}

std::vector<Check> checks(const Results& results) {
  return {pairs_above("b is more", "difference of v", difference(results, {"v"}, "b", "a"))};
}

Finding figures(const Results& results) {
  Finding finding;
  finding.facts = {"1 < 2"};
  finding.tables = {{.caption = "t", .columns = {"seed", "c"}, .rows = {}}};
  for (const Curve& curve : results.curves("a", "c"))
    finding.tables[0].rows.push_back({std::to_string(curve.x.size()), std::isnan(curve.y[1]) ? "gap" : "none"});
  return finding;
}

const Experiment kExperiment{.name = "toy",
                             .section = "Nowhere",
                             .question = "Why is b more?",
                             .because = "Because 100 < 200.",
                             .claim = "b < more & \"b\".",
                             .design = "d",
                             .seeds = 6,
                             .quick_seeds = 2,
                             .settings = two_settings,
                             .checks = checks,
                             .figures = figures};

TEST(Lab, RunsEverySettingWithEverySeedAndConcludes) {
  const TemporaryFolder folder;
  jobs_run = 0;
  double last = 0;
  const LabReport report = run_experiment(
      kExperiment, {.folder = folder / "lab", .jobs = 3, .on_progress = [&](double fraction) { last = fraction; }});
  EXPECT_EQ(jobs_run, 12);
  EXPECT_NEAR(last, 1, 1e-12);
  EXPECT_EQ(report.seeds, 6);
  EXPECT_EQ(verdict(report.finding.checks), Verdict::kHolds);
  EXPECT_EQ(report.finding.checks[0].interval.value, 100);
  EXPECT_EQ(report.finding.tables[0].rows[0], (std::vector<std::string>{"2", "gap"}));
  const std::string page = test::slurp(report.page);
  EXPECT_NE(page.find("<h1>Holds: 1 of 1 statement holds</h1>"), std::string::npos);
  EXPECT_NE(page.find("<p>b &lt; more &amp; &quot;b&quot;.</p>"), std::string::npos);
  const auto json = nlohmann::json::parse(test::slurp(folder / "lab/toy/report.json"));
  EXPECT_EQ(json["verdict"], "holds");
  EXPECT_EQ(json["checks"][0]["answer"], "holds");
  EXPECT_EQ(json["checks"][0]["by_seed"].size(), 6u);
  EXPECT_EQ(json["checks"][0]["p"], 2.0 / 64);
  EXPECT_EQ(json["certain"][0], "1 < 2");
  EXPECT_NE(page.find("<li>1 &lt; 2</li>"), std::string::npos);
  for (const char* file : {"statements.csv", "values.csv", "../index.html"})
    EXPECT_FALSE(test::slurp(folder / ("lab/toy/" + std::string(file))).empty()) << file;
}

// A small version shows the pictures and decides nothing: not on the page, not in the JSON, not in the index.
TEST(Lab, QuickGivesNoVerdict) {
  const TemporaryFolder folder;
  const LabReport report = run_experiment(kExperiment, {.folder = folder / "lab", .seeds = 8, .quick = true});
  EXPECT_FALSE(verdict(report.finding).has_value());
  const auto json = nlohmann::json::parse(test::slurp(folder / "lab/toy/report.json"));
  EXPECT_TRUE(json["verdict"].is_null());
  for (const char* key : {"answer", "p", "adjusted_p"}) EXPECT_TRUE(json["checks"][0][key].is_null()) << key;
  EXPECT_EQ(json["checks"][0]["value"], 100);
  const std::string page = test::slurp(report.page);
  EXPECT_NE(page.find("No verdict: the quick version only shows the pictures"), std::string::npos);
  for (const char* word : {"Verdict:", ": holds", "not decided", "does not hold"})
    EXPECT_EQ(page.find(word), std::string::npos) << word;
}

TEST(Lab, SaysWhenSoFewSeedsCanDecideNothing) {
  const TemporaryFolder folder;
  const LabReport report = run_experiment(kExperiment, {.folder = folder / "lab", .seeds = 5});
  EXPECT_EQ(verdict(report.finding), Verdict::kUndecided);
  EXPECT_NE(test::slurp(report.page).find("95% bootstrap interval"), std::string::npos);
  const LabReport few = run_experiment(kExperiment, {.folder = folder / "lab", .seeds = 4});
  EXPECT_EQ(test::slurp(few.page).find("95% bootstrap interval"), std::string::npos);
  EXPECT_NE(test::slurp(few.page).find("bootstrap interval, too few runs for a 95% claim"), std::string::npos);
  ASSERT_EQ(report.finding.cautions.size(), 1u);
  EXPECT_EQ(report_json(report)["notes"], report.finding.cautions);
  EXPECT_EQ(report.finding.cautions[0],
            "With 5 seeds none of 1 statements can be decided, whatever was measured: take more.");
}

TEST(Lab, GoesOnWhereItWas) {
  const TemporaryFolder folder;
  const LabOptions options{.folder = folder / "lab"};
  run_experiment(kExperiment, options);
  jobs_run = 0;
  const LabReport again = run_experiment(kExperiment, options);
  EXPECT_EQ(jobs_run, 0);
  EXPECT_GT(again.runs, 0u);
  EXPECT_EQ(again.kept_runs, again.runs);
  LabOptions more = options;
  more.seeds = 8;
  EXPECT_EQ(run_experiment(kExperiment, more).finding.checks[0].interval.value, 100);
  EXPECT_EQ(jobs_run, 4);
  LabOptions quick = options;
  quick.quick = true;  // has results of its own
  EXPECT_EQ(run_experiment(kExperiment, quick).seeds, 2);
  EXPECT_EQ(jobs_run, 8);
  test::spit(folder / "lab/toy/jobs/a--seed-1.json", "{\"job\":");  // damaged: that one again
  run_experiment(kExperiment, options);
  EXPECT_EQ(jobs_run, 9);
}

TEST(Lab, FreshSeedsAreOthers) {
  const TemporaryFolder folder;
  LabOptions options{.folder = folder / "lab", .seeds = 2};
  run_experiment(kExperiment, options);
  jobs_run = 0;
  options.first_seed = 1;  // seed 1 is there already
  const LabReport report = run_experiment(kExperiment, options);
  EXPECT_EQ(jobs_run, 2);
  EXPECT_TRUE(read_job(folder / "lab/toy/jobs", {"toy", "a", "", false, 2}).has_value());
  EXPECT_EQ(report_json(report)["first_seed"], 1);
  const std::string page = test::slurp(report.page);
  EXPECT_NE(page.find("deepq lab toy --seeds 2 --first-seed 1<"), std::string::npos);
  EXPECT_NE(page.find("2 seeds for each setting, from 1"), std::string::npos);
}

TEST(Lab, StopsBetweenJobsAndInThem) {
  const TemporaryFolder folder;
  std::atomic<bool> stop{false};
  jobs_run = 0;
  LabOptions options{.folder = folder / "lab", .stop = &stop};
  options.on_progress = [&](double fraction) { stop = stop || fraction > 0.27; };
  EXPECT_THROW(run_experiment(kExperiment, options), Stopped);
  EXPECT_EQ(jobs_run, 4);  // the fourth in its midst
  stop = false;
  options.on_progress = {};
  jobs_run = 0;
  run_experiment(kExperiment, options);
  EXPECT_EQ(jobs_run, 9);
}

std::vector<Setting> one_diverges(bool) {
  std::vector<Setting> settings = two_settings(false);
  settings[1].run = [](const Job& job) {
    ++jobs_run;
    if (job.seed == 3) throw Divergence("update 7: the loss is inf");
    return one_job(job, 100);
  };
  return settings;
}

// Neither ends it nor vanishes, and is not done again.
TEST(Lab, ASeedThatDivergesIsAResult) {
  const TemporaryFolder folder;
  Experiment experiment = kExperiment;
  experiment.settings = one_diverges;
  for (int session = 0; session < 2; ++session) {
    const LabReport report = run_experiment(experiment, {.folder = folder / "lab"});
    const Check& check = report.finding.checks[0];
    EXPECT_EQ(check.by_seed.values, (std::vector<double>{100, 100, 100, 0 - 3, 100, 100}));
    EXPECT_EQ(check.by_seed.diverged, 1);
    const std::string page = test::slurp(report.page);
    EXPECT_NE(page.find("of 6 seeds, 1 diverged and count as the worst"), std::string::npos);
    EXPECT_NE(page.find("no longer finite: b 1 of 6."), std::string::npos);
    EXPECT_EQ(report_json(report)["checks"][0]["diverged"], 1);
    jobs_run = 0;
  }
  EXPECT_EQ(jobs_run, 0);
  Experiment broken = kExperiment;
  broken.settings = [](bool) -> std::vector<Setting> {
    return {{"a", [](const Job&) -> JobResult { throw Error("a reward is nan; allowed: finite numbers"); }}};
  };
  EXPECT_EQ(error_of([&] { run_experiment(broken, {.folder = folder / "broken"}); }),
            "a reward is nan; allowed: finite numbers");  // what is broken is no result
}

std::string config_now;
std::vector<Setting> with_config(bool) {
  std::vector<Setting> settings = two_settings(false);
  settings[0].config = config_now;
  return settings;
}

TEST(Lab, ResultsOfOtherSettingsOrAnotherProgramAreNotTakenUp) {
  const TemporaryFolder folder;
  Experiment experiment = kExperiment;
  experiment.settings = with_config;
  const LabOptions options{.folder = folder / "lab", .seeds = 2};
  config_now = "step size 1";
  run_experiment(experiment, options);
  const auto run_again = [&] {
    jobs_run = 0;
    run_experiment(experiment, options);
    return jobs_run.load();
  };
  EXPECT_EQ(run_again(), 0);
  config_now = "step size 2";
  EXPECT_EQ(run_again(), 2);
  EXPECT_EQ(run_again(), 0);
  const std::string file = folder / "lab/toy/jobs/b--seed-1.json";
  std::string text = test::slurp(file);
  const size_t at = text.find(source_hash());
  ASSERT_NE(at, std::string::npos);
  text[at] = text[at] == '0' ? '1' : '0';  // as another program wrote it
  test::spit(file, text);
  EXPECT_EQ(run_again(), 1);
}

TEST(Lab, BadInput) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { run_experiment(kExperiment, {.folder = folder / "x", .seeds = 1}); }),
            "--seeds is 1, too few for an interval; toy needs at least 2");
  EXPECT_EQ(error_of([&] { run_experiment(kExperiment, {.folder = folder / "x", .first_seed = kLastFirstSeed + 1}); }),
            "--first-seed is 1000000001; allowed: 0 to 1000000000");
  EXPECT_EQ(error_of([] { find_experiment("deadly-triade"); }),
            "unknown experiment 'deadly-triade'; did you mean 'deadly-triad'?; `deepq lab` lists them");
  test::spit(folder / "file", "");
  const std::string error = error_of([&] { run_experiment(kExperiment, {.folder = folder / "file"}); });
  EXPECT_NE(error.find("file/toy/jobs: cannot make the folder"), std::string::npos) << error;
}

TEST(Lab, JobFilesKeepEveryBit) {
  const TemporaryFolder folder;
  const JobResult result{.values = {{"a", 0.1}, {"inf", std::numeric_limits<double>::infinity()}, {"nan", kNaN}},
                         .curves = {{"c", {{1, 2}, {1e-300, -std::numeric_limits<double>::infinity()}}}}};
  const JobName name{"e", "s", "c", false, 3};
  write_job(folder / "", name, result);
  const auto read = read_job(folder / "", name);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->values.at("a"), 0.1);
  EXPECT_EQ(read->values.at("inf"), result.values.at("inf"));
  EXPECT_TRUE(std::isnan(read->values.at("nan")));
  EXPECT_EQ(read->curves.at("c").y, result.curves.at("c").y);
  for (const JobName& other : {JobName{"e", "s", "c", false, 4},
                               {"e", "s", "d", false, 3},
                               {"e", "s", "c", true, 3},
                               {"f", "s", "c", false, 3}})
    EXPECT_FALSE(read_job(folder / "", other).has_value());
  write_job(folder / "", name, {.values = {}, .curves = {{"c", {{1, 2}, {1}}}}});
  EXPECT_FALSE(read_job(folder / "", name).has_value()) << "a place without a value";
}

// The chapter's own titles, in its order; an exercise is named behind its section's.
TEST(Lab, ExperimentsStandInTheOrderOfTheChaptersSections) {
  const std::vector<std::string> sections = {"When Tables Aren't Enough",
                                             "Function Approximation: From Tables to Functions",
                                             "The Deadly Triad: Why Naive Deep Q-Learning Fails",
                                             "Experience Replay: Breaking the Correlation",
                                             "Target Networks: Stabilizing the Target",
                                             "The Complete DQN Algorithm",
                                             "DQN in Action",
                                             "Double DQN: Fixing Overestimation",
                                             "Dueling DQN: Separating Value and Advantage",
                                             "Prioritized Experience Replay",
                                             "Advanced Variants: Beyond Vanilla DQN",
                                             "Historical Context",
                                             "Exercises: conceptual question 1",
                                             "Exercises: conceptual question 3",
                                             "Exercises: conceptual question 4",
                                             "Exercises: open-ended"};
  size_t before = 0;
  for (const Experiment& experiment : experiments()) {
    const auto at =
        static_cast<size_t>(std::find(sections.begin(), sections.end(), experiment.section) - sections.begin());
    ASSERT_LT(at, sections.size()) << experiment.name << ": " << experiment.section;
    EXPECT_GE(at, before) << experiment.name;
    before = at;
  }
}

// A student's question is answered by its because.
TEST(Lab, EveryExperimentAnswersAQuestion) {
  for (const Experiment& experiment : experiments()) {
    EXPECT_TRUE(experiment.question.starts_with("Why ") && experiment.question.ends_with("?")) << experiment.name;
    EXPECT_TRUE(experiment.because.starts_with("Because ") && experiment.because.ends_with(".")) << experiment.name;
  }
}

TEST(Lab, EveryExperimentIsWhole) {
  std::set<std::string> names;
  for (const Experiment& experiment : experiments()) {
    EXPECT_TRUE(names.insert(experiment.name).second) << experiment.name;
    EXPECT_GE(experiment.seeds, 20) << experiment.name;
    EXPECT_EQ(experiment.claim.back(), '.') << experiment.name;
    for (const bool quick : {false, true}) {
      std::set<std::string> settings;
      for (const Setting& setting : experiment.settings(quick)) {
        EXPECT_TRUE(settings.insert(setting.name).second) << setting.name;
        EXPECT_EQ(setting.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+="),
                  std::string::npos)
            << setting.name;
      }
    }
  }
}

// A small part of null_test.cc: where nothing differs, at most one experiment in 20 decides anything.
TEST(Lab, NothingIsDecidedWhereNothingDiffers) {
  constexpr int kEach = 15;
  double decided = 0, all = 0;
  for (const Experiment& experiment : experiments()) {
    for (const Shape shape : kShapes) {
      EXPECT_EQ(error_rate(experiment, shape, 5, 2), 0) << experiment.name;  // 2 / 2^5 is too much for any
      decided += kEach * error_rate(experiment, shape, 10, kEach);
      all += kEach;
    }
  }
  EXPECT_LE(decided, kLevel * all + 3 * std::sqrt(kLevel * all));
}

TEST(LabTraining, MeasuresARunOnAnEvenGrid) {
  const RunConfig config = configure("chapter", {"train.env_steps=2000", "eval.final_episodes=2"});
  std::vector<int64_t> probes;
  const JobResult result =
      train({.config = config, .probes = 4, .probe = [&](Trainer&, int64_t at, JobResult&) { probes.push_back(at); }},
            {.seed = 3});
  EXPECT_EQ(probes, (std::vector<int64_t>{500, 1000, 1500, 2000}));
  EXPECT_EQ(result.curves.at("return").x.size(), static_cast<size_t>(kBins));
  EXPECT_EQ(result.curves.at("return").x.front(), 40);
  EXPECT_EQ(result.curves.at("return").x.back(), 2000);
  EXPECT_GT(result.values.at("mean_return"), 9);
  EXPECT_GT(result.values.at("eval_return"), 8);
  EXPECT_EQ(result.values.at("parameters"), 4 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2);
  EXPECT_EQ(result.values.at("updates"), 2000 - 64 + 1);
}

// What is measured takes no time of training, however long it takes.
TEST(LabTraining, TheClockStandsWhileSomethingIsMeasured) {
  const RunConfig config = configure("chapter", {"train.env_steps=200"});
  const auto slow = [](Trainer&, int64_t, JobResult&) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  EXPECT_LT(train({.config = config, .probes = 50, .probe = slow}, {.seed = 0}).values.at("seconds"), 0.5);
}

TEST(LabTraining, ARunThatOverflowsDiverges) {
  const RunConfig config = configure("chapter", {"train.env_steps=5000", "optimizer.learning_rate=1e30"});
  EXPECT_THROW(train({.config = config}, {.seed = 0}), Divergence);
}

// At the weights of Sutton and Barto's figure: six outer states of 2 * 1 + 1 and an inner one of 10 + 2 * 1.
TEST(Baird, FirstError) {
  EXPECT_DOUBLE_EQ(run_baird({}, 0).first_error, std::sqrt((6 * 9 + 144) / 7.0));
  EXPECT_DOUBLE_EQ(run_baird({.approximation = false}, 0).first_error, std::sqrt((6 + 100) / 7.0));
}

TEST(Baird, NeedsAllThreeLegsToDiverge) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    EXPECT_GT(run_baird({}, seed).error.back(), 1e3);
    EXPECT_LT(run_baird({.approximation = false}, seed).error.back(),
              10);  // the inner state's first value, on its way down
    EXPECT_LT(run_baird({.bootstrapping = false}, seed).error.back(), 1);
    EXPECT_LT(run_baird({.off_policy = false}, seed).error.back(), 6.1);
  }
}

}  // namespace
}  // namespace deepq::lab
