// The page of an experiment: the verdict as its title, the claim as a quotation, the answer to a student's question,
// the statements as a forest plot, then pictures, notes, tables and design.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>

#include "deepq/core/error.h"
#include "deepq/lab/forest.h"
#include "deepq/lab/lab.h"
#include "deepq/lab/lab_assets.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"
#include "deepq/record/relative_path.h"
#include "deepq/record/run_paths.h"

namespace deepq::lab {
namespace {

using page::escape_html;

std::string paragraph(const std::string& text, const char* style = "") {
  return "<p" + (*style == 0 ? "" : " class=\"" + std::string(style) + "\"") + ">" + escape_html(text) + "</p>\n";
}

std::string list_html(const std::vector<std::string>& items) {
  std::string html = "<ul>\n";
  for (const std::string& item : items) html += "<li>" + escape_html(item) + "</li>\n";
  return html + "</ul>\n";
}

std::string answer_html(const LabReport& report) {
  const Experiment& experiment = *report.experiment;
  const Finding& finding = report.finding;
  return "<section class=\"answer\"><h2>" + escape_html(experiment.question) + "</h2>\n" +
         paragraph(experiment.because, "because") +
         (finding.measured.empty()
              ? ""
              : paragraph("Measured, as means over " + std::to_string(report.seeds) + " seeds: " + finding.measured)) +
         finding.picture + "</section>\n";
}

std::string statements_html(const Finding& finding) {
  std::string html = "<section><h2>The statements</h2>\n" + forest_html(finding.checks, !finding.quick);
  if (!finding.terms.empty()) {
    html += "<dl class=\"terms\">\n";
    for (const Term& term : finding.terms)
      html += "<dt>" + escape_html(term.word) + "</dt><dd>" + escape_html(term.meaning) + "</dd>\n";
    html += "</dl>\n";
  }
  if (!finding.facts.empty())
    html += paragraph("Certain beforehand, and so no part of the verdict:") + list_html(finding.facts);
  return html + "</section>\n";
}

std::string pictures_html(const Finding& finding) {
  std::string html, narrow;
  for (const page::IntervalChart& chart : finding.intervals) html += page::intervals_html(chart);
  // Wide charts one below the other, narrow ones in columns after them.
  for (const page::Chart& chart : finding.charts) (chart.wide ? html : narrow) += page::figure_html(chart);
  if (!narrow.empty()) html += "<div class=\"grid\">\n" + narrow + "</div>\n";
  for (const Multiples& multiples : finding.multiples) {
    html += "<section class=\"multiples\"><h3>" + escape_html(multiples.title) + "</h3>" +
            paragraph(multiples.caption, "fine") + "<div>\n";
    for (const page::Chart& chart : multiples.charts) html += page::figure_html(chart);
    html += "</div></section>\n";
  }
  return html;
}

// What "(3 of 5)" behind a number or a name means, where it stands.
std::string counts_html(const std::string& html) {
  static const std::regex kCount("\\((\\d+) of (\\d+)\\)");
  std::smatch found;
  // The first that is found serves as the example for all.
  if (!std::regex_search(html, found, kCount)) return "";
  return paragraph("\"(" + found[1].str() + " of " + found[2].str() + ")\" behind a number: it is of " +
                       found[1].str() + " of the " + found[2].str() +
                       " runs; the others have none, since they diverged or what is measured never happened in them.",
                   "fine");
}

// What the intervals are and what decides; nothing is decided by a quick version.
std::string rule_text(const Finding& finding, int64_t seeds) {
  std::string text = "Intervals decide nothing. Over seeds: " + stats::interval_name(static_cast<size_t>(seeds)) +
                     "; of fractions of runs: Wilson's 95% interval.";
  if (finding.quick) return text;
  return text +
         " A verdict is computed: a statement is decided, for it or against it, when the p of its exact test is at "
         "most 0.05 after Holm's adjustment for the " +
         std::to_string(finding.checks.size()) +
         " statements. So where nothing differs, at most one experiment in 20 decides anything at all.";
}

std::string command_of(const LabReport& report) {
  return "deepq lab " + report.experiment->name + " --seeds " + std::to_string(report.seeds) +
         (report.first_seed > 0 ? " --first-seed " + std::to_string(report.first_seed) : "") +
         (report.quick ? " --quick" : "");
}

// The page of another experiment, or its row of the index while it has none.
page::Link link_to_experiment(const Experiment& other, const LabReport& report, const std::string& text) {
  // The page is FOLDER/NAME/report.html: two up is the folder of all experiments.
  const std::filesystem::path folder = std::filesystem::path(report.page).parent_path().parent_path();
  page::Link link =
      page::link_to_file(path_from_page(report_path((folder / other.name).string()), report.page), text + other.name);
  if (link.href.empty()) link.href = "../index.html#" + other.name;
  return link;
}

std::vector<page::Link> links_of(const LabReport& report) {
  std::vector<page::Link> links;
  const std::vector<Experiment>& all = experiments();
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].name != report.experiment->name) continue;
    if (i > 0) links.push_back(link_to_experiment(all[i - 1], report, "← "));
    links.push_back({"all experiments", "../index.html"});
    if (i + 1 < all.size()) links.push_back(link_to_experiment(all[i + 1], report, "→ "));
  }
  // An experiment that is not in the list, as tests have them.
  if (links.empty()) links.push_back({"all experiments", "../index.html"});
  for (const char* file : {"report.json", "statements.csv", "values.csv"}) links.push_back({file, file});
  links.push_back({"a file for each run, with its curves", report.quick ? "jobs-quick/" : "jobs/"});
  links.push_back(page::link_to_docs(docs_path_from_page("chapter.md", report.page), "chapter.md"));
  return links;
}

