#include "deepq/train/report.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "deepq/core/error.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"
#include "deepq/train/embedded.h"
#include "deepq/train/report_charts.h"
#include "deepq/train/report_data.h"
#include "deepq/train/report_tables.h"

namespace deepq {
namespace {

using namespace report;
using page::escape_html;
using page::fill_template;

// "seed 3", "seeds 0–19", "seeds 1, 4, 7".
std::string seeds_text(const std::vector<RunData>& runs) {
  std::vector<std::string> seeds;
  for (const RunData& run : runs) seeds.push_back(run.setting("train.seed"));
  if (seeds.size() == 1) return "seed " + seeds[0];
  bool consecutive = true;
  for (size_t i = 1; i < seeds.size(); ++i) {
    consecutive &= std::atoll(seeds[i].c_str()) == std::atoll(seeds[i - 1].c_str()) + 1;
  }
  return "seeds " + (consecutive && seeds.size() > 2 ? seeds.front() + "–" + seeds.back() : join(seeds));
}

std::string subtitle(const std::vector<RunData>& runs) {
  std::vector<std::string> parts;
  if (const std::string preset = runs[0].setting("preset"); !preset.empty()) parts.push_back("preset " + preset);
  parts.push_back(seeds_text(runs));
  std::set<std::string> versions;
  for (const RunData& run : runs) {
    if (!run.version.empty()) versions.insert(run.version);
  }
  if (!versions.empty()) parts.push_back("deepq " + join({versions.begin(), versions.end()}));
  return join(parts, " · ");
}

// Keys in which the runs differ, the seed aside.
std::set<std::string> differing_keys(const std::vector<RunData>& runs) {
  std::set<std::string> keys;
  for (const RunData& run : runs) {
    for (const auto& [key, value] : run.config) {
      if (key != "train.seed" && runs[0].setting(key) != value) keys.insert(key);
    }
    for (const auto& [key, value] : runs[0].config) {
      if (key != "train.seed" && run.setting(key) != value) keys.insert(key);
    }
  }
  return keys;
}

// What a reader must know before believing the numbers.
std::vector<std::string> notes(const std::vector<RunData>& runs) {
  std::vector<std::string> out;
  size_t unfinished = 0;
  std::set<std::string> seeds;
  for (const RunData& run : runs) {
    unfinished += run.summary ? 0 : 1;
    seeds.insert(run.setting("train.seed"));
  }
  if (unfinished > 0) {
    const std::string which = runs.size() == 1 ? "The run has" : std::to_string(unfinished) + " of the runs have";
    out.push_back(which + " no summary yet: still going on, or stopped from outside. The figures are those so far.");
  }
  if (seeds.size() < runs.size()) {
    out.push_back("Some runs share a seed, so they are not independent and the intervals are too narrow.");
  }
  if (const std::set<std::string> keys = differing_keys(runs); !keys.empty()) {
    out.push_back("The runs differ in more than the seed: " + join({keys.begin(), keys.end()}) + ".");
  }
  return out;
}

std::vector<RunData> read_runs(const std::vector<std::string>& run_folders) {
  if (run_folders.empty()) throw Error("make_report: no run folder is given; it needs at least one");
  std::vector<RunData> runs;
  for (const std::string& folder : run_folders) {
    runs.push_back(read_run(folder));
    if (runs.back().setting("env.id") != runs[0].setting("env.id")) {
      throw Error::of(folder, ": the run is of ", runs.back().setting("env.id"), " but ", run_folders[0], " is of ",
                      runs[0].setting("env.id"), "; one report is for runs of one setting");
    }
  }
  std::stable_sort(runs.begin(), runs.end(), [](const RunData& a, const RunData& b) {
    return std::atoll(a.setting("train.seed").c_str()) < std::atoll(b.setting("train.seed").c_str());
  });
  return runs;
}

}  // namespace

std::string make_report(const std::vector<std::string>& run_folders) {
  const std::vector<RunData> runs = read_runs(run_folders);
  const std::vector<page::Chart> charts = make_charts(runs);
  std::string learning, evaluation, small_figures, note_html;
  for (const page::Chart& chart : charts) {
    (chart.id == "learning" ? learning : chart.wide ? evaluation : small_figures) += page::figure_html(chart);
  }
  for (const std::string& note : notes(runs)) note_html += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  const std::string body =
      fill_template(embedded_report().front().content,
                    {{"notes", note_html},
                     {"tiles", tiles_html(runs)},
                     {"learning", learning},
                     {"phases", phases_html(runs)},
                     {"evaluation", evaluation},
                     {"runs", runs.size() > 1 ? runs_html(runs) : ""},
                     {"charts", small_figures},
                     {"config_of", runs.size() > 1 ? " of seed " + escape_html(runs[0].setting("train.seed")) : ""},
                     {"config", escape_html(runs[0].config_text)}});
  return page::page_html({.kind = "Deep Q-learning, run report",
                          .heading = runs[0].setting("env.id"),
                          .subtitle = subtitle(runs),
                          .body = body,
                          .charts = charts});
}

}  // namespace deepq
