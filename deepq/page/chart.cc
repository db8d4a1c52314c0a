#include "deepq/page/chart.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "deepq/core/error.h"
#include "deepq/page/curves.h"
#include "deepq/page/text.h"

namespace deepq::page {
namespace {

// Six significant digits are beyond what a chart can show and keep the page small. JSON has no NaN or infinity: null.
nlohmann::json to_json(const Values& values) {
  nlohmann::json out = nlohmann::json::array();
  for (const double value : values) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    const double rounded = std::strtod(text, nullptr);
    if (!std::isfinite(value)) {
      out.push_back(nullptr);
      // As an integer: 500 and not 500.0. Below 1e15 a double holds every integer and int64_t every such double.
    } else if (value == std::round(value) && std::abs(value) < 1e15) {
      out.push_back(static_cast<int64_t>(value));
    } else {
      out.push_back(rounded);
    }
  }
  return out;
}

struct Band {
  Values mean, low, high;
};

// Lines come from files, too: a lab's jobs, a run's tables.
void require_points(const Values& y, size_t points, const std::string& label) {
  if (y.size() != points) throw Error::of("the line '", label, "' has ", y.size(), " points; allowed: ", points);
}

Band band_of(const OverRuns& over_runs, const std::vector<Values>& runs, const std::string& label) {
  Band band;
  for (const Values& run : runs) require_points(run, runs[0].size(), label);
  Values at_point(runs.size());
  for (size_t point = 0; point < runs[0].size(); ++point) {
    // Runs in the same order at each point: the bootstrap's resamples are of places, so neighbouring points vary
    // together.
    for (size_t run = 0; run < runs.size(); ++run) at_point[run] = runs[run][point];
    const stats::Interval interval = over_runs(at_point);
    band.mean.push_back(interval.value);
    band.low.push_back(interval.low);
    band.high.push_back(interval.high);
  }
  return band;
}

}  // namespace

ChartBuilder::ChartBuilder(std::string id, std::string title, std::string x_label, const Values& x) : x_(x) {
  chart_.id = id;
  chart_.title = std::move(title);
  chart_.spec = {{"id", id}, {"x", x_label}, {"series", nlohmann::json::array()}, {"data", {to_json(x)}}};
  x_label_ = std::move(x_label);
}

void ChartBuilder::add_series(nlohmann::json series, const Values& y) {
  require_points(y, x_.size(), series.value("label", std::string()));
  chart_.spec["series"].push_back(std::move(series));
  chart_.spec["data"].push_back(to_json(y));
}

void ChartBuilder::add(const std::string& label, const std::string& role, const Values& y) {
  add_series({{"label", label}, {"role", role}}, y);
  if (role == "main") describe(label, y);
}

void ChartBuilder::add_mean(const std::string& label, const std::vector<Values>& runs) {
  if (runs.empty()) return;
  if (runs.size() == 1) return add(label, "main", runs[0]);
  const OverRuns over_runs(runs.size());
  const Band band = band_of(over_runs, runs, label);
  // Edges before their line, which is drawn over the band.
  add("low", "low", band.low);
  add("high", "high", band.high);
  add(label, "main", band.mean);
  caption("Mean over " + std::to_string(runs.size()) + " runs; band: " + over_runs.method() + ".");
}

void ChartBuilder::add_line(const std::string& label, const Values& y, const Values& low, const Values& high) {
  const int color = next_color_++;
  if (!low.empty()) {
    add_series({{"label", label + ", low"}, {"role", "low"}, {"color", color}}, low);
    add_series({{"label", label + ", high"}, {"role", "high"}, {"color", color}}, high);
  }
  add_series({{"label", label}, {"role", "line"}, {"color", color}}, y);
  describe(label, y);
}

void ChartBuilder::add_line_of_runs(const std::string& label, const std::vector<Values>& runs) {
  if (runs.empty()) return;
  if (runs.size() == 1) return add_line(label, runs[0]);
  const Band band = band_of(OverRuns(runs.size()), runs, label);
  add_line(label, band.mean, band.low, band.high);
}

void ChartBuilder::add_reference_of_runs(const std::string& label, const std::vector<Values>& runs) {
  if (runs.empty()) return;
  const Band band = band_of(OverRuns(runs.size()), runs, label);
  add_series({{"label", label + ", low"}, {"role", "low"}, {"color", "reference"}}, band.low);
  add_series({{"label", label + ", high"}, {"role", "high"}, {"color", "reference"}}, band.high);
  add_series({{"label", label}, {"role", "reference"}, {"color", "reference"}}, band.mean);
  describe(label, band.mean);
}

void ChartBuilder::set_wide() {
  chart_.wide = true;
  set("wide", true);
}

void ChartBuilder::describe(const std::string& label, const Values& y) {
  size_t first = y.size(), last = 0, highest = 0, lowest = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) continue;
    // The first finite value begins all three; y.size() says that there was none.
    if (first == y.size()) first = highest = lowest = i;
    last = i;
    if (y[i] > y[highest]) highest = i;
    if (y[i] < y[lowest]) lowest = i;
  }
  if (first == y.size()) return;
  const auto at = [&](size_t i) { return short_text(y[i]) + " at " + x_label_ + " " + number_label(x_[i]); };
  const std::string others = ", lowest " + at(lowest) + ", highest " + at(highest) + ", and at the end " + at(last);
  const std::string range = " is " + at(first) + (first == last ? "" : others) + ".";
  chart_.description += (chart_.description.empty() ? chart_.title + ": " : " ") + label + range;
}

std::string figure_html(const Chart& chart) {
  std::string html = chart.wide ? "<figure class=\"wide\">" : "<figure>";
  html += "<div class=\"head\"><h3>" + escape_html(chart.title) + "</h3>";
  // Without anything to draw there is no axis to switch.
  if (!chart.description.empty() && chart.spec.contains("log_switch")) {
    html += "<button type=\"button\" data-log-switch=\"" + chart.id + "\" aria-pressed=\"false\">log scale</button>";
  }
  html += "</div>";
  if (chart.description.empty()) {
    html += "<p class=\"empty\">Nothing to draw yet.</p>";
  } else {
    html += "<div class=\"chart\" role=\"img\" data-chart=\"" + chart.id + "\" aria-label=\"" +
            escape_html(chart.description) + "\"></div>";
  }
  return html + "<figcaption>" + escape_html(chart.caption) + "</figcaption></figure>\n";
}

}  // namespace deepq::page