// The time and the machine are those of the runs, if this command made them all.
std::vector<std::string> facts_of(const LabReport& report) {
  if (report.kept_runs > 0)
    return {"from " + std::to_string(report.kept_runs) + " of " + std::to_string(report.runs) +
            " runs that were there already"};
  std::vector<std::string> facts{"in " + page::fixed_text(report.seconds, 0) + " seconds"};
  if (!report.machine.empty()) facts.push_back("on " + report.machine);
  return facts;
}

}  // namespace

std::string count_holds(const std::vector<Check>& checks) {
  const auto holds = std::ranges::count_if(checks, [](const Check& check) { return check.answer() == Answer::kHolds; });
  return std::to_string(holds) + " of " + std::to_string(checks.size());
}

std::string seeds_text(const LabReport& report) {
  return std::to_string(report.seeds) + " seeds for each setting" +
         (report.first_seed > 0 ? ", from " + std::to_string(report.first_seed) : "") +
         (report.quick ? ", the quick version: small, for a first look, without a verdict" : "");
}

std::string verdict_line(const Finding& finding) {
  const std::optional<Verdict> decided = verdict(finding);
  return decided ? "Verdict: " + verdict_text(*decided) : "No verdict: the quick version only shows the pictures";
}

std::string title_text(const Finding& finding) {
  const std::optional<Verdict> decided = verdict(finding);
  if (!decided) return "A quick look, no verdict";
  return page::capitalized(verdict_text(*decided)) + ": " + count_holds(finding.checks) +
         (finding.checks.size() == 1 ? " statement holds" : " statements hold");
}

std::string report_page(const LabReport& report) {
  const Experiment& experiment = *report.experiment;
  const Finding& finding = report.finding;
  std::string body = "<style>\n" + lab_asset("lab.css") + "</style>\n";
  if (report.quick)
    body += "<p class=\"note loud\"><b>Quick.</b> " + escape_html(verdict_line(finding)) +
            ". Its runs are short and few, and the whole experiment may say the opposite, whatever the intervals "
            "here.</p>\n";
  for (const std::string& caution : finding.cautions) body += paragraph(caution, "note");
  body += "<blockquote class=\"claim\"><p>" + escape_html(experiment.claim) +
          "</p><p class=\"source\">The claim of the textbook chapter “" + kChapter + "”, section “" +
          escape_html(experiment.section) + "”, as the lab words it</p></blockquote>\n";
  body += answer_html(report) + statements_html(finding);
  std::string numbers = pictures_html(finding), tables;
  for (const page::Table& table : finding.tables) tables += page::table_html(table);
  // The counts are explained where any text of the page has one.
  body += "<section><h2>What was measured</h2>\n" + numbers + tables + counts_html(body + numbers + tables);
  if (!finding.notes.empty()) body += "<h3 class=\"notes\">To read it rightly</h3>" + list_html(finding.notes);
  body += paragraph(rule_text(finding, report.seeds), "fine") + "</section>\n<section><h2>Design</h2>" +
          paragraph(experiment.design) + "</section>\n";
  std::vector<page::Chart> charts = finding.charts;
  for (const Multiples& multiples : finding.multiples)
    charts.insert(charts.end(), multiples.charts.begin(), multiples.charts.end());
  return page::page_html(
      {.kind = "The lab",
       .heading = title_text(finding),
       .subtitle = experiment.name + " · " + seeds_text(report),
       .body = body,
       .charts = charts,
       .foot = {.command = command_of(report), .links = links_of(report), .facts = facts_of(report)}});
}

}  // namespace deepq::lab
