#include "deepq/page/page.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "deepq/core/finite.h"
#include "deepq/page/assets.h"
#include "deepq/page/curves.h"
#include "deepq/page/table.h"
#include "deepq/page/text.h"
#include "tests/test_support.h"

namespace deepq::page {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(PageChart, LinesHaveTheirOwnColorAndBand) {
  ChartBuilder builder("c", "Title", "step", {1, 2, 3});
  builder.add_line("a", {4, kNaN, 6}, {3, kNaN, 5}, {5, kNaN, 7});
  builder.add_line("b", {1, 2, 3});
  const Chart chart = std::move(builder).finish();
  const auto& series = chart.spec["series"];
  ASSERT_EQ(series.size(), 4);
  EXPECT_EQ(series[0], (nlohmann::json{{"label", "a, low"}, {"role", "low"}, {"color", 0}}));
  EXPECT_EQ(series[1]["role"], "high");
  EXPECT_EQ(series[2], (nlohmann::json{{"label", "a"}, {"role", "line"}, {"color", 0}}));
  EXPECT_EQ(series[3]["color"], 1);
  EXPECT_EQ(chart.spec["data"][3], nlohmann::json({4, nullptr, 6}));
  EXPECT_EQ(chart.description,
            "Title: a is 4 at step 1, lowest 4 at step 1, highest 6 at step 3, and at the end 6 at step 3. "
            "b is 1 at step 1, lowest 1 at step 1, highest 3 at step 3, and at the end 3 at step 3.");
}

TEST(PageChart, LinesOfRunsAreTheirMeanWithItsInterval) {
  ChartBuilder builder("c", "Title", "step", {1, 2});
  builder.add_line_of_runs("a", {{1, 2}, {3, 6}});
  const Chart chart = std::move(builder).finish();
  EXPECT_EQ(chart.spec["data"], (nlohmann::json{{1, 2}, {1, 2}, {3, 6}, {2, 4}}));
}

// As of a lab's job file or a run's table that was cut short.
TEST(PageChart, LinesOfOtherLengthsAreRefused) {
  ChartBuilder builder("c", "Title", "step", {1, 2});
  EXPECT_EQ(test::error_of([&] {
              builder.add_line_of_runs("a", {{1, 2}, {3}});
            }),
            "the line 'a' has 1 points; allowed: 2");
  EXPECT_EQ(test::error_of([&] { builder.add_line("b", {1, 2, 3}); }), "the line 'b' has 3 points; allowed: 2");
  EXPECT_EQ(test::error_of([&] {
              builder.add_mean("c", {{1, 2}, {3, 4, 5}});
            }),
            "the line 'c' has 3 points; allowed: 2");
}

TEST(PageTable, CellsAreTextNotMarkup) {
  const std::string html = table_html({.caption = "x<y", .columns = {"a", "b"}, .rows = {{"r", "1 < 2"}}});
  EXPECT_TRUE(has(html, "<figcaption>x&lt;y</figcaption><div class=\"scroll\">")) << "outside of what scrolls";
  EXPECT_TRUE(has(html, "<th scope=\"row\">r</th><td>1 &lt; 2</td>"));
}

TEST(PageTable, AnIntervalLiesBelowItsValue) {
  EXPECT_EQ(cell_html("16.2 [3.43, 32.3]"), "16.2 <small>[3.43, 32.3]</small>");
  EXPECT_EQ(cell_html("16.2 [3.43, 32.3] (3 of <5)"), "16.2 <small>[3.43, 32.3] (3 of &lt;5)</small>");
  EXPECT_EQ(cell_html("[64, 64]"), "[64, 64]");
  EXPECT_EQ(cell_html("a [b"), "a [b");
}

TEST(Page, HoldsItsChartsAndNothingFromOutside) {
  ChartBuilder builder("c", "</script>", "step", {1, 2});
  builder.add_line("</script>", {1, 2});
  const Chart chart = std::move(builder).finish();
  const std::string html =
      page_html({.kind = "k", .heading = "<h>", .subtitle = "s", .body = figure_html(chart), .charts = {chart}});
  EXPECT_TRUE(has(html, "<title>&lt;h&gt; · s</title>"));
  EXPECT_TRUE(has(html, "data-chart=\"c\" aria-label=\"&lt;/script&gt;: "));
  EXPECT_TRUE(has(html, "\\u003c/script>"));
  EXPECT_FALSE(has(html, "{{"));
  EXPECT_FALSE(has(html, "src=\"http"));
}

TEST(Page, EndsWithWhereItComesFrom) {
  const auto foot = [](const Foot& of) {
    const std::string html = page_html({.kind = "", .heading = "", .subtitle = "", .body = "", .foot = of});
    return html.substr(html.find("<footer>"));
  };
  const std::string bare = foot({});
  EXPECT_TRUE(has(bare, "<p>Made on 20")) << bare;
  EXPECT_TRUE(has(bare, " by deepq 0.")) << bare;
  EXPECT_FALSE(has(bare, "<code>"));
  const std::string full = foot({.command = "deepq compare 'a<b'",
                                 .links = {{"run <1>", escape_url("a b/#1?.html")}, {"docs/compare.md", ""}},
                                 .facts = {"engine <avx2>"}});
  EXPECT_TRUE(has(full, "<code>deepq compare &#39;a&lt;b&#39;</code>"));
  EXPECT_TRUE(has(full, "<p><a href=\"a%20b/%231%3F.html\">run &lt;1&gt;</a> · docs/compare.md</p>")) << full;
  EXPECT_TRUE(has(full, ", engine &lt;avx2&gt;. Charts"));
}

TEST(PageAssets, AreTheFilesByteForByte) {
  const std::string root = std::string(DEEPQ_GOLDEN_DIR) + "/../../";
  size_t compared = 0;
  for (const EmbeddedFile& file : embedded_page_assets()) {
    const bool ours = file.name.starts_with("page");
    EXPECT_EQ(file.content,
              test::slurp(root + (ours ? "deepq/page/assets/" : "third_party/uplot/") + std::string(file.name)));
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

TEST(PageCurves, RunningMeans) {
  EXPECT_EQ(share_ties({1, 1, 2, 3, 3, 3}, {4, 2, 9, 0.1, 0.2, 0.3}),
            share_ties({1, 1, 2, 3, 3, 3}, {2, 4, 9, 0.3, 0.1, 0.2}));
  EXPECT_EQ(share_ties({1, 1, 2, 3}, {4, 2, 9, 7}), (std::vector<double>{3, 3, 9, 7}));
  EXPECT_EQ(share_ties({}, {}), std::vector<double>{});
  EXPECT_EQ(running_mean({2, 4, 6, 8}, 2), (std::vector<double>{2, 3, 5, 7}));
  EXPECT_EQ(running_mean({1e17, -0.7, 0.1, 0.3, 0.3}, 2).back(), 0.3);
  EXPECT_EQ(best_window_mean({9, 4, 6, 8, 0}, 2), 7);
  EXPECT_EQ(best_window_mean({9, 0}, 100), 4.5);
  EXPECT_TRUE(std::isnan(best_window_mean({}, 100)));
}

TEST(PageCurves, ThinningKeepsTheFirstAndTheLast) {
  for (const size_t count : {0, 1, 7, 8, 9, 15, 16, 1000}) {
    size_t k = 0;
    const std::vector<size_t> kept = every_kth(count, 8, k);
    EXPECT_LE(kept.size(), 8) << count;
    EXPECT_EQ(k == 1, count <= 8) << count;
    if (count == 0) continue;
    EXPECT_EQ(kept.front(), 0) << count;
    EXPECT_EQ(kept.back(), count - 1) << count;
  }
}

TEST(PageCurves, RunsWithOtherStepsAreBroughtToOneAxis) {
  const std::vector<std::vector<double>> xs = {{10, 20, 30, 40}, {5, 15, 25, 35, 45, 55}, {}};
  const std::vector<std::vector<double>> ys = {{1, 2, 3, 4}, {1, 3, 5, kNaN, 9, 9}, {}};
  const Curves mean = align(xs, ys, Reduce::kMean, 2);
  ASSERT_EQ(mean.x, (std::vector<double>{23, 40}));  // 5 to 40 in two bins
  EXPECT_EQ(mean.y, (std::vector<std::vector<double>>{{1.5, 3.5}, {2, 5}}));
  EXPECT_EQ(mean.records_per_point, 2);
  EXPECT_EQ(align(xs, ys, Reduce::kMin, 2).y[0], (std::vector<double>{1, 3}));
  EXPECT_EQ(align(xs, ys, Reduce::kMax, 2).y[1], (std::vector<double>{3, 5}));
  const Curves same = align({{1, 2, 3}, {1, 2}}, {{4, 5, 6}, {7, 8}}, Reduce::kMean, 9);
  EXPECT_EQ(same.x, (std::vector<double>{1, 2}));
  EXPECT_EQ(same.y, (std::vector<std::vector<double>>{{4, 5}, {7, 8}}));
}

// For values 1 ... n the mean's standard error is sqrt((n^2 - 1) / 12 / n); the interval is about 1.96 of it each way.
TEST(PageCurves, BootstrapIntervalHasTheRightWidth) {
  constexpr size_t kRuns = 20;
  std::vector<double> values;
  for (size_t i = 1; i <= kRuns; ++i) values.push_back(static_cast<double>(i));
  const stats::Interval interval = OverRuns(kRuns)(values);
  const double expected = 1.96 * std::sqrt((20.0 * 20 - 1) / 12 / 20);
  EXPECT_EQ(interval.value, 10.5);
  EXPECT_NEAR(interval.value - interval.low, expected, 0.15 * expected);
  EXPECT_NEAR(interval.high - interval.value, expected, 0.15 * expected);
  values[3] = kNaN;
  EXPECT_NEAR(OverRuns(kRuns)(values).value, (210.0 - 4) / 19, 1e-12);
  EXPECT_TRUE(std::isnan(OverRuns(2)({kNaN, kNaN}).value));
  EXPECT_EQ(OverRuns(5).method(), "95% bootstrap interval of the mean");
  EXPECT_EQ(OverRuns(4).method(), "lowest to highest run");
  const stats::Interval few = OverRuns(6)({1, 2, 3, 4, kNaN, kNaN}), enough = OverRuns(6)({1, 2, 3, 4, 5, kNaN});
  EXPECT_EQ(few.value, 2.5);
  EXPECT_TRUE(std::isnan(few.low) && std::isnan(few.high)) << "four of six have a value: no 95% interval";
  EXPECT_LT(enough.low, enough.high);
}

TEST(PageText, Numbers) {
  EXPECT_EQ(fixed_text(1234567.89, 1), "1,234,567.9");
  EXPECT_EQ(fixed_text(-1234, 0), "-1,234");
  EXPECT_EQ(fixed_text(-123.4, 1), "-123.4");
  EXPECT_EQ(fixed_text(-0.01, 1), "0.0");
  EXPECT_EQ(fixed_text(999, 0), "999");
  EXPECT_EQ(fixed_text(kNaN, 1), "–");
  EXPECT_EQ(fixed_text(1e30, 1), "1e+30");
  EXPECT_EQ(short_text(0.0123456), "0.01235");
  EXPECT_EQ(brief_text(0.0123456), "0.0123");
  EXPECT_EQ(brief_text(12345.6), "12,346");
  EXPECT_EQ(brief_text(999.4), "999");
  EXPECT_EQ(brief_text(999.6), "1,000");
  EXPECT_EQ(brief_text(-999.6), "-1,000");
  EXPECT_EQ(brief_text(99.96), "100");
  EXPECT_EQ(score_text(999.96), "1,000.0");
}

}  // namespace
}  // namespace deepq::page
