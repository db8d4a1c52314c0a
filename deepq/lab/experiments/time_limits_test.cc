#include <gtest/gtest.h>

#include <cmath>

#include "deepq/lab/fake_results.h"

namespace deepq::lab {
namespace {

TEST(TimeLimits, ConcludesFromErrorsAndReturns) {
  const auto verdict_of = [](double terminal_error, double bootstrap_error, double gain) {
    return fake_verdict("time-limits", [=](const std::string& setting, double nudge) {
      const bool bootstrap = setting.starts_with("bootstrap");
      const double error = (bootstrap ? bootstrap_error : terminal_error) + nudge;
      const double value = (bootstrap ? gain : 0) + nudge;
      return JobResult{.values = {{"near_error", error},
                                  {"near_off", std::abs(error)},
                                  {"near_q", 1},
                                  {"near_return", 1},
                                  {"at_q", 1},
                                  {"all_q", 1},
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
