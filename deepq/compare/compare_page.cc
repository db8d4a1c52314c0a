#include <cmath>

#include "deepq/compare/verdict.h"
#include "deepq/core/error.h"
#include "deepq/page/intervals.h"
#include "deepq/page/page.h"
#include "deepq/page/table.h"
#include "deepq/page/text.h"

namespace deepq::compare {
namespace {

using page::escape_html;
using page::short_text;
using stats::Interval;

// Of a comparison without intervals the value alone.
std::string text_of(const Interval& interval) {
  if (std::isnan(interval.low)) return short_text(interval.value);
  return short_text(interval.value) + " [" + short_text(interval.low) + ", " + short_text(interval.high) + "]";
}

std::string runs_text(const GroupResult& group) {
  std::vector<std::string> counts;
  bool same = true;
  for (const size_t count : group.run_counts) {
    counts.push_back(std::to_string(count));
    same &= count == group.run_counts[0];
  }
  return same && counts.size() > 1 ? counts[0] + " a task" : join(counts);
}

std::string scores_html(const Comparison& comparison) {
  const std::string brackets = comparison.has_intervals() ? "in brackets: " + comparison.interval_name() : "";
  page::Table table{.caption = "Aggregates over runs" + (brackets.empty() ? "" : "; " + brackets),
                    .columns = {"Group", "Runs", "IQM", "Median", "Mean"},
                    .rows = {}};
  if (comparison.gamma) table.columns.push_back("Optimality gap at " + short_text(*comparison.gamma));
  page::IntervalChart chart{.title = "Interquartile mean", .caption = "", .rows = {}};
  for (const GroupResult& group : comparison.groups) {
    std::vector<std::string> row{group.name, runs_text(group), text_of(group.iqm), text_of(group.median),
                                 text_of(group.mean)};
    if (group.gap) row.push_back(text_of(*group.gap));
    table.rows.push_back(row);
    chart.rows.push_back({group.name, group.iqm.value, group.iqm.low, group.iqm.high});
  }
  chart.caption = "The mean of the middle half of all scores. Right of the bar: its value" +
                  (brackets.empty() ? "" : "; " + brackets) + ".";
  return page::table_html(table) + page::intervals_html(chart);
}

std::string tasks_html(const Comparison& comparison) {
  if (comparison.tasks.size() < 2) return "";
  page::Table table{.caption = "Mean return of each task", .columns = {"Task"}, .rows = {}};
  for (const GroupResult& group : comparison.groups) table.columns.push_back(group.name);
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    table.rows.push_back({comparison.tasks[task]});
    for (const GroupResult& group : comparison.groups) {
      table.rows.back().push_back(short_text(stats::mean({group.returns[task]})));
    }
  }
  return page::table_html(table);
}

std::string pairs_html(const Comparison& comparison) {
  if (comparison.pairs.empty()) return "";
  page::IntervalChart improvement{.title = "Probability of improvement", .caption = "", .rows = {}, .reference = 0.5};
  page::IntervalChart difference{.title = "Difference of the IQM", .caption = "", .rows = {}, .reference = 0.0};
  const auto row = [](const std::string& label, const Interval& interval) {
    return page::IntervalRow{label, interval.value, interval.low, interval.high};
  };
  for (const PairResult& pair : comparison.pairs) {
    const std::string &x = comparison.groups[pair.x].name, &y = comparison.groups[pair.y].name;
    improvement.rows.push_back(row(x + " over " + y, pair.improvement));
    difference.rows.push_back(row(x + " minus " + y, pair.iqm_difference));
  }
  improvement.caption =
      "The chance that a run of the first group scores more than one of the second on the same task, equal scores "
      "counting half. The line is at one half: no difference.";
  difference.caption = "The line is at 0. Whether groups differ is for the verdict above to say, not for the interval.";
  std::string verdicts = "<ul>\n";
  for (const PairResult& pair : comparison.pairs) {
    verdicts += "<li>" + escape_html(verdict_of(comparison, pair)) + ".</li>\n";
  }
  return "<section><h2>Pairs of groups</h2>\n" + verdicts + "</ul>\n" + page::intervals_html(improvement) +
         page::intervals_html(difference) + "</section>\n";
}

// One line with its band for each group.
page::Chart lines(page::ChartBuilder builder, const Comparison& comparison,
                  std::vector<Interval> GroupResult::*intervals, const std::string& y, const std::string& caption) {
  for (const GroupResult& group : comparison.groups) {
    page::Values value, low, high;
    for (const Interval& interval : group.*intervals) {
      value.push_back(interval.value);
      low.push_back(interval.low);
      high.push_back(interval.high);
    }
    builder.add_line(group.name, value, low, high);
  }
  builder.set_wide();
  builder.set("tall", true);
  builder.set("y", y);
  builder.set("labels", intervals != &GroupResult::profile);  // whose lines all end at 0
  builder.caption(caption);
  return std::move(builder).finish();
}

std::string how_html(const Comparison& comparison) {
  const stats::BootstrapOptions& bootstrap = comparison.bootstrap;
  const std::string verdicts =
      comparison.pairs.empty()
          ? ""
          : " Verdicts: a permutation test of the difference of the IQM, runs exchanged within each task, two-sided, "
            "adjusted by Holm's procedure over the pairs above: where no groups differ, any pair is said to differ in "
            "at "
            "most 5% of all comparisons.";
  const std::string intervals = !comparison.has_intervals()
                                    ? ""
                                    : " Intervals: " + std::to_string(bootstrap.resamples) +
                                          " resamples of the runs within each task, percentiles, seed " +
                                          std::to_string(bootstrap.seed) + ".";
  return "<section><h2>How it is computed</h2><p>Score of a run: " + escape_html(describe(comparison.score)) +
         "; scale: " + escape_html(describe(comparison.normalization)) + "." + intervals + verdicts +
         " After Agarwal et al. 2021, Deep Reinforcement Learning at the Edge of the Statistical "
         "Precipice.</p></section>\n";
}

}  // namespace

