#include "deepq/report/repeat.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "deepq/core/error.h"
#include "deepq/page/text.h"
#include "deepq/record/run_paths.h"

namespace deepq::report {
namespace {

using page::escape_html;

std::string paragraph(const std::string& text) { return "<p>" + escape_html(text) + "</p>\n"; }

std::string commands_html(const std::vector<std::string>& commands) {
  return "<pre class=\"wrap\"><code>" + escape_html(join(commands, "\n")) + "</code></pre>\n";
}

// What was trained, as the beginning of commands: a run, or the seeds of a group.
struct Subject {
  std::string what, where;          // "run", "In the run's folder"
  std::vector<std::string> trains;  // "deepq train --config config.toml"; one for each range of seeds
};

std::string parent_of(const std::string& folder) { return std::filesystem::path(folder).parent_path().string(); }

bool are_seeds_of_one_setting(const std::vector<RunData>& runs) {
  const auto setting = [](const RunData& run) {
    FlatToml config = run.config;
    // Everything but the seed must agree.
    config.erase("train.seed");
    return config;
  };
  return std::ranges::all_of(runs, [&](const RunData& run) {
    return parent_of(run.folder) == parent_of(runs[0].folder) && setting(run) == setting(runs[0]) &&
           history_text(run.status.history) == history_text(runs[0].status.history);
  });
}

Subject subject_of(const std::vector<RunData>& runs, const std::vector<int64_t>& not_begun) {
  if (runs.size() + not_begun.size() == 1 || !are_seeds_of_one_setting(runs))
    return {"run",
            runs.size() == 1 ? "In the run's folder" : "In the folder of seed " + runs[0].setting("train.seed"),
            {std::string("deepq train --config ") + kConfigFile}};
  std::vector<int64_t> seeds = not_begun;
  for (const RunData& run : runs) seeds.push_back(std::atoll(run.setting("train.seed").c_str()));
  std::ranges::sort(seeds);
  const std::string name = std::filesystem::path(runs[0].folder).filename().string();
  const std::string config = page::shell_word(config_path(name));
  Subject subject{
      "runs", name.starts_with(kSeedFolderBegin) ? "In the group's folder" : "In the folder that holds them", {}};
  for (size_t first = 0, end = 0; first < seeds.size(); first = end) {
    // --seeds takes a count of consecutive seeds, so a group with gaps needs a command for each unbroken range.
    for (end = first + 1; end < seeds.size() && seeds[end] == seeds[end - 1] + 1;) ++end;
    subject.trains.push_back("deepq train --config " + config + " --seeds " + std::to_string(end - first) + " --seed " +
                             std::to_string(seeds[first]));
  }
  return subject;
}

// The commands for a run that was only made longer, each time at its end; none for any other.
std::vector<std::string> lengthening_commands(const ConfigHistory& history, const Subject& subject) {
  std::vector<std::string> commands;
  for (const ConfigChange& change : history) {
    // Any other change, or a longer run that was resumed before its end, cannot be repeated by commands alone.
    if (change.key != "train.env_steps" || change.from != std::to_string(change.env_steps)) return {};
    // Trained once, then lengthened as often as the history says.
    if (commands.empty())
      for (const std::string& train : subject.trains)
        commands.push_back(train + " --steps " + change.from + " --out NEW");
    commands.push_back("deepq resume NEW --steps " + change.to);
  }
  return commands;
}

}  // namespace

std::string repeat_html(const std::vector<RunData>& runs, const std::vector<int64_t>& not_begun) {
  const RunData& run = runs[0];
  const ConfigHistory& history = run.status.history;
  // First of all: commands beside a changed configuration would repeat another run than the one on the page.
  for (const RunData& one : runs)
    if (one.status.state == RunState::kChanged)
      return paragraph("This configuration is not the one that was run (" + one.status.reason +
                       "), so nothing here repeats it.");
  const Subject subject = subject_of(runs, not_begun);
  if (config_repeats(run.config, history)) {
    std::vector<std::string> commands;
    for (const std::string& train : subject.trains) commands.push_back(train + " --out NEW");
    return paragraph("The same build, configuration and seed give the same run, bit for bit. " + subject.where + ":") +
           commands_html(commands);
  }
  std::vector<std::string> changes;
  for (const ConfigChange& change : history) changes.push_back(describe(change));
  const bool one = subject.what == "run";
  const std::string what = "The " + subject.what + (one ? " was" : " were") + " changed while " +
                           (one ? "it" : "they") + " went on: " + join(changes, "; ") + ". ";
  if (const auto commands = lengthening_commands(history, subject); !commands.empty())
    return paragraph(what + "The same build repeats " + (one ? "it" : "them") + ", bit for bit, in as many parts:") +
           commands_html(commands);
  return paragraph(what +
                   "config.toml alone does not repeat it; the same build does with the earlier settings, changed at "
                   "the same steps.");
}

}  // namespace deepq::report
