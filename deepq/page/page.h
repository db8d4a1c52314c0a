// One self-contained HTML page: style, scripts and data inside, no network access, light and dark, wide and narrow. Its
// foot has the day and the version.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/page/chart.h"

namespace deepq::page {

struct Link {
  std::string text, href;     // an empty href: the text alone
  std::string download = {};  // what a file that the href holds itself is called
};

// Where a page comes from, and where to read on.
struct Foot {
  std::string command = {};             // as it was typed; "": not known
  std::vector<Link> links = {};         // data, other pages, documents
  std::vector<std::string> facts = {};  // such as the engine and the time it took
};

struct Page {
  std::string kind;      // what sort of page it is, above the heading
  std::string heading;   // text
  std::string subtitle;  // text
  std::string body;      // HTML; the charts' figures (figure_html) are in it
  std::vector<Chart> charts = {};
  int64_t refresh_seconds = 0;  // after which a browser reads the page again; 0: never
  Foot foot = {};
};

std::string link_html(const Link& link);

// For an href: what a URL gives a meaning of its own is written as %XX.
std::string escape_url(std::string_view path);

// To a file beside the page, `path` as it lies on the disk ("": not there).
Link link_to_file(const std::string& path, const std::string& text);
// To the documentation's page docs/NAME, at `path`.
inline Link link_to_docs(const std::string& path, const std::string& name) {
  return link_to_file(path, "docs/" + name);
}

// In the head of each page: what says that a file is one.
inline constexpr std::string_view kGenerator = "<meta name=\"generator\" content=\"deepq\">";

std::string page_html(const Page& page);

}  // namespace deepq::page
