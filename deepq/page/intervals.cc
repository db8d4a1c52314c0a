#include "deepq/page/intervals.h"

#include <algorithm>
#include <cmath>

#include "deepq/page/scale.h"
#include "deepq/page/text.h"

namespace deepq::page {
namespace {

Scale scale_of(const IntervalChart& chart) {
  std::vector<double> values;
  for (const IntervalRow& row : chart.rows) {
    values.insert(values.end(), {row.value, row.low, row.high});
    values.insert(values.end(), row.runs.begin(), row.runs.end());
    values.insert(values.end(), row.marks.begin(), row.marks.end());
  }
  if (chart.reference) values.push_back(*chart.reference);
  // One value at or below 0 would have no place on a logarithmic scale: then the whole chart is linear.
  Scale scale(chart.log_scale && std::ranges::none_of(values, [](double value) { return value <= 0; }));
  for (const double value : values) scale.take(value);
  if (chart.with_zero) scale.take_zero();
  return scale;
}

std::string at(const Scale& scale, const char* what, double value) {
  return std::isfinite(value) ? "<i class=\"" + std::string(what) + "\" style=\"" + scale.left(value) + "\"></i>" : "";
}

std::string track_html(const IntervalRow& row, const Scale& scale, const std::optional<double>& reference) {
  std::string html;
  // The order is that of painting: grid, reference, interval, marks, the dot above them.
  for (const double tick : scale.ticks()) html += at(scale, "grid", tick);
  if (reference) html += at(scale, "at", *reference);
  if (std::isfinite(row.low) && std::isfinite(row.high)) {
    const double width = scale.percent(row.high) - scale.percent(row.low);
    html += "<i class=\"span\" style=\"" + scale.left(row.low) + ";width:" + fixed_text(width, 2) + "%\"></i>";
  }
  for (const double mark : row.marks) html += at(scale, "mark", mark);
  html += at(scale, "dot", row.value);
  for (const double run : row.runs) html += at(scale, "run", run);
  return html;
}

std::string row_html(const IntervalRow& row, const Scale& scale, const std::optional<double>& reference) {
  const std::string range = std::isnan(row.low) ? "" : "[" + brief_text(row.low) + ", " + brief_text(row.high) + "]";
  const std::string number = brief_text(row.value), label = escape_html(row.label);
  return "<tr title=\"" + label + ": " + number + (range.empty() ? "" : " " + range) + "\"><th scope=\"row\">" + label +
         "</th><td class=\"track\"><div" + (row.runs.empty() ? "" : " class=\"runs\"") + ">" +
         track_html(row, scale, reference) + "</div></td><td>" + number +
         (range.empty() ? "" : " <small>" + range + "</small>") + "</td></tr>\n";
}

std::string axis_html(const Scale& scale) {
  std::string html = "<tr class=\"axis\" aria-hidden=\"true\"><th></th><td class=\"track\"><div>";
  for (const double tick : scale.ticks())
    html += "<span style=\"" + scale.left(tick) + "\">" + brief_text(tick) + "</span>";
  return html + "</div></td><td></td></tr>\n";
}

}  // namespace

std::string intervals_html(const IntervalChart& chart) {
  const Scale scale = scale_of(chart);
  std::string html = "<figure class=\"intervals\"><div class=\"head\"><h3>" + escape_html(chart.title) + "</h3>" +
                     (scale.is_log() ? "<span class=\"fine\">log scale</span>" : "") + "</div><table><tbody>\n";
  for (const IntervalRow& row : chart.rows) html += row_html(row, scale, chart.reference);
  return html + axis_html(scale) + "</tbody></table><figcaption>" + escape_html(chart.caption) +
         "</figcaption></figure>\n";
}

}  // namespace deepq::page
