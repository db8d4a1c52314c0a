#include "deepq/lab/lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "deepq/lab/baird.h"
#include "deepq/lab/job_file.h"
#include "deepq/lab/training.h"
#include "tests/test_support.h"

namespace deepq::lab {
namespace {

using test::error_of;
using test::TemporaryFolder;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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

Finding compare(const Results& results) {
  Finding finding;
  finding.checks = {claim_above("b is more", "difference of v",
                                stats::difference_interval(results.values("b", "v"), results.values("a", "v")))};
  finding.tables = {{.caption = "t", .columns = {"seed", "c"}, .rows = {}}};
  for (const Curve& curve : results.curves("a", "c"))
    finding.tables[0].rows.push_back({std::to_string(curve.x.size()), std::isnan(curve.y[1]) ? "gap" : "none"});
  return finding;
}

const Experiment kExperiment{.name = "toy",
                             .chapter = "nowhere",
                             .claim = "b < more & \"b\"",
                             .design = "d",
                             .seeds = 4,
                             .quick_seeds = 2,
                             .settings = two_settings,
                             .conclude = compare};

TEST(Lab, RunsEverySettingWithEverySeedAndConcludes) {
  const TemporaryFolder folder;
  jobs_run = 0;
  double last = 0;
  const LabReport report = run_experiment(
      kExperiment, {.folder = folder / "lab", .jobs = 3, .on_progress = [&](double share) { last = share; }});
  EXPECT_EQ(jobs_run, 8);
  EXPECT_NEAR(last, 1, 1e-12);
  EXPECT_EQ(report.seeds, 4);
  EXPECT_EQ(verdict(report.finding.checks), Verdict::kHolds);
  EXPECT_EQ(report.finding.checks[0].interval.value, 100);
  EXPECT_EQ(report.finding.tables[0].rows[0], (std::vector<std::string>{"2", "gap"}));
  const std::string page = test::slurp(report.page);
  EXPECT_NE(page.find("<h1>b &lt; more &amp; &quot;b&quot;</h1>"), std::string::npos);
  EXPECT_NE(page.find("Verdict: holds"), std::string::npos);
  const auto json = nlohmann::json::parse(test::slurp(folder / "lab/toy/report.json"));
  EXPECT_EQ(json["verdict"], "holds");
  EXPECT_EQ(json["checks"][0]["answer"], "holds");
}

TEST(Lab, GoesOnWhereItWas) {
  const TemporaryFolder folder;
  const LabOptions options{.folder = folder / "lab"};
  run_experiment(kExperiment, options);
  jobs_run = 0;
  run_experiment(kExperiment, options);
  EXPECT_EQ(jobs_run, 0);
  LabOptions more = options;
  more.seeds = 6;
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
  EXPECT_TRUE(read_job(folder / "lab/toy/jobs", {"toy", "a", 2}).has_value());
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
  options.on_progress = [&](double share) { stop = stop || share > 0.3; };
  EXPECT_THROW(run_experiment(kExperiment, options), Stopped);
  EXPECT_EQ(jobs_run, 3);  // the third in its midst
  stop = false;
  options.on_progress = {};
  jobs_run = 0;
  run_experiment(kExperiment, options);
  EXPECT_EQ(jobs_run, 6);
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
  const JobName name{"e", "s", 3};
  write_job(folder / "", name, result);
  const auto read = read_job(folder / "", name);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->values.at("a"), 0.1);
  EXPECT_EQ(read->values.at("inf"), result.values.at("inf"));
  EXPECT_TRUE(std::isnan(read->values.at("nan")));
  EXPECT_EQ(read->curves.at("c").y, result.curves.at("c").y);
  EXPECT_FALSE(read_job(folder / "", {"e", "s", 4}).has_value());
  write_job(folder / "", name, {.values = {}, .curves = {{"c", {{1, 2}, {1}}}}});
  EXPECT_FALSE(read_job(folder / "", name).has_value()) << "a place without a value";
}

TEST(Lab, EveryExperimentIsWhole) {
  std::set<std::string> names;
  for (const Experiment& experiment : experiments()) {
    EXPECT_TRUE(names.insert(experiment.name).second) << experiment.name;
    EXPECT_GE(experiment.seeds, 5) << experiment.name;
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

TEST(LabTraining, MeasuresARunOnAnEvenGrid) {
  const RunConfig config = configure("chapter", {"train.env_steps=2000", "eval.final_episodes=2"});
  std::vector<int64_t> probes;
  const JobResult result =
      train({.config = config, .probes = 4, .probe = [&](Trainer&, int64_t at, JobResult&) { probes.push_back(at); }},
            {.seed = 3});
  EXPECT_EQ(probes, (std::vector<int64_t>{500, 1000, 1500, 2000}));
  EXPECT_EQ(result.curves.at("return").x.size(), static_cast<size_t>(kStretches));
  EXPECT_EQ(result.curves.at("return").x.front(), 40);
  EXPECT_EQ(result.curves.at("return").x.back(), 2000);
  EXPECT_GT(result.values.at("mean_return"), 9);
  EXPECT_GT(result.values.at("eval_return"), 8);
  EXPECT_EQ(result.values.at("parameters"), 4 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2);
  EXPECT_EQ(result.values.at("diverged"), 0);
}

TEST(LabTraining, ARunThatOverflowsIsAFinding) {
  const RunConfig config = configure("chapter", {"train.env_steps=5000", "agent.learning_rate=1e30"});
  const JobResult result = train({.config = config}, {.seed = 0});
  EXPECT_EQ(result.values.at("diverged"), 1);
  EXPECT_TRUE(std::isinf(result.values.at("max_abs_q")));
  EXPECT_TRUE(std::isnan(result.values.at("eval_return")));
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
