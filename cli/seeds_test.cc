// What `deepq train --seeds` says of all its runs together.
#include "cli/seeds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "deepq/core/finite.h"
#include "deepq/stats/bootstrap.h"

namespace deepq::cli {
namespace {

RunSummary summary_of(int64_t seed, int64_t solved_at, double evaluation) {
  RunSummary summary;
  summary.env = "CartPole-v1";
  summary.seed = seed;
  summary.seconds = 10.0 * static_cast<double>(seed + 1);
  summary.best_100_mean_return = 100.0 + static_cast<double>(seed);
  summary.last_100_mean_return = 50.0 + 2 * static_cast<double>(seed);
  summary.first_episode_solved = solved_at;
  summary.eval_mean_return = evaluation;
  summary.eval_episodes = std::isnan(evaluation) ? 0 : 100;
  summary.stopped_by = "env_steps";
  return summary;
}

TEST(Seeds, MeansLeaveOutWhatNeverHappened) {
  SeedResults results;
  results.summaries = {summary_of(0, 0, 300), summary_of(1, 120, kNaN), summary_of(2, 180, 500)};
  const auto json = seeds_json(results, "dir");
  const auto& mean = json.at("mean");
  EXPECT_EQ(mean.at("best_100_mean_return"), 101.0);
  EXPECT_EQ(mean.at("last_100_mean_return"), 52.0);
  EXPECT_EQ(mean.at("first_episode_solved"), 150.0) << "of the two that were";
  EXPECT_EQ(mean.at("eval_mean_return"), 400.0);
  EXPECT_EQ(mean.at("seconds"), 20.0);
  EXPECT_EQ(json.at("solved"), 2);
  const stats::Interval iqm = stats::iqm_interval({300, 500});
  EXPECT_EQ(json.at("eval_iqm").at("value"), iqm.value);
  EXPECT_EQ(json.at("eval_iqm").at("low"), iqm.low);
  EXPECT_EQ(json.at("eval_iqm").at("high"), iqm.high);
}

TEST(Seeds, WhereNothingHappenedThereIsNothing) {
  SeedResults results;
  results.summaries = {summary_of(0, 0, kNaN), summary_of(1, 0, 20)};
  const auto json = nlohmann::json::parse(seeds_json(results, "dir").dump());
  EXPECT_TRUE(json.at("mean").at("first_episode_solved").is_null());
  EXPECT_EQ(json.at("mean").at("eval_mean_return"), 20.0);
  EXPECT_EQ(json.at("solved"), 0);
  EXPECT_TRUE(json.at("eval_iqm").is_null()) << "one value has no interval";
}

}  // namespace
}  // namespace deepq::cli
