// The pages of the lab, and the same as JSON.
#include <nlohmann/json.hpp>

#include "deepq/core/version.h"
#include "deepq/lab/lab.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

using page::escape_html;

// Of page.css.
const char* verdict_class(Verdict verdict) {
  switch (verdict) {
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

const char* answer_text(Answer answer) {
  return answer == Answer::kHolds ? "holds" : answer == Answer::kFails ? "does not hold" : "not decided";
}

std::string verdict_html(const std::vector<Check>& checks) {
  const Verdict decided = verdict(checks);
  std::string html = "<div class=\"verdict " + std::string(verdict_class(decided)) +
                     "\"><b>Verdict: " + verdict_text(decided) + "</b>\n<ul>\n";
  for (const Check& check : checks) html += "<li>" + escape_html(check.text()) + "</li>\n";
  return html + "</ul></div>\n";
}

std::string command_of(const LabReport& report) {
  return "deepq lab " + report.experiment->name + " --seeds " + std::to_string(report.seeds) +
         (report.first_seed > 0 ? " --first-seed " + std::to_string(report.first_seed) : "") +
         (report.quick ? " --quick" : "");
}

std::string seeds_text(const LabReport& report) {
  return std::to_string(report.seeds) + " seeds for each setting" +
         (report.first_seed > 0 ? ", from " + std::to_string(report.first_seed) : "") +
         (report.quick ? ", the quick version: small, for a first look; the whole experiment may decide otherwise"
                       : "");
}

}  // namespace

std::string report_page(const LabReport& report) {
  const Experiment& experiment = *report.experiment;
  const Finding& finding = report.finding;
  std::string body = verdict_html(finding.checks);
  for (const std::string& note : finding.notes) body += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  body += "<section><h2>Design</h2><p>" + escape_html(experiment.design) + "</p></section>\n<section>\n";
  body += "<h2>What was measured</h2>\n";
  for (const page::IntervalChart& chart : finding.intervals) body += page::intervals_html(chart);
  for (const page::Chart& chart : finding.charts) body += chart.wide ? page::figure_html(chart) : "";
  body += "<div class=\"grid\">\n";
  for (const page::Chart& chart : finding.charts) body += chart.wide ? "" : page::figure_html(chart);
  body += "</div>\n";
  for (const page::Table& table : finding.tables) body += page::table_html(table);
  body +=
      "<p class=\"fine\">Intervals are 95% intervals over seeds. A verdict is computed: a statement holds when its "
      "whole interval is on the claimed side.</p></section>\n<section><h2>Repeat it</h2><pre><code>" +
      command_of(report) + "</code></pre></section>\n";
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
  for (const Check& check : finding.checks) {
    checks.push_back({{"statement", check.statement},
                      {"quantity", check.quantity},
                      {"value", check.interval.value},
                      {"low", check.interval.low},
                      {"high", check.interval.high},
                      {"claimed", check.above ? "above" : "below"},
                      {"threshold", check.threshold},
                      {"answer", answer_text(check.answer())}});
  }
  for (const page::Table& table : finding.tables)
    tables.push_back({{"caption", table.caption}, {"columns", table.columns}, {"rows", table.rows}});
  return {{"deepq_version", version()},
          {"experiment", report.experiment->name},
          {"claim", report.experiment->claim},
          {"design", report.experiment->design},
          {"quick", report.quick},
          {"seeds", report.seeds},
          {"first_seed", report.first_seed},
          {"seconds", report.seconds},
          {"verdict", verdict_text(verdict(finding.checks))},
          {"checks", checks},
          {"tables", tables},
          {"notes", finding.notes},
          {"page", report.page}};
}

std::string index_page(const std::vector<LabReport>& reports) {
  std::string rows;
  for (const LabReport& report : reports) {
    const Experiment& experiment = *report.experiment;
    const Verdict decided = verdict(report.finding.checks);
    rows += "<section class=\"verdict " + std::string(verdict_class(decided)) + "\"><b><a href=\"" + experiment.name +
            "/report.html\">" + experiment.name + "</a>: " + verdict_text(decided) + "</b><p>" +
            escape_html(experiment.claim) + "</p></section>\n";
  }
  return page::page_html({.kind = "Deep Q-learning, the lab",
                          .heading = "The chapter's claims, measured",
                          .subtitle = std::to_string(reports.size()) + " experiments · deepq " + std::string(version()),
                          .body = rows});
}

}  // namespace deepq::lab
