// The pages of the lab, and the same as JSON.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "deepq/core/error.h"
#include "deepq/core/version.h"
#include "deepq/lab/lab.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

using page::escape_html;

// Of page.css.
const char* verdict_class(std::optional<Verdict> verdict) {
  switch (verdict.value_or(Verdict::kUndecided)) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kPart:
      return "part";
    case Verdict::kFails:
      return "not";
    default:
      return "open";
  }
}

std::string verdict_html(const Finding& finding) {
  const std::optional<Verdict> decided = verdict(finding);
  std::string html = "<div class=\"verdict " + std::string(verdict_class(decided)) + "\"><b>" +
                     escape_html(verdict_line(finding)) + "</b>\n<ul>\n";
  for (const Check& check : finding.checks)
    html += "<li>" + escape_html(decided ? check.text() : check.number_text()) + "</li>\n";
  html += "</ul></div>\n";
  if (finding.facts.empty()) return html;
  html += "<p class=\"note\">Certain beforehand, and so no part of the verdict:</p>\n<ul>\n";
  for (const std::string& fact : finding.facts) html += "<li>" + escape_html(fact) + "</li>\n";
  return html + "</ul>\n";
}

// What the intervals are and what decides; nothing is decided by a quick version.
std::string rule_text(const Finding& finding, int64_t seeds) {
  std::string text = "Intervals decide nothing. Over seeds: " + stats::interval_name(static_cast<size_t>(seeds)) +
                     "; of shares of runs: Wilson's 95% interval. ";
  if (finding.quick) return text;
  return text +
         "A verdict is computed: a statement is decided, for it or against it, when the p of its exact test is at "
         "most 0.05 after Holm's adjustment for the " +
         std::to_string(finding.checks.size()) +
         " statements. So where nothing differs, at most one experiment in 20 decides anything at all.";
}

nlohmann::ordered_json check_json(const Check& check, bool decided) {
  using nlohmann::ordered_json;
  ordered_json values = ordered_json::array();
  for (const double value : check.by_seed.values)
    values.push_back(std::isnan(value)      ? ordered_json()
                     : std::isfinite(value) ? ordered_json(value)
                                            : ordered_json(number_text(value)));
  ordered_json json = {{"statement", check.statement},
                       {"quantity", check.quantity},
                       {"value", check.interval.value},
                       {"low", check.interval.low},
                       {"high", check.interval.high},
                       {"claimed", check.above ? "above" : "below"},
                       {"threshold", check.threshold},
                       {"by_seed", values},
                       {"diverged", check.by_seed.diverged},
                       {"test", decider_text(check.decider)},
                       {"p", check.p},
                       {"adjusted_p", check.adjusted_p},
                       {"answer", answer_text(check.answer())},
                       {"text", check.text()}};
  if (decided) return json;
  for (const char* key : {"p", "adjusted_p", "answer"}) json[key] = nullptr;
  json["text"] = check.number_text();
  return json;
}

std::string command_of(const LabReport& report) {
  return "deepq lab " + report.experiment->name + " --seeds " + std::to_string(report.seeds) +
         (report.first_seed > 0 ? " --first-seed " + std::to_string(report.first_seed) : "") +
         (report.quick ? " --quick" : "");
}

std::string seeds_text(const LabReport& report) {
  return std::to_string(report.seeds) + " seeds for each setting" +
         (report.first_seed > 0 ? ", from " + std::to_string(report.first_seed) : "") +
         (report.quick ? ", the quick version: small, for a first look, without a verdict" : "");
}

}  // namespace

std::string verdict_line(const Finding& finding) {
  const std::optional<Verdict> decided = verdict(finding);
  return decided ? "Verdict: " + verdict_text(*decided) : "No verdict: the quick version only shows the pictures";
}

std::string report_page(const LabReport& report) {
  const Experiment& experiment = *report.experiment;
  const Finding& finding = report.finding;
  std::string body = verdict_html(finding);
  for (const std::string& note : finding.notes) body += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  body += "<section><h2>Design</h2><p>" + escape_html(experiment.design) + "</p></section>\n<section>\n";
  body += "<h2>What was measured</h2>\n";
  for (const page::IntervalChart& chart : finding.intervals) body += page::intervals_html(chart);
  for (const page::Chart& chart : finding.charts) body += chart.wide ? page::figure_html(chart) : "";
  body += "<div class=\"grid\">\n";
  for (const page::Chart& chart : finding.charts) body += chart.wide ? "" : page::figure_html(chart);
  body += "</div>\n";
  for (const page::Table& table : finding.tables) body += page::table_html(table);
  body += "<p class=\"fine\">" + rule_text(finding, report.seeds) +
          "</p></section>\n<section><h2>Repeat it</h2><pre><code>" + command_of(report) + "</code></pre></section>\n";
  return page::page_html({.kind = "Deep Q-learning, the lab: " + experiment.name,
                          .heading = experiment.claim,
                          .subtitle = seeds_text(report) + " · deepq " + std::string(version()),
                          .body = body,
                          .charts = finding.charts});
}

nlohmann::ordered_json report_json(const LabReport& report) {
  using nlohmann::ordered_json;
  const Finding& finding = report.finding;
  ordered_json checks = ordered_json::array(), tables = ordered_json::array();
  const std::optional<Verdict> decided = verdict(finding);
  for (const Check& check : finding.checks) checks.push_back(check_json(check, decided.has_value()));
  for (const page::Table& table : finding.tables)
    tables.push_back({{"caption", table.caption}, {"columns", table.columns}, {"rows", table.rows}});
  return {{"deepq_version", version()},
          {"experiment", report.experiment->name},
          {"chapter", kChapter},
          {"section", report.experiment->section},
          {"claim", report.experiment->claim},
          {"question", report.experiment->question},
          {"because", report.experiment->because},
          {"design", report.experiment->design},
          {"quick", report.quick},
          {"seeds", report.seeds},
          {"seeds_of_the_experiment", report.experiment->seeds},
          {"first_seed", report.first_seed},
          {"seconds", report.seconds},
          {"verdict", decided ? ordered_json(verdict_text(*decided)) : ordered_json()},
          {"checks", checks},
          {"certain", finding.facts},
          {"tables", tables},
          {"notes", finding.notes},
          {"page", report.page}};
}

std::string index_page(const std::vector<LabReport>& reports) {
  std::string rows;
  for (const LabReport& report : reports) {
    const Experiment& experiment = *report.experiment;
    rows += "<section class=\"verdict " + std::string(verdict_class(verdict(report.finding))) + "\"><b><a href=\"" +
            experiment.name + "/report.html\">" + experiment.name + "</a>. " +
            escape_html(verdict_line(report.finding)) + "</b><p>" + escape_html(experiment.claim) + "</p><p>" +
            escape_html(seeds_text(report)) + "</p></section>\n";
  }
  return page::page_html({.kind = "Deep Q-learning, the lab",
                          .heading = "The chapter's claims, measured",
                          .subtitle = std::to_string(reports.size()) + " experiments · deepq " + std::string(version()),
                          .body = rows});
}

}  // namespace deepq::lab
