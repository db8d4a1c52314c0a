#include "deepq/lab/lines.h"

#include <cctype>
#include <cmath>
#include <limits>

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

}  // namespace

page::ChartBuilder lines_chart(const Results& results, const std::string& curve, const std::string& title,
                               const std::vector<Line>& lines, const std::string& x_label) {
  page::ChartBuilder chart(id_of(title), title, x_label, results.curves(lines[0].setting, curve)[0].x);
  add_lines(chart, results, curve, lines);
  return chart;
}

void add_lines(page::ChartBuilder& chart, const Results& results, const std::string& curve,
               const std::vector<Line>& lines) {
  for (const Line& line : lines) {
    std::vector<page::Values> runs;
    for (const Curve& run : results.curves(line.setting, curve)) runs.push_back(run.y);
    chart.add_line_of_runs(line.label, runs);
  }
}

std::vector<page::IntervalRow> mean_rows(const Results& results, const std::string& value,
                                         const std::vector<Line>& lines) {
  std::vector<page::IntervalRow> rows;
  for (const Line& line : lines) {
    const std::vector<double> values = results.values(line.setting, value);
    const stats::Interval mean = finite_mean(values);
    if (std::isfinite(mean.value)) rows.push_back({counted(line.label, values), mean.value, mean.low, mean.high});
  }
  return rows;
}

std::vector<double> later_half(const Curve& curve) {
  return finite_values({curve.y.begin() + static_cast<std::ptrdiff_t>(curve.y.size() / 2), curve.y.end()});
}

double later_mean(const Curve& curve) {
  const std::vector<double> values = later_half(curve);
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : stats::mean({values});
}

Curve empty_curve(int64_t total, int64_t points) {
  Curve curve;
  for (int64_t i = 1; i <= points; ++i) curve.x.push_back(static_cast<double>(i * total) / static_cast<double>(points));
  curve.y.assign(curve.x.size(), std::numeric_limits<double>::quiet_NaN());
  return curve;
}

}  // namespace deepq::lab
