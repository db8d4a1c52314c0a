// A chart of curves over one x axis, as data: what page.js draws with uPlot, its caption and its text alternative.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace deepq::page {

using Values = std::vector<double>;  // NaN and infinity leave a gap

struct Chart {
  std::string id, title, caption;  // the id is unique on its page
  std::string description;         // the main numbers in words; empty when there is nothing to draw
  bool wide = false;               // the page's whole width
  nlohmann::json spec;             // see page.js
};

class ChartBuilder {
 public:
  ChartBuilder(std::string id, std::string title, std::string x_label, const Values& x);

  // Roles: "main", "second", "dots", "run" (one of many thin lines), "low" and "high" (the edges of main's band).
  void add(const std::string& label, const std::string& role, const Values& y);

  // The mean over runs [run][point] as "main" with its band (see OverRuns), or the one run alone.
  void add_mean(const std::string& label, const std::vector<Values>& runs);

  // One of several lines of equal rank, each in a color of its own, with its band where `low` and `high` are given.
  void add_line(const std::string& label, const Values& y, const Values& low = {}, const Values& high = {});

  // The same from runs [run][point]: their mean and its band.
  void add_line_of_runs(const std::string& label, const std::vector<Values>& runs);

  // The line that the others are held against, from runs: grey, with its band.
  void add_reference_of_runs(const std::string& label, const std::vector<Values>& runs);

  void set_wide();

  // Of page.js: "y" (the title of that axis), "x_range" and "y_range" ([lowest, highest]), "from_zero" (y begins at 0
  // where no value is below), "log_x", "log_y" (booleans), "log_switch" (a button for the y axis), "points", "tall",
  // "small", "phases", "solved", "mark", "dashed_from", "labels", "steps": page.js says of each what it does.
  void set(const std::string& key, nlohmann::json value) { chart_.spec[key] = std::move(value); }

  void caption(const std::string& sentence) { chart_.caption += (chart_.caption.empty() ? "" : " ") + sentence; }

  Chart finish() && { return std::move(chart_); }

 private:
  void add_series(nlohmann::json series, const Values& y);
  void describe(const std::string& label, const Values& y);

  Chart chart_;
  Values x_;
  std::string x_label_;
  int next_color_ = 0;
};

std::string figure_html(const Chart& chart);

}  // namespace deepq::page
