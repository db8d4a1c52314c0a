#include "deepq/compare/run_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "deepq/core/error.h"
#include "deepq/train/files.h"
#include "deepq/train/report_data.h"
#include "deepq/train/run_folder.h"

namespace deepq::compare {
namespace {

namespace fs = std::filesystem;

// What is in a folder, by name; shorter names first, so that seed-10 follows seed-9.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const std::string& entry : folder_entries(folder.string())) found.emplace_back(entry);
  return found;
}

bool is_run_folder(const fs::path& path) { return path_exists((path / "config.toml").string()); }

std::vector<Run> runs_in(const fs::path& folder, const ColumnNames& columns) {
  if (is_run_folder(folder)) return {read_run_folder(folder.string())};
  std::vector<Run> runs;
  std::vector<fs::path> tables;
  std::vector<std::string> monitors;
  for (const fs::path& path : entries(folder)) {
    const std::string name = path.filename().string();
    if (is_folder(path.string())) {
      if (is_run_folder(path)) runs.push_back(read_run_folder(path.string()));
    } else if (name.ends_with(".csv")) {
      if (name.ends_with("monitor.csv")) {
        monitors.push_back(path.string());
      } else {
        tables.push_back(path);
      }
    }
  }
  for (Run& run : read_monitor_runs(monitors)) runs.push_back(std::move(run));
  if (!monitors.empty()) return runs;
  for (const fs::path& path : tables) runs.push_back(read_csv_run(read_file(path.string()), path.string(), columns));
  return runs;
}

// The one world that the runs of a folder are of, as its name; "" when none says it.
std::string world_of(const std::vector<Run>& runs, const std::string& folder) {
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
      const std::string other = report::differences(report::world_of(configured->config), report::world_of(run.config),
                                                    configured->source, run.source);
      if (!other.empty()) throw Error::of(folder, " mixes worlds: ", other, "; each needs a folder of its own");
    }
    configured = &run;
  }
  return configured ? report::world_name(configured->config) : named ? named->env : "";
}

std::string name_of(fs::path folder) {
  folder = folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // a slash at the end
  if (folder == "." || folder.filename() == "..") folder = canonical_path(folder.string());
  const std::string name = folder.filename().string();
  return name.empty() ? folder.string() : name;
}

// However it is called.
void refuse_one_folder_twice(const std::vector<std::string>& folders) {
  std::map<std::string, std::string> seen;
  for (const std::string& folder : folders) {
    const auto [before, is_new] = seen.try_emplace(canonical_path(folder), folder);
    if (!is_new) throw Error::of(before->second, " and ", folder, " are one folder; each group needs one of its own");
  }
}

std::string task_names(const Group& group) {
  std::vector<std::string> names;
  for (const Task& task : group.tasks) names.push_back(task.name.empty() ? "an environment without a name" : task.name);
  return join(names);
}

// Groups of a single task may leave its name to the others.
void share_task_name(std::vector<Group>& groups) {
  std::string name;
  for (const Group& group : groups) {
    if (group.tasks.size() != 1) return;
    if (name.empty()) name = group.tasks[0].name;
  }
  for (Group& group : groups) {
    if (group.tasks[0].name.empty()) group.tasks[0].name = name;
  }
}

void take_notes(Group& group) {
  for (const Task& task : group.tasks)
    for (const Run& run : task.runs) group.notes.insert(group.notes.end(), run.notes.begin(), run.notes.end());
}

void note_merged_files(Group& group) {
  size_t files = 0, runs = 0;
  for (const Task& task : group.tasks) {
    for (const Run& run : task.runs) files += run.files;
    runs += task.runs.size();
  }
  if (files == runs) return;
  group.notes.push_back(std::to_string(files) + " Monitor files of " + group.name + " are " + std::to_string(runs) +
                        (runs == 1 ? " run" : " runs") +
                        ": numbered ones side by side, written at the same time, are one run's environments.");
}

bool says_its_settings(const Task& task) {
  return std::any_of(task.runs.begin(), task.runs.end(), [](const Run& run) { return !run.config.empty(); });
}

