// Tables, as HTML. All texts are escaped here.
#pragma once

#include <string>
#include <vector>

namespace deepq::page {

struct Table {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // the first cell of a row is its name
};

// The caption stands outside of what scrolls. In a cell "16.2 [3.43, 32.3]" the interval lies below its value, small.
std::string table_html(const Table& table);

// The same of one such text, for cells of other tables.
std::string cell_html(const std::string& text);

}  // namespace deepq::page
