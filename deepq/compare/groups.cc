#include <algorithm>
#include <map>
#include <set>

#include "deepq/compare/run_files.h"
#include "deepq/compare/score_table.h"
#include "deepq/core/error.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq::compare {
namespace {

struct Source {
  std::string name;  // as the user calls it; "": by its path
  std::string path;
};

// "NAME=PATH", where no path has all of that for a name.
Source source_of(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || path_exists(text)) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

// However it is called.
void refuse_one_folder_twice(const std::vector<Source>& sources) {
  // By the canonical path: a link and what it leads to are one folder.
  std::map<std::string, std::string> seen;
  for (const auto& [name, path] : sources) {
    const auto [before, is_new] = seen.try_emplace(canonical_path(path), path);
    if (!is_new) throw Error::of(before->second, " and ", path, " are one folder; each group needs one of its own");
  }
}

std::vector<Group> groups_of(const Source& source, const ColumnNames& columns) {
  std::vector<Group> groups;
  // A file is a table of scores with several groups in it; a folder is one group.
  if (path_exists(source.path) && !is_folder(source.path)) {
    groups = read_score_table(read_file(source.path), source.path);
    for (Group& group : groups) group.path = source.path;
  } else {
    groups.push_back(read_group(source.path, columns));
  }
  if (!source.name.empty() && groups.size() > 1)
    throw Error::of(source.path, " holds ", groups.size(), " groups; one name, ", source.name, ", is for one");
  if (!source.name.empty()) {
    groups[0].name = source.name;
    groups[0].is_named = true;
  }
  return groups;
}

// Names that a user gave stay; where others are equal, all others become the paths.
void give_each_a_name(std::vector<Group>& groups) {
  const auto twice = [&] {
    std::set<std::string> names;
    for (const Group& group : groups)
      if (!names.insert(group.name).second) return group.name;
    return std::string();
  };
  if (twice().empty()) return;
  for (Group& group : groups)
    if (!group.is_named) group.name = group.tasks[0].runs[0].has_episodes ? group.path : group.path + ": " + group.name;
  // Only names that the user gave can still be equal.
  if (const std::string name = twice(); !name.empty())
    throw Error::of("two groups are called ", name, "; each needs a name of its own: NAME=FOLDER");
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

bool has_task(const Group& group, const std::string& name) {
  return std::any_of(group.tasks.begin(), group.tasks.end(), [&](const Task& task) { return task.name == name; });
}

// CSV files name an environment and not its settings: where another group does, they count as of the same world, with a
// note when it is not the environment's usual one.
void share_settings(std::vector<Group>& groups) {
  for (Group& group : groups) {
    for (Task& task : group.tasks) {
      if (says_its_settings(task)) continue;
      for (const Group& other : groups) {
        if (&other == &group) continue;
        // The same environment, with its settings said.
        const auto same = [&](const Task& of_other) {
          return says_its_settings(of_other) && env_id_of(of_other.name) == task.name;
        };
        const auto found = std::find_if(other.tasks.begin(), other.tasks.end(), same);
        // Nor may two tasks of one group come to have one name.
        if (found == other.tasks.end() || has_task(group, found->name)) continue;
        group.notes.push_back(group.name + " does not say the settings of " + task.name + "; they are taken to be " +
                              other.name + "'s: " + found->name + ".");
        task.name = found->name;
        break;
      }
    }
    // Names may have changed, and groups are compared task by task in their order.
    std::sort(group.tasks.begin(), group.tasks.end(), [](const Task& a, const Task& b) { return a.name < b.name; });
  }
}

// Why two groups' tasks are not the same.
[[noreturn]] void refuse_other_tasks(const Group& a, const Group& b) {
  std::string worlds;
  for (const Task& of_a : a.tasks) {
    for (const Task& of_b : b.tasks) {
      // Of one task each the differing settings are named; of several the names alone tell which are missing.
      if (a.tasks.size() > 1 || !says_its_settings(of_a) || !says_its_settings(of_b)) continue;
      if (env_id_of(of_a.name) != env_id_of(of_b.name)) continue;
      worlds = setting_differences(deepq::world_of(of_a.runs[0].config), deepq::world_of(of_b.runs[0].config), a.name,
                                   b.name);
    }
  }
  throw Error::of(a.name, " is of ", task_names(a), " but ", b.name, " is of ", task_names(b),
                  worlds.empty() ? "" : ": " + worlds, "; all groups of a comparison must have the same environments");
}

}  // namespace

std::string env_id_of(const std::string& task_name) { return task_name.substr(0, task_name.find(" (")); }

std::vector<Group> read_groups(const std::vector<std::string>& sources, const ColumnNames& columns) {
  if (sources.empty()) throw Error("compare: no folder is given; it needs at least one");
  std::vector<Source> named;
  for (const std::string& source : sources) named.push_back(source_of(source));
  refuse_one_folder_twice(named);
  std::vector<Group> groups;
  for (const Source& source : named)
    for (Group& group : groups_of(source, columns)) groups.push_back(std::move(group));
  // Names first: the notes below use them. Settings last: they complete the tasks' names, which must then agree.
  give_each_a_name(groups);
  share_task_name(groups);
  for (Group& group : groups) note_merged_files(group);
  share_settings(groups);
  for (const Group& group : groups) {
    if (task_names(group) != task_names(groups[0])) refuse_other_tasks(groups[0], group);
  }
  return groups;
}

}  // namespace deepq::compare
