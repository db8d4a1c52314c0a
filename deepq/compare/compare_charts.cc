#include "deepq/compare/compare_charts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "deepq/core/error.h"
#include "deepq/page/text.h"

namespace deepq::compare {
namespace {

using page::ChartBuilder;
using page::Values;
using stats::Interval;

constexpr size_t kMostBands = 4;  // in one frame; of more groups each band has a small chart of its own

struct Line {
  Values value, low, high;

  explicit Line(const std::vector<Interval>& intervals) {
    for (const Interval& interval : intervals) {
      value.push_back(interval.value);
      low.push_back(interval.low);
      high.push_back(interval.high);
    }
  }
};

bool has_bands(const Comparison& comparison) {
  return comparison.has_intervals() && comparison.groups.size() <= kMostBands;
}

// One line for each group, with its band where there are few.
void add_lines(ChartBuilder& chart, const Comparison& comparison, std::vector<Interval> GroupResult::*intervals) {
  for (const GroupResult& group : comparison.groups) {
    const Line line(group.*intervals);
    if (has_bands(comparison))
      chart.add_line(group.name, line.value, line.low, line.high);
    else
      chart.add_line(group.name, line.value);
  }
  chart.set_wide();
  chart.set("tall", true);
}

std::string band_text(const Comparison& comparison) {
  return has_bands(comparison) ? "; band: " + comparison.interval_name() + "." : ".";
}

// What the captions must not keep quiet: where the lines end, if not all at one place.
std::string ends_text(const Comparison& comparison) {
  // Of several tasks the axis is percent of the longest training.
  const bool steps = comparison.tasks.size() == 1;
  const auto by_end = [](const GroupResult& a, const GroupResult& b) { return a.curve_end < b.curve_end; };
  const auto [first, last] = std::ranges::minmax_element(comparison.groups, by_end);
  const std::string each = "Each line ends where the first of its group's runs does";
  // Within 2% they end at one place to the eye.
  if (first->curve_end > 0.98 * last->curve_end) return each + ".";
  std::vector<std::string> ends;
  for (const GroupResult& group : comparison.groups)
    ends.push_back(group.name + " at " + page::fixed_text(group.curve_end, 0) + (steps ? "" : "%"));
  return each + ": " + join(ends) + (steps ? " environment steps." : " of the longest training.");
}

page::Chart efficiency(const Comparison& comparison) {
  ChartBuilder chart("efficiency", "Sample efficiency", curve_x_label(comparison), comparison.curve_x);
  add_lines(chart, comparison, &GroupResult::curve);
  chart.set("y", comparison.normalization == Normalization::kNone ? "return" : "normalised return");
  chart.caption("IQM over runs of the mean return of the last 100 training episodes" + band_text(comparison));
  chart.caption(ends_text(comparison));
  return std::move(chart).finish();
}

// From the lowest to the highest edge of all bands, for all small charts.
std::vector<double> common_range(const Comparison& comparison) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const GroupResult& group : comparison.groups)
    for (const Interval& interval : group.curve) {
      if (std::isnan(interval.value)) continue;
      low = std::min(low, interval.low);
      high = std::max(high, interval.high);
    }
  // No range where nothing was measured, or all is one number: page.js then makes its own.
  return low < high ? std::vector{low, high} : std::vector<double>();
}

// Each group with its band, the others thin: many bands in one frame hide each other.
std::vector<page::Chart> small_multiples(const Comparison& comparison) {
  std::vector<page::Chart> charts;
  const std::vector<double> range = common_range(comparison);
  for (size_t i = 0; i < comparison.groups.size(); ++i) {
    ChartBuilder chart("efficiency-" + std::to_string(i), comparison.groups[i].name, curve_x_label(comparison),
                       comparison.curve_x);
    // The others first: later lines are drawn over earlier ones.
    for (size_t other = 0; other < comparison.groups.size(); ++other)
      if (other != i) chart.add(comparison.groups[other].name, "run", Line(comparison.groups[other].curve).value);
    const Line line(comparison.groups[i].curve);
    chart.add("low", "low", line.low);
    chart.add("high", "high", line.high);
    chart.add(comparison.groups[i].name, "main", line.value);
    chart.set("y", comparison.normalization == Normalization::kNone ? "return" : "normalised return");
    if (!range.empty()) chart.set("y_range", range);
    charts.push_back(std::move(chart).finish());
  }
  return charts;
}

// "500" where all runs score that, up to rounding.
std::string only_score(const Comparison& comparison) {
  double low = comparison.groups[0].scores[0][0], high = low;
  for (const GroupResult& group : comparison.groups)
    for (const std::vector<double>& scores : group.scores)
      for (const double score : scores) {
        low = std::min(low, score);
        high = std::max(high, score);
      }
  return high - low <= 1e-9 * std::max(std::abs(low), std::abs(high)) ? page::brief_text(high) : "";
}

page::Chart profile(const Comparison& comparison) {
  const std::string score = comparison.normalization == Normalization::kNone ? "score" : "normalised score";
  ChartBuilder chart("profile", "Performance profile", score, comparison.taus);
  add_lines(chart, comparison, &GroupResult::profile);
  chart.set("y", "fraction of runs");
  chart.set("steps", true);
  chart.set("labels", false);  // all lines end at 0
  chart.caption("Fraction of runs that score more" + band_text(comparison));
  return std::move(chart).finish();
}

}  // namespace

Charts charts_of(const Comparison& comparison) {
  Charts all;
  const auto add = [&](page::Chart chart) {
    all.html += page::figure_html(chart);
    all.charts.push_back(std::move(chart));
  };
  if (!comparison.curve_x.empty()) {
    add(efficiency(comparison));
    if (comparison.has_intervals() && !has_bands(comparison)) {
      all.html += "<h3 class=\"each\">Each group with its " + page::escape_html(comparison.interval_name()) +
                  ", the others thin</h3>\n<div class=\"grid\">\n";
      for (page::Chart& chart : small_multiples(comparison)) add(std::move(chart));
      all.html += "</div>\n";
    }
  }
  // A profile of one score is a single step: a sentence says more.
  if (const std::string same = only_score(comparison); same.empty())
    add(profile(comparison));
  else
    all.html += "<div class=\"wide\"><h3>Performance profile</h3><p>All runs score " + same + ".</p></div>\n";
  return all;
}

}  // namespace deepq::compare
