#include <gtest/gtest.h>

#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/replay_watch.h"

namespace deepq::lab {
namespace {

TEST(Correlations, ByHand) {
  const std::vector<double> x = {1, 3, 3, 1};
  const Moments two_one = moments(x);
  EXPECT_EQ(two_one.mean, 2);
  EXPECT_EQ(two_one.standard_deviation, 1);
  EXPECT_DOUBLE_EQ(lag_one_correlation(x, two_one), (-1 + 1 - 1) / 3.0);
  EXPECT_DOUBLE_EQ(pair_correlation(x, two_one), -1 / 3.0);  // sum of z is 0: (0 - 4) / 12
  // Far from the population's mean, all on one side: alike, whatever they do among themselves.
  EXPECT_DOUBLE_EQ(pair_correlation(std::vector<double>{4, 4}, two_one), 4);
  EXPECT_DOUBLE_EQ(lag_one_correlation(std::vector<double>{4, 4}, {2, 2}), 1);
  EXPECT_TRUE(std::isnan(lag_one_correlation(std::vector<double>{1}, two_one)));
  EXPECT_TRUE(std::isnan(pair_correlation(x, {2, 0})));
}

TEST(Correlations, WhatCorrelatedSamplesAreWorth) {
  EXPECT_EQ(effective_samples(64, 0), 64);
  EXPECT_EQ(effective_samples(64, 1), 1);
  EXPECT_EQ(effective_samples(64, -0.1), 64);
  EXPECT_DOUBLE_EQ(effective_samples(3, 0.5), 1.5);
}

// A short run of the chapter's agent with this memory.
JobResult watched(const std::vector<std::string>& memory, int64_t env_steps = 3000) {
  RunConfig config = configure("chapter", memory);
  config.agent.bootstrap_at_truncation = true;
  config.train.env_steps = env_steps;
  ReplayWatch watch(config, find_env(config.env.id)()->spec(), 1);
  JobResult result = train({.config = config,
                            .probes = config.train.env_steps,
                            .probe = [&](Trainer& trainer, int64_t, JobResult&) { watch.see(trainer); },
                            .final_evaluation = false},
                           {.seed = 1});
  watch.write(result);
  return result;
}

TEST(ReplayWatch, TheNewestSamplesAreAlikeAndThoseOfReplayAreNot) {
  const JobResult replay = watched({}), newest = watched({"replay.capacity=64"});
  EXPECT_LT(std::abs(replay.values.at("pairs")), 0.1);
  EXPECT_GT(newest.values.at("pairs"), 0.2);
  EXPECT_GT(newest.values.at("lag_one"), replay.values.at("lag_one") + 0.3);
  EXPECT_GT(replay.values.at("effective"), newest.values.at("effective"));
}

// The network cannot know 50 falls yet when there are none; from then on it is measured at every point.
TEST(ReplayWatch, MeasuresFallsOnceThereAreFifty) {
  const std::vector<double> falls = watched({}, 8000).curves.at("fall_error").y;
  EXPECT_TRUE(std::isnan(falls.front()));
  EXPECT_TRUE(std::isfinite(falls.back()));
  EXPECT_GT(falls.back(), 0);
}

// With nothing but the newest transition there is only one ring place to read.
TEST(ReplayWatch, ReadsAMemoryOfOne) {
  const JobResult one = watched({"replay.capacity=1", "agent.batch_size=1"});
  EXPECT_GT(one.values.at("lag_one"), 0.5);
  EXPECT_TRUE(std::isfinite(one.values.at("old_td")));
}

Finding conclude_with(const std::function<double(const std::string&, const std::string&)>& value_of) {
  return fake_finding("correlation", fake_job({"lag_one", "pairs", "effective", "td_lag_one", "fall_error",
                                               "log_fall_error", "old_td", "new_td", "mean_return", "eval_return"},
                                              {"return", "fall_error", "old_td", "lag_one"}, value_of));
}

TEST(Correlation, TheVerdictFollowsTheNumbers) {
  const auto claimed = [](const std::string& setting, const std::string& value) {
    const bool replay = setting == "replay-10000";
    return value == "mean_return" ? (replay ? 200 : 50) : (replay ? 0.05 : 0.9);
  };
  EXPECT_EQ(verdict(conclude_with(claimed).checks), Verdict::kHolds);
  const auto opposite = [&](const std::string& setting, const std::string& value) {
    return claimed(setting == "replay-10000" ? "newest-64" : "replay-10000", value);
  };
  EXPECT_EQ(verdict(conclude_with(opposite).checks), Verdict::kFails);
}

}  // namespace
}  // namespace deepq::lab
