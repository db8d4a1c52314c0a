#include "deepq/report/report.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "deepq/config/active_keys.h"
#include "deepq/core/embedded.h"
#include "deepq/core/error.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"
#include "deepq/record/files.h"
#include "deepq/record/relative_path.h"
#include "deepq/record/run_data.h"
#include "deepq/record/run_notes.h"
#include "deepq/record/run_paths.h"
#include "deepq/report/charts.h"
#include "deepq/report/repeat.h"
#include "deepq/report/sentence.h"
#include "deepq/report/tables.h"

namespace deepq {

std::span<const EmbeddedFile> embedded_report();  // assets/report.html, by deepq_embed (cmake/EmbedFiles.cmake)

namespace {

using namespace report;

constexpr int64_t kSecondsBetweenReads = 15;  // of the page of a run that goes on

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
  // Two seeds are listed: "seeds 0, 1" is as short as a range.
  return "seeds " + (consecutive && seeds.size() > 2 ? seeds.front() + "–" + seeds.back() : join(seeds));
}

// A config.toml of another version may have keys that this one does not know, or lack some.
std::string preset_text(const RunData& run) {
  const std::string name = run.setting("preset");
  try {
    return preset_label(from_toml(run.config_text, kConfigFile, preset(name)));
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
    if (run.summary() && !run.summary()->version.empty()) versions.insert(run.summary()->version);
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
    facts.push_back({.source = folder,
                     .config = run.config,
                     .finished = run.status.finished(),
                     .reason = run.status.reason,
                     .first_episode = run.first_episode(),
                     .history = run.status.history});
    if (run.setting("env.id") != all[0].setting("env.id")) {
      throw Error::of(folder, ": the run is of ", run.setting("env.id"), " but ", run_folders[0], " is of ",
                      all[0].setting("env.id"), "; one report is for runs of one setting");
    }
    // Runs with other settings of the world have other returns: their mean would be of nothing.
    const std::string other =
        setting_differences(world_of(all[0].config), world_of(run.config), run_folders[0], folder);
    if (!other.empty())
      throw Error::of(folder, ": the run is of another world: ", other, "; one report is for one world");
  }
  Runs runs{.data = {}, .notes = notes_on(facts, "")};
  const std::vector<size_t> counts = originals(facts);
  for (size_t i = 0; i < all.size(); ++i)
    if (counts[i] == i) runs.data.push_back(std::move(all[i]));  // copies are told of in the notes and counted once
  std::stable_sort(runs.data.begin(), runs.data.end(), [](const RunData& a, const RunData& b) {
    return std::atoll(a.setting("train.seed").c_str()) < std::atoll(b.setting("train.seed").c_str());
  });
  return runs;
}

std::string not_begun_note(size_t runs, const std::vector<int64_t>& seeds) {
  const std::string all = std::to_string(runs + seeds.size()), some = std::to_string(seeds.size());
  std::vector<std::string> texts;
  for (const int64_t seed : seeds) texts.push_back(std::to_string(seed));
  // They are ascending, so last - first says whether one is missing in between.
  const bool whole = seeds.size() > 2 && seeds.back() - seeds.front() + 1 == static_cast<int64_t>(seeds.size());
  return "Of the " + all + " seeds of this group " + some + (seeds.size() == 1 ? " was" : " were") +
         " not begun: " + (whole ? texts.front() + " to " + texts.back() : join(texts)) +
         ". deepq resume, with the group's folder, trains what is left.";
}

// Of one run its files, and the page of its group, which is there when all seeds have ended.
page::Foot foot_of(const std::vector<RunData>& runs, const ReportOrigin& origin) {
  page::Foot foot{.command = origin.command};
  const auto add = [&](const page::Link& link) {
    if (!link.href.empty()) foot.links.push_back(link);
  };
  if (runs.size() == 1) {
    for (const char* name : kFilesOfARun)
      add(page::link_to_file(path_from_page(runs[0].folder + "/" + name, origin.path), name));
    // The link is relative to the run's own folder, so a page that lies elsewhere does without it.
    if (path_exists(group_path(runs[0].folder + "/..")) && origin.path == report_path(runs[0].folder))
      add({"report of all seeds, once they have ended", report_path("..")});
  }
  foot.links.push_back(page::link_to_docs(docs_path_from_page("run_folder.md", origin.path), "run_folder.md"));
  return foot;
}

}  // namespace

std::string make_report(const std::vector<std::string>& run_folders, const ReportOrigin& origin) {
  auto [runs, notes] = read_runs(run_folders);
  notes.insert(notes.end(), origin.notes.begin(), origin.notes.end());
  if (!origin.not_begun.empty()) notes.push_back(not_begun_note(runs.size(), origin.not_begun));
  const std::vector<page::Chart> charts = make_charts(runs);
  std::string learning, evaluation, small_figures, note_html;
  for (const page::Chart& chart : charts) {
    // The template has three places for figures: learning curve, then evaluation, then the rest in columns.
    (chart.id == "learning" ? learning : chart.wide ? evaluation : small_figures) += page::figure_html(chart);
  }
  for (const std::string& note : notes) note_html += "<p class=\"note\">" + escape_html(note) + "</p>\n";
  const std::string body =
      fill_template(embedded_report().front().content,
                    {{"notes", note_html},
                     {"result", escape_html(result_sentence(runs, origin.not_begun.size()))},
                     {"tiles", tiles_html(runs, origin.not_begun.size())},
                     {"learning", learning},
                     {"phases", is_chapters(runs) ? phases_html(runs) : ""},
                     {"evaluation", evaluation},
                     {"runs", runs.size() > 1 ? runs_html(runs, origin.path) : ""},
                     {"charts", small_figures},
                     {"thinned", thinning_note(runs)},
                     {"repeat", repeat_html(runs, origin.not_begun)},
                     {"config_of", runs.size() > 1 ? " of seed " + escape_html(runs[0].setting("train.seed")) : ""},
                     {"config", escape_html(runs[0].config_text)}});
  const bool goes_on =
      std::ranges::any_of(runs, [](const RunData& run) { return run.status.state == RunState::kGoingOn; });
  return page::page_html({.kind = "Deep Q-learning, run report",
                          .heading = runs[0].setting("env.id"),
                          .subtitle = subtitle(runs),
                          .body = body,
                          .charts = charts,
                          // 0: the page of runs that have ended is read once.
                          .refresh_seconds = goes_on ? kSecondsBetweenReads : 0,
                          .foot = foot_of(runs, origin)});
}

}  // namespace deepq
