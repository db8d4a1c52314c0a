#include <gtest/gtest.h>

#include <cmath>

#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/solving.h"

namespace deepq::lab {
namespace {

TEST(Solving, FirstAndLost) {
  const Solving solving = solving_of({{10, 20, 30, 40, 50}, {100, 195, 200, 194, 0}}, 195);
  EXPECT_DOUBLE_EQ(solving.mean, 137.8);
  EXPECT_EQ(solving.first, 20);
  EXPECT_DOUBLE_EQ(solving.lost, 2.0 / 3);
  EXPECT_TRUE(std::isnan(solving_of({{10, 20}, {1, 2}}, 195).first));
  EXPECT_TRUE(std::isnan(solving_of({{10, 20}, {1, 200}}, 195).lost));  // nothing after it
}

TEST(Architecture, ConcludesFromNarrowAndDeep) {
  const auto verdict_of = [](double narrow, double deep, double deep_lost) {
    return fake_verdict("architecture", [=](const std::string& setting, double nudge) {
      const bool is_deep = setting.ends_with("x6");
      const double greedy = setting == "64x2" ? 200 : is_deep ? deep : narrow;
      return JobResult{.values = {{"greedy", greedy + nudge},
                                  {"lost", (is_deep ? deep_lost : 0.2) + nudge},
                                  {"first_solved", 1},
                                  {"parameters", 1},
                                  {"microseconds", 1}},
                       .curves = {{"greedy", {{1, 2}, {1, 2}}}}};
    });
  };
  EXPECT_EQ(verdict_of(50, 100, 0.9), Verdict::kHolds);
  EXPECT_EQ(verdict_of(50, 300, 0.9), Verdict::kPart);
  EXPECT_EQ(verdict_of(300, 300, 0.1), Verdict::kFails);
}

}  // namespace
}  // namespace deepq::lab