// CSV files name an environment and not its settings: where another group does, they count as of the same world, with a
// note when it is not the environment's usual one.
void share_settings(std::vector<Group>& groups) {
  for (Group& group : groups) {
    for (Task& task : group.tasks) {
      if (says_its_settings(task)) continue;
      for (const Group& other : groups) {
        const auto same = [&](const Task& of_other) {
          return says_its_settings(of_other) && env_id_of(of_other.name) == task.name;
        };
        const auto found = std::find_if(other.tasks.begin(), other.tasks.end(), same);
        if (found == other.tasks.end() || found->name == task.name) continue;
        group.notes.push_back(group.name + " does not say the settings of " + task.name + "; they are taken to be " +
                              other.name + "'s: " + found->name + ".");
        task.name = found->name;
        break;
      }
    }
    std::sort(group.tasks.begin(), group.tasks.end(), [](const Task& a, const Task& b) { return a.name < b.name; });
  }
}

// Why two groups' tasks are not the same.
[[noreturn]] void refuse_other_tasks(const Group& a, const Group& b) {
  std::string worlds;
  for (const Task& of_a : a.tasks) {
    for (const Task& of_b : b.tasks) {
      if (a.tasks.size() > 1 || !says_its_settings(of_a) || !says_its_settings(of_b)) continue;
      if (env_id_of(of_a.name) != env_id_of(of_b.name)) continue;
      worlds = report::differences(report::world_of(of_a.runs[0].config), report::world_of(of_b.runs[0].config), a.name,
                                   b.name);
    }
  }
  throw Error::of(a.name, " is of ", task_names(a), " but ", b.name, " is of ", task_names(b),
                  worlds.empty() ? "" : ": " + worlds, "; all groups of a comparison must have the same environments");
}

}  // namespace

std::string env_id_of(const std::string& task_name) { return task_name.substr(0, task_name.find(" (")); }

Run read_run_folder(const std::string& folder) {
  const report::RunData data = report::read_run(folder);
  Run run{.source = folder,
          .env = data.setting("env.id"),
          .steps = data.episodes["env_steps"],
          .returns = data.episodes["return"],
          .lengths = data.episodes["length"]};
  if (run.returns.empty()) throw Error::of(folder, ": the run has no whole episode yet; it needs at least one");
  run.config = data.config;
  run.finished = data.status.finished();
  run.reason = data.status.reason;
  run.first_episode = data.first_episode();
  run.history = data.status.history;
  if (run.finished && data.summary()->eval_episodes > 0) {
    run.final_evaluation = data.summary()->eval_mean_return;
    run.evaluated = data.summary()->eval_episodes;
    run.planned = data.summary()->eval_planned_episodes;
  }
  return run;
}

Group read_group(const std::string& folder, const ColumnNames& columns) {
  if (!is_folder(folder)) throw Error::of(folder, " is not a folder");
  Group group{.name = name_of(folder), .tasks = {}};
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
    std::vector<Run>& task = tasks[world.empty() ? path.filename().string() : world];
    task.insert(task.end(), runs.begin(), runs.end());
  }
  for (auto& [name, runs] : tasks) {
    if (!runs.empty()) group.tasks.push_back({name, std::move(runs)});
  }
  if (group.tasks.empty()) {
    throw Error::of(folder,
                    " holds no runs: neither run folders (such as seed-0) nor CSV files, and no folders of them");
  }
  take_notes(group);
  return group;
}

std::vector<Group> read_groups(const std::vector<std::string>& folders, const ColumnNames& columns) {
  if (folders.empty()) throw Error("compare: no folder is given; it needs at least one");
  refuse_one_folder_twice(folders);
  std::vector<Group> groups;
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    groups.push_back(read_group(folder, columns));
    names.insert(groups.back().name);
  }
  if (names.size() < groups.size()) {
    for (size_t i = 0; i < groups.size(); ++i) groups[i].name = folders[i];
  }
  share_task_name(groups);
  for (Group& group : groups) note_merged_files(group);
  share_settings(groups);
  for (const Group& group : groups) {
    if (task_names(group) != task_names(groups[0])) refuse_other_tasks(groups[0], group);
  }
  return groups;
}

}  // namespace deepq::compare
