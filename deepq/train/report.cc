#include "deepq/train/report.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "deepq/core/error.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"
#include "deepq/train/active_keys.h"
#include "deepq/train/embedded.h"
#include "deepq/train/report_charts.h"
#include "deepq/train/report_data.h"
#include "deepq/train/report_tables.h"
#include "deepq/train/run_notes.h"

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

// A config.toml of another version may have keys that this one does not know, or lack some.
std::string preset_text(const RunData& run) {
  const std::string name = run.setting("preset");
  try {
    return preset_label(from_toml(run.config_text, "config.toml", preset(name)));
  } catch (const Error&) {
    return name;
  }
}

std::string subtitle(const std::vector<RunData>& runs) {
  std::vector<std::string> parts;
  if (const std::string preset = preset_text(runs[0]); !preset.empty()) parts.push_back("preset " + preset);
  parts.push_back(seeds_text(runs));
  std::set<std::string> versions;
  for (const RunData& run : runs) {
    if (!run.version.empty()) versions.insert(run.version);
  }
  if (!versions.empty()) parts.push_back("deepq " + join({versions.begin(), versions.end()}));
  return join(parts, " · ");
}

struct Runs {
  std::vector<RunData> data;
  std::vector<std::string> notes;  // what a reader must know before believing the numbers
};

// One run for each seed, by seed.
Runs read_runs(const std::vector<std::string>& run_folders) {
  if (run_folders.empty()) throw Error("make_report: no run folder is given; it needs at least one");
  std::vector<RunData> all;
  std::vector<RunFacts> facts;
  for (const std::string& folder : run_folders) {
    all.push_back(read_run(folder));
    const RunData& run = all.back();
    facts.push_back({.source = folder, .config = run.config, .finished = run.summary.has_value()});
    if (run.setting("env.id") != all[0].setting("env.id")) {
      throw Error::of(folder, ": the run is of ", run.setting("env.id"), " but ", run_folders[0], " is of ",
                      all[0].setting("env.id"), "; one report is for runs of one setting");
    }
    const std::string other = differences(world_of(all[0].config), world_of(run.config), run_folders[0], folder);
    if (!other.empty())
      throw Error::of(folder, ": the run is of another world: ", other, "; one report is for one world");
  }
  Runs runs{.data = {}, .notes = notes_on(facts, "")};
  const std::vector<size_t> counts = originals(facts);
  for (size_t i = 0; i < all.size(); ++i)
    if (counts[i] == i) runs.data.push_back(std::move(all[i]));
  std::stable_sort(runs.data.begin(), runs.data.end(), [](const RunData& a, const RunData& b) {
    return std::atoll(a.setting("train.seed").c_str()) < std::atoll(b.setting("train.seed").c_str());
  });
  return runs;
}

}  // namespace

std::string make_report(const std::vector<std::string>& run_folders) {
  const auto [runs, notes] = read_runs(run_folders);
  const std::vector<page::Chart> charts = make_charts(runs);
  std::string learning, evaluation, small_figures, note_html;
  for (const page::Chart& chart : charts) {
    (chart.id == "learning" ? learning : chart.wide ? evaluation : small_figures) += page::figure_html(chart);
  }
  for (const std::string& note : notes) note_html += "<p class=\"note\">" + escape_html(note) + "</p>\n";
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