std::string comparison_page(const Comparison& comparison) {
  const bool one_task = comparison.tasks.size() == 1;
  const std::string score = comparison.normalization == Normalization::kNone ? "score" : "normalised score";
  std::vector<page::Chart> charts;
  const std::string band = comparison.has_intervals() ? "; band: " + comparison.interval_name() + "." : ".";
  if (!comparison.curve_x.empty())
    charts.push_back(
        lines(page::ChartBuilder("efficiency", "Sample efficiency", curve_x_label(comparison), comparison.curve_x),
              comparison, &GroupResult::curve, one_task ? "return" : "score",
              "IQM over runs of the mean return of the last 100 training episodes" + band +
                  std::string(one_task ? "" : " Each task's training up to the end of its shortest run.")));
  charts.push_back(lines(page::ChartBuilder("profile", "Performance profile", score, comparison.taus), comparison,
                         &GroupResult::profile, "share of runs", "Share of runs that score more" + band));
  std::string body;
  for (const std::string& note : comparison.notes) body += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  body += "<section><h2>Scores</h2>\n" + scores_html(comparison) + tasks_html(comparison) + "</section>\n";
  body += pairs_html(comparison);
  body += "<section><h2>Curves</h2>\n";
  for (const page::Chart& chart : charts) body += page::figure_html(chart);
  body += "</section>\n" + how_html(comparison);
  std::vector<std::string> names;
  for (const GroupResult& group : comparison.groups) names.push_back(group.name);
  const std::string task = comparison.tasks[0].empty() ? "Comparison" : comparison.tasks[0];
  return page::page_html({.kind = "Deep Q-learning, comparison of runs",
                          .heading = one_task ? task : std::to_string(comparison.tasks.size()) + " tasks",
                          .subtitle = join(names, ", "),
                          .body = body,
                          .charts = charts});
}

}  // namespace deepq::compare
