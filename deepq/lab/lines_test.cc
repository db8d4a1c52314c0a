#include "deepq/lab/lines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace deepq::lab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Curve curve_of(const std::vector<double>& y) {
  Curve curve = empty_curve(static_cast<int64_t>(10 * y.size()), static_cast<int64_t>(y.size()));
  curve.y = y;
  return curve;
}

TEST(Lines, TheLaterHalfIsTheLaterHalf) {
  EXPECT_EQ(later_half(curve_of({1, 2, 3, 4, 5, 6})), (std::vector<double>{4, 5, 6}));
  EXPECT_EQ(later_half(curve_of({1, 2, 3, 4, 5})), (std::vector<double>{3, 4, 5}));
  EXPECT_EQ(later_half(curve_of({1, 2, kNaN, 4})), (std::vector<double>{4})) << "what was measured of it";
  EXPECT_DOUBLE_EQ(later_mean(curve_of({9, 9, 9, 1, 2, 6})), 3);
  EXPECT_TRUE(std::isnan(later_mean(curve_of({1, 2, kNaN, kNaN}))));
}

TEST(Lines, AnEmptyCurveHasItsPlacesUpToTheEnd) {
  const Curve curve = empty_curve(100, 4);
  EXPECT_EQ(curve.x, (std::vector<double>{25, 50, 75, 100}));
  for (const double y : curve.y) EXPECT_TRUE(std::isnan(y));
  EXPECT_EQ(curve.y.size(), 4u);
}

}  // namespace
}  // namespace deepq::lab
