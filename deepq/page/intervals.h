// Rows of intervals on one scale, a forest plot, as HTML that the style sheet alone draws. All texts are escaped here.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace deepq::page {

struct IntervalRow {
  std::string label;
  double value, low, high;
  std::vector<double> runs = {};   // a small dot for each, below the interval
  std::vector<double> marks = {};  // faint ticks beside the value, such as mean and median
};

// Each row's value as a dot on a line from low to high, with the numbers at its end and an axis below the last row. In
// narrow windows the label stands above its line.
struct IntervalChart {
  std::string title, caption;
  std::vector<IntervalRow> rows;
  std::optional<double> reference = {};  // a line through all rows
  bool log_scale = false;                // said beside the title; only when all that is drawn is above 0
  bool with_zero = false;                // on the scale where it is not far
};

std::string intervals_html(const IntervalChart& chart);

}  // namespace deepq::page
