#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "deepq/lab/fake_results.h"
#include "deepq/lab/value_error.h"

namespace deepq::lab {
namespace {

TEST(ValueError, IsTheLargestQLessWhatFollows) {
  ValueError error(0.5, 1, 3);
  EXPECT_TRUE(std::isnan(error.mean_error()));
  const std::array<float, 2> q = {-1, 3};
  for (const int64_t length : {4, 1}) {  // the second episode has no second step
    for (int64_t step = 1; step <= length; ++step)
      error.add({.step = step, .q_values = q, .reward = static_cast<double>(step), .terminated = step == length});
  }
  // Rewards 1, 2, 3, 4; after one step 2 + 0.5 (3 + 0.5 * 4) = 4.5, after two 5.
  EXPECT_DOUBLE_EQ(error.mean_return(), 4.75);
  EXPECT_DOUBLE_EQ(error.mean_q(), 3);
  EXPECT_DOUBLE_EQ(error.mean_error(), -1.75);
}

TEST(TimeLimits, ConcludesFromErrorsAndReturns) {
  const auto verdict_of = [](double terminal_error, double bootstrap_error, double gain) {
    return fake_verdict("time-limits", false, [=](const std::string& setting, double nudge) {
      const bool bootstrap = setting.starts_with("bootstrap");
      const double error = (bootstrap ? bootstrap_error : terminal_error) + nudge;
      const double value = (bootstrap ? gain : 0) + nudge;
      return JobResult{.values = {{"near_error", error},
                                  {"near_off", std::abs(error)},
                                  {"near_q", 1},
                                  {"near_return", 1},
                                  {"all_error", 1},
                                  {"max_abs_q", 1},
                                  {"mean_return", value},
                                  {"eval_return", value},
                                  {"beyond_return", value}},
                       .curves = {{"near_error", {{1, 2}, {error, error}}}}};
    });
  };
  EXPECT_EQ(verdict_of(-30, -5, 10), Verdict::kHolds);
  EXPECT_EQ(verdict_of(-30, -50, 10), Verdict::kPart);
  EXPECT_EQ(verdict_of(20, 50, -10), Verdict::kFails);
}

}  // namespace
}  // namespace deepq::lab
