#include "deepq/lab/chart_gaps.h"

#include <gtest/gtest.h>

#include "deepq/core/finite.h"

namespace deepq::lab {
namespace {

std::string caption_of(page::ChartBuilder builder) {
  page::Chart chart = std::move(builder).finish();
  explain_gaps(chart);
  return chart.caption;
}

page::ChartBuilder chart_of(const std::vector<page::Values>& lines) {
  page::ChartBuilder builder("c", "T", "step", {1000, 2000, 3000});
  char label = 'a';
  for (const page::Values& y : lines) builder.add_line(std::string(1, label++), y);
  return builder;
}

TEST(ChartGaps, WhatIsWholeIsNotSpokenOf) { EXPECT_EQ(caption_of(chart_of({{1, 2, 3}, {0, kNaN, 1}})), ""); }

TEST(ChartGaps, LinesThatAreNotThereEndEarlyOrBeginLateAreNamedWithTheReason) {
  EXPECT_EQ(caption_of(chart_of({{1, 2, 3}, {kNaN, kNaN, kNaN}, {1, 2, kNaN}, {kNaN, 2, 3}})),
            "Not drawn: b (no run has a value there). Begins late: d at 2,000 (no run has a value there). "
            "Ends early: c after 2,000 (no run has a value there).");
}

// As C = 10,000 in "Drift of the targets": before its first copy a target does not move, and a log scale has no 0.
TEST(ChartGaps, ALogScaleShowsNoZeros) {
  page::ChartBuilder log = chart_of({{0, 0, 0}, {0, 2, 3}, {1, 2, 0}, {1, 2, 3}});
  log.caption("Drift.");
  log.set("log_y", true);
  EXPECT_EQ(
      caption_of(std::move(log)),
      "Drift. Not drawn: a (0 there, which a log scale cannot show). Begins late: b at 2,000 (0 there, which a log "
      "scale cannot show). Ends early: c after 2,000 (0 there, which a log scale cannot show).");
  EXPECT_EQ(caption_of(chart_of({{0, 0, 0}})), "");
}

TEST(ChartGaps, AnEndThatNobodySeesIsNotSpokenOf) {
  page::Values x(100), y(100, 1.0);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
  y[0] = y[99] = kNaN;
  page::ChartBuilder builder("c", "T", "step", x);
  builder.add_line("a", y);
  EXPECT_EQ(caption_of(std::move(builder)), "");
}

TEST(ChartGaps, BandsAreNoLines) {
  page::ChartBuilder builder("c", "T", "step", {1, 2});
  builder.add_line("a", {1, 2}, {kNaN, kNaN}, {kNaN, kNaN});
  EXPECT_EQ(caption_of(std::move(builder)), "");
}

}  // namespace
}  // namespace deepq::lab
