#include "deepq/page/table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "deepq/page/text.h"

namespace deepq::page {
namespace {

// Places values on a track from 0 to 100 percent.
class Scale {
 public:
  explicit Scale(const IntervalChart& chart) {
    const auto take = [&](double value) {
      if (!std::isfinite(value)) return;
      low_ = std::min(low_, value);
      high_ = std::max(high_, value);
    };
    for (const IntervalRow& row : chart.rows) {
      for (const double value : {row.value, row.low, row.high}) take(value);
    }
    if (chart.reference) take(*chart.reference);
    log_ = chart.log_scale && low_ > 0;
  }

  double percent(double value) const {
    const double low = place(low_), high = place(high_);
    if (!(high > low)) return 50;
    return 100 * std::clamp((place(value) - low) / (high - low), 0.0, 1.0);
  }

  std::string left(double value) const { return "left:" + fixed_text(percent(value), 2) + "%"; }

 private:
  double place(double value) const { return log_ ? std::log(value) : value; }

  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
  bool log_ = false;
};

std::string row_html(const IntervalRow& row, const Scale& scale, const std::optional<double>& reference) {
  const std::string range = std::isnan(row.low) ? "" : brief_text(row.low) + " to " + brief_text(row.high);
  const std::string title = row.label + ": " + brief_text(row.value) + (range.empty() ? "" : ", " + range);
  std::string html = "<tr title=\"" + escape_html(title) + "\">";
  html += "<th scope=\"row\">" + escape_html(row.label) + "</th><td class=\"track\"><div>";
  if (reference) html += "<i class=\"at\" style=\"" + scale.left(*reference) + "\"></i>";
  if (std::isfinite(row.low) && std::isfinite(row.high)) {
    const double width = scale.percent(row.high) - scale.percent(row.low);
    html += "<i class=\"span\" style=\"" + scale.left(row.low) + ";width:" + fixed_text(width, 2) + "%\"></i>";
  }
  if (std::isfinite(row.value)) html += "<i class=\"dot\" style=\"" + scale.left(row.value) + "\"></i>";
  return html + "</div></td><td>" + brief_text(row.value) + "</td><td>" + range + "</td></tr>\n";
}

}  // namespace

std::string table_html(const Table& table) {
  std::string html = "<div class=\"scroll\"><table>";
  if (!table.caption.empty()) html += "<caption>" + escape_html(table.caption) + "</caption>";
  html += "<thead><tr>";
  for (const std::string& column : table.columns) html += "<th scope=\"col\">" + escape_html(column) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      html += i == 0 ? "<th scope=\"row\">" + escape_html(row[i]) + "</th>" : "<td>" + escape_html(row[i]) + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string intervals_html(const IntervalChart& chart) {
  const Scale scale(chart);
  std::string html = "<figure class=\"intervals\"><div class=\"head\"><h3>" + escape_html(chart.title) + "</h3></div>";
  html += "<div class=\"scroll\"><table><tbody>\n";
  for (const IntervalRow& row : chart.rows) html += row_html(row, scale, chart.reference);
  return html + "</tbody></table></div><figcaption>" + escape_html(chart.caption) + "</figcaption></figure>\n";
}

}  // namespace deepq::page
