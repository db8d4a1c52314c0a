// Tables and rows of intervals, as HTML. All texts are escaped here.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace deepq::page {

struct Table {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // the first cell of a row is its name
};

std::string table_html(const Table& table);

struct IntervalRow {
  std::string label;
  double value, low, high;
};

// Each row's value as a dot on a line from low to high, all rows on one scale. Drawn by the style sheet alone.
struct IntervalChart {
  std::string title, caption;
  std::vector<IntervalRow> rows;
  std::optional<double> reference = {};  // a line through all rows
  bool log_scale = false;                // only when all that is drawn is above 0
};

std::string intervals_html(const IntervalChart& chart);

}  // namespace deepq::page
