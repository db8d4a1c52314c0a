#include "deepq/lab/lines.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "deepq/core/finite.h"
#include "deepq/lab/text.h"

namespace deepq::lab {
namespace {

// Letters and digits of the title: an id.
std::string id_of(const std::string& title) {
  std::string id;
  for (const char letter : title) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0) id += letter;
  }
  return id;
}

std::vector<page::Values> runs_of(const Results& results, const std::string& curve, const Line& line) {
  std::vector<page::Values> runs;
  for (const Curve& run : results.curves(line.setting, curve)) runs.push_back(run.y);
  return runs;
}

// Of all that the chart draws, bands included.
void take_range(const nlohmann::json& spec, bool log, double& low, double& high) {
  // 0 is x.
  for (size_t i = 1; i < spec["data"].size(); ++i) {
    for (const nlohmann::json& value : spec["data"][i]) {
      if (value.is_null() || (log && value.get<double>() <= 0)) continue;
      low = std::min(low, value.get<double>());
      high = std::max(high, value.get<double>());
    }
  }
}

}  // namespace

page::ChartBuilder lines_chart(const Results& results, const std::string& curve, const std::string& title,
                               const std::vector<Line>& lines, const Axes& axes) {
  page::ChartBuilder chart(id_of(title), title, axes.x, results.curves(lines[0].setting, curve)[0].x);
  chart.set("y", axes.y);
  add_lines(chart, results, curve, lines);
  return chart;
}

void add_lines(page::ChartBuilder& chart, const Results& results, const std::string& curve,
               const std::vector<Line>& lines) {
  for (const Line& line : lines) chart.add_line_of_runs(line.label, runs_of(results, curve, line));
}

Multiples multiples(const Results& results, const MultiplesPlan& plan) {
  Multiples all{.title = plan.title, .caption = "", .charts = {}};
  const std::vector<page::Values> reference = runs_of(results, plan.curve, plan.reference);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Line& line : plan.lines) {
    if (line.setting == plan.reference.setting) continue;
    page::ChartBuilder chart(id_of(plan.title + line.label), line.label, plan.axes.x,
                             results.curves(line.setting, plan.curve)[0].x);
    chart.add_reference_of_runs(plan.reference.label, reference);
    chart.add_line_of_runs(line.label, runs_of(results, plan.curve, line));
    chart.set("y", plan.axes.y);
    chart.set("small", true);
    if (plan.log_y) chart.set("log_y", true);
    all.charts.push_back(std::move(chart).finish());
    take_range(all.charts.back().spec, plan.log_y, low, high);
  }
  // All are drawn first: only then is the range known that they share.
  for (page::Chart& chart : all.charts)
    if (low < high && !plan.own_scales) chart.spec["y_range"] = {low, high};
  all.caption = "Grey, in each: " + plan.reference.label + ". Means over seeds with their intervals, " +
                (plan.own_scales ? "each on a scale of its own" : "all on one scale") +
                (plan.log_y ? ", a log scale." : ".");
  return all;
}

std::vector<page::IntervalRow> mean_rows(const Results& results, const std::string& value,
                                         const std::vector<Line>& lines) {
  std::vector<page::IntervalRow> rows;
  for (const Line& line : lines) {
    const std::vector<double> values = results.values(line.setting, value);
    const stats::Interval mean = finite_mean(values);
    // Of fewer than two finite runs there is no interval, and no row.
    if (std::isfinite(mean.value)) rows.push_back({counted(line.label, values), mean.value, mean.low, mean.high});
  }
  return rows;
}

std::vector<double> later_half(const Curve& curve) {
  return finite_values({curve.y.begin() + static_cast<std::ptrdiff_t>(curve.y.size() / 2), curve.y.end()});
}

double later_mean(const Curve& curve) {
  const std::vector<double> values = later_half(curve);
  return values.empty() ? kNaN : stats::mean({values});
}

Curve empty_curve(int64_t total, int64_t points) {
  Curve curve;
  for (int64_t i = 1; i <= points; ++i) curve.x.push_back(static_cast<double>(i * total) / static_cast<double>(points));
  curve.y.assign(curve.x.size(), kNaN);
  return curve;
}

}  // namespace deepq::lab
