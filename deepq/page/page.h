// One self-contained HTML page: style, scripts and data inside, no network access, light and dark, wide and narrow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deepq/page/chart.h"

namespace deepq::page {

struct Page {
  std::string kind;      // what sort of page it is, above the heading
  std::string heading;   // text
  std::string subtitle;  // text
  std::string body;      // HTML; the charts' figures (figure_html) are in it
  std::vector<Chart> charts = {};
  int64_t refresh_seconds = 0;  // after which a browser reads the page again; 0: never
};

std::string page_html(const Page& page);

}  // namespace deepq::page
