#include "deepq/page/table.h"

#include "deepq/page/text.h"

namespace deepq::page {

std::string cell_html(const std::string& text) {
  // "16.2 [3.43, 32.3]", as interval_text() writes it: the interval in small type.
  const size_t open = text.find(" [");
  if (open == std::string::npos || text.find(']', open) == std::string::npos) return escape_html(text);
  return escape_html(text.substr(0, open)) + " <small>" + escape_html(text.substr(open + 1)) + "</small>";
}

std::string table_html(const Table& table) {
  std::string html = "<figure class=\"table\">";
  if (!table.caption.empty()) html += "<figcaption>" + escape_html(table.caption) + "</figcaption>";
  html += "<div class=\"scroll\"><table><thead><tr>";
  for (const std::string& column : table.columns) html += "<th scope=\"col\">" + escape_html(column) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      html += i == 0 ? "<th scope=\"row\">" + escape_html(row[i]) + "</th>" : "<td>" + cell_html(row[i]) + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div></figure>\n";
}

}  // namespace deepq::page
