// The page that leads to those of the experiments: one row each, from the reports on disk.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/lab/forest.h"
#include "deepq/lab/lab.h"
#include "deepq/lab/lab_assets.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"
#include "deepq/record/files.h"
#include "deepq/record/relative_path.h"
#include "deepq/record/run_folder.h"

namespace deepq::lab {
namespace {

using nlohmann::json;
using page::escape_html;

// Of report.json, as far as a row shows it.
struct Entry {
  bool there = false, quick = false;
  int64_t seeds = 0, first_seed = 0;
  std::string verdict;  // "": of a quick version
  std::vector<Outcome> outcomes;
};

double number_or_nan(const json& value) { return value.is_number() ? value.get<double>() : kNaN; }

std::optional<Answer> answer_of(const json& value) {
  for (const Answer answer : {Answer::kHolds, Answer::kFails, Answer::kOpen})
    if (value == answer_text(answer)) return answer;
  return {};
}

// Not there: no report yet, or one that is damaged or of another version.
Entry read_entry(const std::string& path) try {
  if (!path_exists(path)) return {};
  const json report = json::parse(read_file(path));
  Entry entry{.there = true,
              .quick = report.at("quick"),
              .seeds = report.at("seeds"),
              .first_seed = report.at("first_seed"),
              .verdict = report.at("verdict").is_string() ? report.at("verdict").get<std::string>() : "",
              .outcomes = {}};
  for (const json& check : report.at("checks"))
    entry.outcomes.push_back({.value = number_or_nan(check.at("value")),
                              .low = number_or_nan(check.at("low")),
                              .high = number_or_nan(check.at("high")),
                              .threshold = number_or_nan(check.at("threshold")),
                              .above = check.at("claimed") == "above",
                              .answer = answer_of(check.at("answer"))});
  return entry;
} catch (const std::exception&) {
  return {};
}

// As on the experiment's page: "✓", "◐" for a claim that holds in part.
Sign verdict_sign(const Entry& entry) {
  for (const auto& [verdict, sign] : {std::pair{Verdict::kHolds, Sign{"✓", "holds"}},
                                      {Verdict::kPart, {"◐", "part"}},
                                      {Verdict::kFails, {"✗", "not"}},
                                      {Verdict::kUndecided, {"○", "open"}}})
    if (entry.verdict == verdict_text(verdict)) return sign;
  return {"·", "none"};
}

std::string status_html(const Entry& entry, const Experiment& experiment) {
  if (!entry.there) return "Not run yet: deepq lab " + experiment.name;
  const std::string seeds = " · " + std::to_string(entry.seeds) + " seeds" +
                            (entry.first_seed > 0 ? ", from " + std::to_string(entry.first_seed) : "");
  // What a quick version found is not counted: it decides nothing.
  if (entry.quick) return "<b class=\"quick\">Quick, no verdict</b>" + seeds;
  const auto holds =
      std::ranges::count_if(entry.outcomes, [](const Outcome& outcome) { return outcome.answer == Answer::kHolds; });
  return escape_html(page::capitalized(entry.verdict)) + " · " + std::to_string(holds) + " of " +
         std::to_string(entry.outcomes.size()) + " statements hold" + seeds;
}

std::string row_html(const Entry& entry, const Experiment& experiment) {
  const Sign sign = verdict_sign(entry);
  const std::string claim = "“" + escape_html(experiment.claim) + "”";
  return "<li id=\"" + experiment.name + "\" class=\"" + (entry.there ? sign.style : "absent") +
         "\"><span class=\"sign\" aria-hidden=\"true\">" + sign.text + "</span><div><p class=\"kind\">" +
         escape_html(experiment.section) + "</p><p class=\"claim\">" +
         (entry.there ? "<a href=\"" + report_path(experiment.name) + "\">" + claim + "</a>" : claim) +
         "</p><p class=\"fine\">" + status_html(entry, experiment) + "</p></div>" +
         (entry.there ? thumbnail_svg(entry.outcomes) : "") + "</li>\n";
}

}  // namespace

std::string index_page(const std::string& folder) {
  std::string rows;
  size_t there = 0, quick = 0;
  for (const Experiment& experiment : experiments()) {
    const Entry entry = read_entry(folder + "/" + experiment.name + "/report.json");
    there += entry.there;
    quick += entry.quick;
    rows += row_html(entry, experiment);
  }
  std::string body = "<style>\n" + lab_asset("lab.css") + "</style>\n";
  if (quick > 0)
    body += "<p class=\"note loud\"><b>Quick.</b> No verdict: the quick version only shows the pictures. " +
            (quick == there ? std::string("All of these are quick") : std::to_string(quick) + " of these are quick") +
            "; the whole experiment may say the opposite.</p>\n";
  body += "<ol class=\"experiments\">\n" + rows +
          "</ol>\n<p class=\"fine\">✓ holds, ◐ holds in part, ✗ does not hold, ○ not decided. Right: a line for each "
          "statement, its value with its interval; the claimed side is shaded.</p>\n";
  return page::page_html(
      {.kind = "The lab",
       .heading = "The chapter's claims, measured",
       .subtitle = "The sections of the textbook chapter “" + std::string(kChapter) + "”, in its order: " +
                   std::to_string(there) + " of " + std::to_string(experiments().size()) + " experiments run",
       .body = body,
       .foot = {.command = "deepq lab all",
                .links = {page::link_to_docs(docs_path_from_page("chapter.md", folder + "/index.html"), "chapter.md")},
                .facts = {}}});
}

}  // namespace deepq::lab
