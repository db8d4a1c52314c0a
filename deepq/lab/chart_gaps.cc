#include "deepq/lab/chart_gaps.h"

#include <string>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

using nlohmann::json;

struct Shown {
  size_t first, last;  // points that are drawn
  bool any, below_log;
};

Shown shown_of(const json& values, bool log) {
  Shown shown{0, 0, false, false};
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null()) continue;
    // As page.js has it: a log scale leaves such points out.
    if (log && values[i].get<double>() <= 0) {
      shown.below_log = true;
      continue;
    }
    if (!shown.any) shown.first = i;
    shown.last = i;
    shown.any = true;
  }
  return shown;
}

// So many points at an end are missing that a reader sees it.
bool is_seen(size_t missing, size_t points) { return missing * 20 > points; }

std::string reason(const Shown& shown) {
  return shown.below_log ? " (0 there, which a log scale cannot show)" : " (no run has a value there)";
}

}  // namespace

void explain_gaps(page::Chart& chart) {
  const json& spec = chart.spec;
  const json& x = spec["data"][0];
  const bool log = spec.value("log_y", false);
  std::vector<std::string> absent, late, early;
  for (size_t i = 0; i < spec["series"].size(); ++i) {
    const std::string role = spec["series"][i]["role"], label = spec["series"][i]["label"];
    // Edges of bands end with their lines.
    if (role != "line" && role != "reference" && role != "main") continue;
    const Shown shown = shown_of(spec["data"][i + 1], log);
    const auto at = [&](size_t point) { return page::number_label(x[point].get<double>()); };
    if (!shown.any) absent.push_back(label + reason(shown));
    if (shown.any && is_seen(shown.first, x.size())) late.push_back(label + " at " + at(shown.first) + reason(shown));
    if (shown.any && is_seen(x.size() - 1 - shown.last, x.size()))
      early.push_back(label + " after " + at(shown.last) + reason(shown));
  }
  const auto add = [&](const char* what, const std::vector<std::string>& lines) {
    if (!lines.empty())
      chart.caption.append(chart.caption.empty() ? "" : " ").append(what).append(join(lines)).append(".");
  };
  add("Not drawn: ", absent);
  add("Begins late: ", late);
  add("Ends early: ", early);
}

}  // namespace deepq::lab
