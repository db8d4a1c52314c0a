#include <cmath>

#include "deepq/compare/compare_charts.h"
#include "deepq/compare/verdict.h"
#include "deepq/core/error.h"
#include "deepq/page/intervals.h"
#include "deepq/page/page.h"
#include "deepq/page/table.h"
#include "deepq/page/text.h"
#include "deepq/record/csv_text.h"
#include "deepq/record/relative_path.h"
#include "deepq/record/run_paths.h"

namespace deepq::compare {
namespace {

using page::brief_text;
using page::escape_html;
using stats::Interval;

constexpr size_t kMostListed = 6;  // pairs whose sentences all stand on the page; of more the decided ones
constexpr size_t kMostOpen = 15;   // pairs whose intervals are drawn at once
constexpr size_t kMostDots = 100;  // runs of a row that are drawn

// "A", "A and B", "A, B and C"; of more how many: "6 groups".
std::string listed(const std::vector<std::string>& names, const std::string& what) {
  constexpr size_t kMost = 3;
  if (names.size() > kMost) return std::to_string(names.size()) + " " + what;
  if (names.size() == 1) return names[0];
  return join({names.begin(), names.end() - 1}) + " and " + names.back();
}

std::vector<std::string> names_of(const Comparison& comparison) {
  std::vector<std::string> names;
  for (const GroupResult& group : comparison.groups) names.push_back(group.name);
  return names;
}

std::string heading(const Comparison& comparison) {
  const std::string groups = listed(names_of(comparison), "groups");
  return comparison.tasks[0].empty() ? groups : groups + " on " + listed(comparison.tasks, "tasks");
}

bool same_runs(const Comparison& comparison) {
  return std::ranges::all_of(
      comparison.groups, [&](const GroupResult& group) { return group.run_counts == comparison.groups[0].run_counts; });
}

std::string subtitle(const Comparison& comparison) {
  // Groups and tasks that the heading only counts are named here.
  std::vector<std::string> parts;
  if (comparison.groups.size() > 3) parts.push_back(join(names_of(comparison)));
  if (comparison.tasks.size() > 3) parts.push_back(join(comparison.tasks));
  if (same_runs(comparison))
    parts.push_back(comparison.groups[0].runs_text() + (comparison.groups[0].run_counts[0] == 1 ? " run" : " runs") +
                    (comparison.groups.size() > 1 ? " each" : "") + (comparison.tasks.size() > 1 ? " on a task" : ""));
  parts.push_back("score: " + comparison.score_name());
  return join(parts, " · ");
}

std::string list_html(const std::vector<std::string>& sentences) {
  std::string html = "<ul>\n";
  for (const std::string& sentence : sentences) html += "<li>" + escape_html(sentence) + ".</li>\n";
  return html + "</ul>\n";
}

// What came out, in a sentence for each pair: those that are told apart first.
std::string result_html(const Comparison& comparison) {
  const auto result = [](const std::string& text) { return "<p class=\"result\">" + escape_html(text) + ".</p>\n"; };
  std::vector<std::string> decided, others;
  for (const PairResult& pair : comparison.pairs)
    (pair.decided() ? decided : others).push_back(verdict_of(comparison, pair));
  const size_t all = comparison.pairs.size();
  if (all == 0)
    return result("The IQM of " + comparison.groups[0].name + " is " + page::interval_text(comparison.groups[0].iqm));
  // One pair: its sentence is the result.
  if (all == 1) return result((decided.empty() ? others : decided)[0]);
  std::string html =
      result("Of " + std::to_string(all) + " pairs of groups " +
             (decided.empty() ? "none is" : std::to_string(decided.size()) + (decided.size() == 1 ? " is" : " are")) +
             " told apart");
  // Of many pairs most are not told apart; they stand folded behind their number.
  if (all > kMostListed && !others.empty())
    return html + (decided.empty() ? "" : list_html(decided)) + "<details><summary>" + std::to_string(others.size()) +
           " pairs that are not</summary>\n" + list_html(others) + "</details>\n";
  decided.insert(decided.end(), others.begin(), others.end());
  return html + list_html(decided);
}

std::vector<double> flat(const stats::Scores& scores) {
  std::vector<double> all;
  for (const std::vector<double>& runs : scores) all.insert(all.end(), runs.begin(), runs.end());
  // More dots than that are a bar.
  return all.size() > kMostDots ? std::vector<double>() : all;
}

std::string scores_html(const Comparison& comparison) {
  const bool one_task = comparison.tasks.size() == 1, same = same_runs(comparison);
  page::IntervalChart chart{.title = "Interquartile mean", .caption = "", .rows = {}, .with_zero = true};
  page::Table table{.caption = "", .columns = {"Group", "Mean"}, .rows = {}};
  if (!one_task) table.columns.emplace_back("Median");
  if (comparison.gamma) table.columns.push_back("Optimality gap to " + brief_text(*comparison.gamma));
  bool dots = true;
  for (const GroupResult& group : comparison.groups) {
    const std::string runs = group.runs_text() + (group.run_counts[0] == 1 ? " run" : " runs");
    std::vector<double> marks{group.mean.value};
    if (!one_task) marks.push_back(group.median.value);
    chart.rows.push_back({same ? group.name : group.name + ", " + runs, group.iqm.value, group.iqm.low, group.iqm.high,
                          flat(group.scores), marks});
    // The caption speaks of dots only where every row has them.
    dots &= !chart.rows.back().runs.empty();
    table.rows.push_back({group.name, page::interval_text(group.mean)});
    if (!one_task) table.rows.back().push_back(page::interval_text(group.median));
    if (group.gap) table.rows.back().push_back(page::interval_text(*group.gap));
  }
  chart.caption = "Large dot: the mean of the middle half of all scores (IQM)" +
                  (comparison.has_intervals() ? "; line and brackets: " + comparison.interval_name() : "") +
                  (one_task ? "; tick: the mean" : "; ticks: mean and median") +
                  (dots ? "; small dots: the single runs." : ".");
  return page::intervals_html(chart) + "<details><summary>" + (one_task ? "Mean" : "Mean, median") +
         (comparison.gamma ? " and optimality gap" : "") + " as numbers</summary>\n" + page::table_html(table) +
         "</details>\n";
}

std::string tasks_html(const Comparison& comparison) {
  if (comparison.tasks.size() < 2) return "";
  page::Table table{.caption = "Mean return of each task", .columns = {""}, .rows = {}};
  // The longer list goes down the page, the shorter across.
  const bool by_group = comparison.groups.size() > comparison.tasks.size();  // whose names are the rows
  const std::vector<std::string> groups = names_of(comparison), &columns = by_group ? comparison.tasks : groups;
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (const std::string& name : by_group ? groups : comparison.tasks) table.rows.push_back({name});
  for (size_t task = 0; task < comparison.tasks.size(); ++task)
    for (size_t group = 0; group < groups.size(); ++group)
      table.rows[by_group ? group : task].push_back(brief_text(stats::mean({comparison.groups[group].returns[task]})));
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
    // Both are of x against y, so what lies beyond the line favours x.
    improvement.rows.push_back(row(x + " over " + y, pair.improvement));
    difference.rows.push_back(row(x + " minus " + y, pair.iqm_difference));
  }
  improvement.caption =
      "The chance that a run of the first group scores more than one of the second on the same task, equal scores "
      "counting half. The line is at one half: no difference.";
  difference.caption =
      "The line is at 0. Whether groups differ is for the sentences above to say, not for the interval.";
  const std::string lists = page::intervals_html(improvement) + page::intervals_html(difference);
  const size_t all = comparison.pairs.size();
  return "<section><h2>Pairs of groups</h2>\n" +
         (all <= kMostOpen
              ? lists
              : "<p>--baseline NAME compares each group with one, and no other pairs.</p>\n<details><summary>All " +
                    std::to_string(all) + " pairs</summary>\n" + lists + "</details>\n") +
         "</section>\n";
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
                                    : " Intervals: " + page::fixed_text(static_cast<double>(bootstrap.resamples), 0) +
                                          " resamples of the runs within each task, percentiles, seed " +
                                          std::to_string(bootstrap.seed) + ".";
  return "<section><h2>How it is computed</h2><p>Score of a run: " + escape_html(comparison.score_name()) +
         "; scale: " + escape_html(describe(comparison.normalization)) + "." + intervals + verdicts +
         " After Agarwal et al. 2021, Deep Reinforcement Learning at the Edge of the Statistical "
         "Precipice.</p></section>\n";
}

// A table of scores as `deepq compare` reads it, in a link that holds it.
std::string scores_link(const Comparison& comparison) {
  std::string csv = "algorithm,task,run,score\n";  // many files name no seed: a run's place in its group
  for (const GroupResult& group : comparison.groups)
    for (size_t task = 0; task < comparison.tasks.size(); ++task)
      for (size_t run = 0; run < group.returns[task].size(); ++run)
        csv += csv_quoted(group.name) + "," +
               csv_quoted(comparison.tasks[task].empty() ? "task" : comparison.tasks[task]) + "," +
               std::to_string(run) + "," + number_text(group.returns[task][run]) + "\n";
  return "data:text/csv;charset=utf-8," + page::escape_url(csv);
}

page::Foot foot_of(const Comparison& comparison, const PageOrigin& origin) {
  page::Foot foot{.command = origin.command, .links = {{"scores as CSV", scores_link(comparison), "scores.csv"}}};
  for (const GroupResult& group : comparison.groups)
    if (const page::Link link =
            page::link_to_file(path_from_page(report_path(group.path), origin.path), "report of " + group.name);
        !link.href.empty())
      // A group has a page of its own where deepq trained it.
      foot.links.push_back(link);
  foot.links.push_back(page::link_to_docs(docs_path_from_page("compare.md", origin.path), "compare.md"));
  return foot;
}

}  // namespace

std::string comparison_page(const Comparison& comparison, const PageOrigin& origin) {
  Charts charts = charts_of(comparison);
  std::string body = result_html(comparison);
  for (const std::string& note : comparison.notes) body += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  // Result and notes first, how it was computed last.
  body += "<section><h2>Scores</h2>\n" + scores_html(comparison) + tasks_html(comparison) + "</section>\n" +
          pairs_html(comparison) + "<section aria-label=\"Curves\">\n" + charts.html + "</section>\n" +
          how_html(comparison);
  return page::page_html({.kind = "Deep Q-learning, comparison of runs",
                          .heading = heading(comparison),
                          .subtitle = subtitle(comparison),
                          .body = body,
                          .charts = std::move(charts.charts),
                          .foot = foot_of(comparison, origin)});
}

}  // namespace deepq::compare
