#include <gtest/gtest.h>

#include <cmath>

#include "deepq/core/finite.h"
#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/target_watch.h"

namespace deepq::lab {
namespace {

TEST(TargetWatch, WhatIsLostAfterTheBest) {
  EXPECT_DOUBLE_EQ(lost_after_best({1, 4, 3, 1}), 0.5);
  EXPECT_DOUBLE_EQ(lost_after_best({4, 4, 4}), 0);
  EXPECT_DOUBLE_EQ(lost_after_best({4, 4, 0}), 0.5);  // after the first of two
  EXPECT_TRUE(std::isnan(lost_after_best({1, 2})));
  EXPECT_TRUE(std::isnan(lost_after_best({})));
  EXPECT_TRUE(std::isnan(lost_after_best({0, 0})));
}

// A short run of the chapter's agent with this target network.
JobResult watched(const std::vector<std::string>& target) {
  RunConfig config = configure("chapter", target);
  config.train.env_steps = 1000;
  TargetWatch watch(config, 1);
  JobResult result = train({.config = config,
                            .probes = 1000,
                            .probe = [&](Trainer& trainer, int64_t, JobResult&) { watch.see(trainer); },
                            .final_evaluation = false},
                           {.seed = 1});
  watch.write(result);
  return result;
}

TEST(TargetWatch, ACopyAtEveryUpdateHasNoLagAndDriftsMost) {
  const JobResult every = watched({"target.sync_every_updates=1"});
  EXPECT_EQ(every.values.at("lag"), 0);
  EXPECT_GT(every.values.at("drift"), 0);
  const JobResult blended = watched({"target.sync_every_updates=1", "target.tau=0.01"});
  EXPECT_GT(blended.values.at("lag"), 0);
  EXPECT_GT(blended.values.at("drift"), 0);
  EXPECT_LT(blended.values.at("drift"), every.values.at("drift") / 3);
  EXPECT_EQ(every.curves.at("evaluation").y.size(), static_cast<size_t>(TargetWatch::kPoints));
  EXPECT_GE(every.values.at("best"), every.values.at("evaluation"));
}

TEST(TargetWatch, ATargetThatIsNeverCopiedDoesNotDrift) {
  const JobResult never = watched({"target.sync_every_updates=5000"});
  EXPECT_EQ(never.values.at("drift"), 0);
  EXPECT_GT(never.values.at("lag"), 0);
  // 937 updates, one copy: all the drift is that one jump, in the bin it fell into.
  const JobResult once = watched({"target.sync_every_updates=600"});
  // The run's drift is the jump shared by all changes from one update to the next, as the bins' are.
  double jump = 0;
  for (size_t i = 0; i < once.curves.at("drift").y.size(); ++i)
    if (once.curves.at("drift").y[i] > 0) jump = once.curves.at("drift").y[i] * 1000 / TargetWatch::kPoints;
  EXPECT_NEAR(once.values.at("drift"), jump / (once.values.at("updates") - 1), 1e-12);
  int moved = 0;
  for (const double drift : once.curves.at("drift").y) moved += drift > 0;
  EXPECT_EQ(moved, 1);
}

Finding conclude_with(const std::function<double(const std::string&, const std::string&)>& value_of) {
  return fake_finding("target-network",
                      fake_job({"evaluation", "best", "lost", "drift", "log_drift", "lag", "max_abs_q"},
                               {"evaluation", "drift"}, value_of));
}

double stable(const std::string& setting, const std::string& value) {
  const bool still = setting == "hard-100" || setting == "soft-0.005";
  return value == "evaluation" ? (still ? 300 : 100) : (still ? 0.1 : 1);
}

TEST(TargetNetwork, TheVerdictFollowsTheNumbers) {
  EXPECT_EQ(verdict(conclude_with(stable).checks), Verdict::kHolds);
  const auto unstable = [](const std::string& setting, const std::string& value) { return -stable(setting, value); };
  EXPECT_EQ(verdict(conclude_with(unstable).checks), Verdict::kFails);
  EXPECT_EQ(conclude_with(stable).tables[0].rows.size(), 9u);
}

// Where the best is the last evaluation of all runs, nothing can be said of what comes after.
TEST(TargetNetwork, WhatNoRunCouldMeasureStaysOpen) {
  const Finding finding = conclude_with([](const std::string& setting, const std::string& value) {
    return value == "lost" ? kNaN : stable(setting, value);
  });
  int open = 0;
  for (const Check& check : finding.checks) open += check.answer() == Answer::kOpen;
  EXPECT_EQ(open, 2);
}

}  // namespace
}  // namespace deepq::lab
