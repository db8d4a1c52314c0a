#include "deepq/page/intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "deepq/core/finite.h"
#include "deepq/page/scale.h"

namespace deepq::page {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(PageIntervals, LieOnOneScale) {
  const IntervalChart chart{
      .title = "T", .caption = "c", .rows = {{"<a>", 5, 0, 10}, {"b", 10, 10, 20}}, .reference = 15};
  const std::string html = intervals_html(chart);
  EXPECT_TRUE(has(html, "&lt;a&gt;</th>"));
  EXPECT_TRUE(has(html, "class=\"span\" style=\"left:0.00%;width:50.00%\""));
  EXPECT_TRUE(has(html, "class=\"dot\" style=\"left:25.00%\""));
  EXPECT_TRUE(has(html, "class=\"at\" style=\"left:75.00%\""));
  EXPECT_TRUE(has(html, "<td>10 <small>[10, 20]</small></td>")) << "one cell for value and interval";
  const std::string log = intervals_html({.title = "T", .caption = "", .rows = {{"a", 10, 1, 100}}, .log_scale = true});
  EXPECT_TRUE(has(log, "class=\"dot\" style=\"left:50.00%\""));
  const std::string unknown = intervals_html({.title = "T", .caption = "", .rows = {{"a", kNaN, kNaN, kNaN}}});
  EXPECT_FALSE(has(unknown, "class=\"dot\""));
}

TEST(PageIntervals, HaveAnAxisBelowTheLastRow) {
  const std::string html = intervals_html({.title = "T", .caption = "", .rows = {{"a", 5, 0, 10}, {"b", 10, 10, 20}}});
  const size_t axis = html.find("class=\"axis\"");
  ASSERT_NE(axis, std::string::npos);
  EXPECT_GT(axis, html.find(">b</th>"));
  EXPECT_TRUE(has(html, "<span style=\"left:0.00%\">0</span><span style=\"left:25.00%\">5</span>"));
  EXPECT_FALSE(has(html, "log scale"));
  const std::string log =
      intervals_html({.title = "T", .caption = "", .rows = {{"a", 10, 0.1, 1000}}, .log_scale = true});
  EXPECT_TRUE(has(log, "<h3>T</h3><span class=\"fine\">log scale</span>"));
  EXPECT_TRUE(has(log, "left:0.00%\">0.1</span><span style=\"left:25.00%\">1</span>"));
  EXPECT_FALSE(
      has(intervals_html({.title = "T", .caption = "", .rows = {{"a", 1, 0, 9}}, .log_scale = true}), "log scale"))
      << "0 has no place on it";
}

TEST(PageIntervals, ShowSingleRunsAndMarks) {
  const std::string html =
      intervals_html({.title = "T", .caption = "", .rows = {{"a", 5, 4, 6, {0, 10, 5}, {7.5}}, {"b", 5, 4, 6}}});
  EXPECT_EQ(count(html, "class=\"run\""), 3u);
  EXPECT_TRUE(has(html, "class=\"run\" style=\"left:100.00%\"")) << "on the scale of the rows";
  EXPECT_TRUE(has(html, "class=\"mark\" style=\"left:75.00%\""));
  EXPECT_EQ(count(html, "<div class=\"runs\">"), 1u);
}

Scale scale_of(const std::vector<double>& values, bool log = false) {
  Scale scale(log);
  for (const double value : values) scale.take(value);
  return scale;
}

using Values = std::vector<double>;

TEST(PageScale, TicksAreRoundNumbers) {
  EXPECT_EQ(scale_of({203.9, 500}).ticks(), (Values{250, 300, 350, 400, 450, 500}));
  EXPECT_EQ(scale_of({0, 500}).ticks(), (Values{0, 100, 200, 300, 400, 500}));
  EXPECT_EQ(scale_of({-280.5, 16.8}).ticks(), (Values{-250, -200, -150, -100, -50, 0}));
  for (const double tick : scale_of({0.165, 0.63}).ticks()) EXPECT_NEAR(std::round(10 * tick), 10 * tick, 1e-9);
  EXPECT_EQ(scale_of({500, 500}).ticks(), Values{500});
  EXPECT_EQ(scale_of({0.3, 0.1 + 0.2}).ticks(), Values{0.3}) << "rounding is no scale";
  EXPECT_EQ(scale_of({0.3, 0.1 + 0.2}).percent(0.3), 50);
  EXPECT_EQ(scale_of({kNaN}).ticks(), Values{});
  EXPECT_EQ(scale_of({0.5, 200}, true).ticks(), (Values{1, 10, 100}));
  EXPECT_EQ(scale_of({2, 8}, true).ticks(), (Values{2, 3, 4, 5, 6, 7, 8})) << "less than a decade";
  EXPECT_LE(scale_of({1e-9, 1e9}, true).ticks().size(), 7u);
  for (const double size : {1e-12, 1e-3, 0.7, 1.0, 3.3, 1e4, 1e15}) {
    const size_t ticks = scale_of({-size / 3, size}).ticks().size();
    EXPECT_TRUE(ticks >= 3 && ticks <= 7) << size << ": " << ticks;
  }
}

TEST(PageScale, TakesZeroWhereItIsNotFar) {
  Scale near = scale_of({200, 500}), far = scale_of({490, 500});
  near.take_zero();
  far.take_zero();
  EXPECT_EQ(near.percent(250), 50);
  EXPECT_EQ(far.percent(495), 50);
}

}  // namespace
}  // namespace deepq::page
