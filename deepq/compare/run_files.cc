#include "deepq/compare/run_files.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "deepq/compare/folder_names.h"
#include "deepq/core/error.h"
#include "deepq/record/files.h"
#include "deepq/record/run_data.h"
#include "deepq/record/run_folder.h"

namespace deepq::compare {
namespace {

namespace fs = std::filesystem;

// What is in a folder, by name; shorter names first, so that seed-10 follows seed-9.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const std::string& entry : folder_entries(folder.string())) found.emplace_back(entry);
  return found;
}

bool is_run_folder(const fs::path& path) { return path_exists(config_path(path.string())); }

// What a run folder holds, though it be no whole episode.
Run run_of(const std::string& folder) {
  const RunData data = read_run(folder);
  Run run{.source = folder,
          .env = data.setting("env.id"),
          .steps = data.episodes["env_steps"],
          .returns = data.episodes["return"],
          .lengths = data.episodes["length"]};
  run.config = data.config;
  run.finished = data.status.finished();
  run.reason = data.status.reason;
  run.first_episode = data.first_episode();
  run.history = data.status.history;
  // Only of a finished run: an earlier evaluation is of a state that training has left.
  if (run.finished && data.summary()->eval_episodes > 0) {
    run.final_evaluation = data.summary()->eval_mean_return;
    run.evaluated = data.summary()->eval_episodes;
    run.planned = data.summary()->eval_planned_episodes;
  }
  return run;
}

void require_episode(const Run& run) {
  if (run.returns.empty()) throw Error::of(run.source, ": the run has no whole episode yet; it needs at least one");
}

// One seed that failed at once must not hide the others, nor be hidden by them.
void leave_out(const std::vector<Run>& without_episode, std::vector<Run>& runs) {
  for (const Run& run : without_episode) {
    if (runs.empty() || run.finished) require_episode(run);  // finished: its table was deleted
    runs[0].notes.push_back(run.source + " has no whole episode" + (run.reason.empty() ? "" : " (" + run.reason + ")") +
                            ", and so no score: it is left out, and nothing here counts it.");
  }
}

std::vector<Run> runs_in(const fs::path& folder, const ColumnNames& columns) {
  if (is_run_folder(folder)) return {read_run_folder(folder.string())};
  std::vector<Run> runs, without_episode;
  std::vector<std::string> monitors, tables, evaluations, events;
  for (const fs::path& path : entries(folder)) {
    const std::string name = path.filename().string();
    if (is_folder(path.string())) {
      if (!is_run_folder(path)) continue;
      Run run = run_of(path.string());
      (run.returns.empty() ? without_episode : runs).push_back(std::move(run));
    } else if (name.ends_with("monitor.csv")) {
      monitors.push_back(path.string());
    } else if (name.ends_with(".csv")) {
      tables.push_back(path.string());
    } else if (name == "evaluations.npz") {
      evaluations.push_back(path.string());
    } else if (name.find("tfevents") != std::string::npos) {
      events.push_back(path.string());
    }
  }
  // Run folders and Monitor files count together; the other kinds only where there are none of these, one kind at a
  // time.
  for (Run& run : read_monitor_runs(monitors)) runs.push_back(std::move(run));
  leave_out(without_episode, runs);
  if (!runs.empty()) return runs;
  for (const std::string& path : tables) runs.push_back(read_csv_run(read_file(path), path, columns));
  if (!runs.empty()) return runs;
  for (const std::string& path : evaluations) runs.push_back(read_evaluations_run(read_file(path), path));
  // TensorBoard takes all event files of a folder for one run, and so is done here.
  if (runs.empty() && !events.empty()) runs.push_back(read_event_run(events, columns));
  return runs;
}

// The one world that the runs of a folder are of, as its name; "" when none says it.
std::string world_of(const std::vector<Run>& runs, const std::string& folder) {
  // The first run that names an environment, and the first whose settings are known too: CSV files know the former
  // alone.
  const Run *named = nullptr, *configured = nullptr;
  for (const Run& run : runs) {
    if (run.env.empty()) continue;
    if (named && run.env != named->env) {
      throw Error::of(folder, " mixes environments: ", named->source, " is of ", named->env, ", ", run.source, " of ",
                      run.env, "; each needs a folder of its own");
    }
    if (!named) named = &run;
    if (run.config.empty()) continue;
    if (configured) {
      const std::string other = setting_differences(deepq::world_of(configured->config), deepq::world_of(run.config),
                                                    configured->source, run.source);
      if (!other.empty()) throw Error::of(folder, " mixes worlds: ", other, "; each needs a folder of its own");
    }
    configured = &run;
  }
  return configured ? world_name(configured->config) : named ? named->env : "";
}

std::string name_of(fs::path folder) {
  folder = folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // a slash at the end
  if (folder == "." || folder.filename() == "..") folder = canonical_path(folder.string());
  const std::string name = folder.filename().string();
  return name.empty() ? folder.string() : name;
}

// The same of several files is said once, of the first of them.
void take_notes(Group& group) {
  struct Note {
    std::string source, text;
    size_t others = 0;
  };
  std::vector<Note> notes;
  for (const Task& task : group.tasks) {
    for (const Run& run : task.runs) {
      for (const std::string& note : run.notes) {
        const bool of_source = note.starts_with(run.source);
        Note one{of_source ? run.source : "", of_source ? note.substr(run.source.size()) : note};
        const auto same = std::ranges::find_if(notes, [&](const Note& other) { return other.text == one.text; });
        // Equal but for the file that they begin with.
        same == notes.end() ? notes.push_back(std::move(one)) : static_cast<void>(++same->others);
      }
    }
  }
  for (const Note& note : notes)
    group.notes.push_back(note.source + (note.others > 0 ? " and " + std::to_string(note.others) + " more" : "") +
                          note.text);
}

}  // namespace

Run read_run_folder(const std::string& folder) {
  Run run = run_of(folder);
  require_episode(run);
  return run;
}

Group read_group(const std::string& folder, const ColumnNames& columns) {
  require_exists(folder);
  if (!is_folder(folder)) throw Error::of(folder, " is not a folder");
  Group group{.name = name_of(folder), .tasks = {}, .path = folder};
  // Runs directly in the folder are one task; else each of its folders is one.
  if (std::vector<Run> runs = runs_in(folder, columns); !runs.empty()) {
    const std::string world = world_of(runs, folder);
    group.tasks.push_back({world, std::move(runs)});
    take_notes(group);
    return group;
  }
  std::map<std::string, std::vector<Run>> tasks;
  for (const fs::path& path : entries(folder)) {
    if (!is_folder(path.string())) continue;
    const std::vector<Run> runs = runs_in(path, columns);
    const std::string world = world_of(runs, path.string());
    std::vector<Run>& task = tasks[world.empty() ? task_in_name(path.filename().string(), runs.size()) : world];
    task.insert(task.end(), runs.begin(), runs.end());
  }
  for (auto& [name, runs] : tasks) {
    if (!runs.empty()) group.tasks.push_back({name, std::move(runs)});
  }
  // The map is in order, so an empty name is the first.
  if (group.tasks.size() > 1 && group.tasks[0].name.empty())
    throw Error::of(folder, " mixes folders that name an environment (", group.tasks[1].name,
                    ") with some that do not (", group.tasks[0].runs[0].source,
                    "); each environment needs a folder of its own");
  if (group.tasks.empty()) {
    throw Error::of(folder,
                    " holds no runs: neither run folders (such as seed-0) nor CSV files, and no folders of them");
  }
  take_notes(group);
  return group;
}

}  // namespace deepq::compare
