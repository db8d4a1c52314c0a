#include "deepq/lab/lines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "deepq/core/finite.h"

namespace deepq::lab {
namespace {

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

Results three_settings() {
  Results results;
  for (const auto& [name, height] : {std::pair{"dqn", 1.0}, {"a", 10.0}, {"b", -4.0}}) {
    results.settings.emplace_back(name);
    for (const double seed : {0.0, 1.0})
      results.jobs[name].push_back({.values = {}, .curves = {{"c", {{1, 2}, {height, height + seed}}}}});
  }
  return results;
}

MultiplesPlan plan_of(bool own_scales) {
  return {.curve = "c",
          .title = "T",
          .reference = {"dqn", "DQN"},
          .lines = {{"dqn", "DQN"}, {"a", "A"}, {"b", "B"}},
          .axes = {"return"},
          .own_scales = own_scales};
}

TEST(Lines, MultiplesShowEachLineBesideTheReferenceOnOneScale) {
  const Multiples all = multiples(three_settings(), plan_of(false));
  ASSERT_EQ(all.charts.size(), 2u) << "the reference has none of its own";
  EXPECT_EQ(all.charts[0].title, "A");
  EXPECT_EQ(all.charts[1].title, "B");
  EXPECT_NE(all.charts[0].id, all.charts[1].id);
  EXPECT_TRUE(all.caption.starts_with("Grey, in each: DQN.")) << all.caption;
  for (const page::Chart& chart : all.charts) {
    const nlohmann::json& series = chart.spec["series"];
    ASSERT_EQ(series.size(), 6u);
    EXPECT_EQ(series[2]["role"], "reference");
    EXPECT_EQ(series[2]["label"], "DQN");
    EXPECT_EQ(series[5]["role"], "line");
    EXPECT_EQ(chart.spec["data"][3], (nlohmann::json{1, 1.5}));
    EXPECT_EQ(chart.spec["y"], "return");
    EXPECT_EQ(chart.spec["y_range"], (nlohmann::json{-4, 11})) << "of all, so that they can be compared";
  }
}

TEST(Lines, MultiplesOnScalesOfTheirOwnSayIt) {
  const Multiples all = multiples(three_settings(), plan_of(true));
  EXPECT_FALSE(all.charts[0].spec.contains("y_range"));
  EXPECT_NE(all.caption.find("each on a scale of its own"), std::string::npos) << all.caption;
}

}  // namespace
}  // namespace deepq::lab
