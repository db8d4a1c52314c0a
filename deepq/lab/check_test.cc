#include "deepq/lab/check.h"

#include <gtest/gtest.h>

#include <limits>

#include "deepq/lab/text.h"
#include "tests/test_support.h"

namespace deepq::lab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Check above(double low, double high) { return claim_above("s", "q", {(low + high) / 2, low, high}, 0); }

TEST(Check, IsDecidedByTheWholeInterval) {
  EXPECT_EQ(above(0.1, 2).answer(), Answer::kHolds);
  EXPECT_EQ(above(-1, 2).answer(), Answer::kOpen);
  EXPECT_EQ(above(0, 2).answer(), Answer::kOpen);  // at the threshold is not above it
  EXPECT_EQ(above(-2, 0).answer(), Answer::kFails);
  EXPECT_EQ(claim_below("s", "q", {-1, -2, -0.5}, 0).answer(), Answer::kHolds);
  EXPECT_EQ(claim_below("s", "q", {1, 0, 2}, 0).answer(), Answer::kFails);
  EXPECT_EQ(claim_below("s", "q", {kNaN, kNaN, kNaN}, 0).answer(), Answer::kOpen);
  EXPECT_EQ(claim_above("s", "q", exact(64), 63).answer(), Answer::kHolds);
}

TEST(Check, SaysTheIntervalThatDecidesIt) {
  EXPECT_EQ(above(1, 2).text(), "s: q is 1.5 [1, 2], claimed above 0: holds");
  EXPECT_EQ(claim_below("s", "q", exact(3), 2).text(), "s: q is 3, claimed below 2: does not hold");
}

TEST(Check, VerdictOfSeveral) {
  const Check holds = above(1, 2), fails = above(-2, -1), open = above(-1, 1);
  EXPECT_EQ(verdict({holds, holds}), Verdict::kHolds);
  EXPECT_EQ(verdict({holds, open}), Verdict::kPart);
  EXPECT_EQ(verdict({holds, fails}), Verdict::kPart);
  EXPECT_EQ(verdict({fails, open}), Verdict::kFails);
  EXPECT_EQ(verdict({open, open}), Verdict::kUndecided);
}

// Wilson's intervals as published: 0 of 10 reaches to 0.278, 5 of 10 from 0.237 to 0.763.
TEST(Check, ShareOfRuns) {
  const stats::Interval none = share_interval(std::vector<double>(10, 0.0));
  EXPECT_EQ(none.value, 0);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.2775, 5e-4);
  const stats::Interval half = share_interval({1, 0, 1, 0, 1, 0, 1, 0, 1, 0, kNaN});
  EXPECT_NEAR(half.low, 0.2366, 5e-4);
  EXPECT_NEAR(half.high, 0.7634, 5e-4);
  EXPECT_EQ(test::error_of([] { share_interval({kNaN}); }), "share_interval: there is no run; it needs at least one");
}

TEST(LabText, MeansOverSeeds) {
  EXPECT_EQ(mean_text({2, 2, 2}), "2");
  EXPECT_EQ(mean_text({2, 2, kNaN}), "2 (2 of 3)");
  EXPECT_EQ(mean_text({2, kNaN}), "– (1 of 2)");
  EXPECT_EQ(interval_text({1234.56, 1000, 2000}), "1,235 [1,000, 2,000]");
}

}  // namespace
}  // namespace deepq::lab
