#include "deepq/compare/group_notes.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "deepq/page/text.h"

namespace deepq::compare {
namespace {

template <class Visit>
void each_run(const std::vector<Group>& groups, const Visit& visit) {
  for (const Group& group : groups) {
    for (const Task& task : group.tasks) {
      for (const Run& run : task.runs) visit(run);
    }
  }
}

std::vector<RunFacts> facts_of(const Task& task) {
  std::vector<RunFacts> facts;
  for (const Run& run : task.runs)
    facts.push_back({run.source, run.config, run.finished, run.reason, run.first_episode, run.history});
  return facts;
}

// Two runs of some length never have the same returns at the same steps, unless one was copied.
bool same_episodes(const Run& a, const Run& b) {
  // Short or constant runs may agree by chance: CartPole's are all 500 in the end.
  constexpr size_t kTooFewToTell = 10;
  const bool varied = std::adjacent_find(a.returns.begin(), a.returns.end(), std::not_equal_to<>()) != a.returns.end();
  return a.returns.size() >= kTooFewToTell && varied && a.returns == b.returns && a.steps == b.steps;
}

// The first run before this one with the same episodes; its own place: none.
size_t same_before(const Task& task, size_t run) {
  for (size_t i = 0; i < run; ++i)
    if (same_episodes(task.runs[run], task.runs[i])) return i;
  return run;
}

// Files say no seed: what they hold tells copies. (Folders do, and a world without chance gives all seeds the same.)
bool is_copied_file(const Task& task, size_t run) {
  const size_t other = same_before(task, run);
  return other != run && task.runs[run].config.empty() && task.runs[other].config.empty();
}

void note_same_episodes(const Task& task, std::vector<std::string>& notes) {
  const std::vector<size_t> counts = originals(facts_of(task));
  for (size_t i = 0; i < task.runs.size(); ++i) {
    const size_t other = same_before(task, i);
    if (other == i || counts[i] != i || counts[other] != other) continue;  // copies of a seed are noted already
    notes.push_back(task.runs[i].source + " holds the same episodes as " + task.runs[other].source +
                    (is_copied_file(task, i)
                         ? ": a copy, which does not count."
                         : ": copies are no independent runs, and the verdicts take them for such."));
  }
}

struct Ends {
  double first = std::numeric_limits<double>::infinity(), last = 0;  // of the runs' last episodes
  bool differ = false;                                               // by more than the longest episode and a tenth
};

Ends ends_of(const std::vector<Group>& groups, size_t task) {
  Ends ends;
  double episode = 0;
  for (const Group& group : groups) {
    for (const Run& run : group.tasks[task].runs) {
      ends.last = std::max(ends.last, run.steps.back());
      ends.first = std::min(ends.first, run.steps.back());
      // The longest episode: runs that end within one of each other have the same length.
      double before = 0;
      for (const double step : run.steps) episode = std::max(episode, step - std::exchange(before, step));
      for (const double length : run.lengths) episode = std::max(episode, length);
    }
  }
  // A difference of less than a tenth, or of one episode, is how runs end and no other length of training.
  ends.differ = ends.first + episode < 0.9 * ends.last;
  return ends;
}

void note_other_lengths(const Comparison& comparison, const std::vector<Group>& groups,
                        std::vector<std::string>& notes) {
  for (size_t task = 0; task < groups[0].tasks.size(); ++task) {
    const Ends ends = ends_of(groups, task);
    if (!ends.differ) continue;
    notes.push_back((groups[0].tasks.size() > 1 ? groups[0].tasks[task].name + ": r" : "R") +
                    std::string("uns of other lengths are compared: the last episodes end at ") +
                    page::fixed_text(ends.first, 0) + " to " + page::fixed_text(ends.last, 0) + " environment steps" +
                    (comparison.score == Score::kAuc ? "; areas go up to the first of them." : "."));
  }
}

// How the groups' first runs were trained and evaluated, against the first group's.
void note_other_protocols(const std::vector<Group>& groups, std::vector<std::string>& notes) {
  for (size_t task = 0; task < groups[0].tasks.size(); ++task) {
    const FlatToml& first = groups[0].tasks[task].runs[0].config;
    for (const Group& group : groups) {
      const FlatToml& other = group.tasks[task].runs[0].config;
      if (first.empty() || other.empty()) continue;
      // The first run of each speaks for its group: notes_on() tells where runs of a group differ.
      const std::string found = setting_differences(protocol_of(first), protocol_of(other), groups[0].name, group.name);
      if (found.empty()) continue;
      notes.push_back((groups[0].tasks.size() > 1 ? group.tasks[task].name + ": t" : "T") +
                      std::string("he groups were trained for other lengths or evaluated in other ways: ") + found +
                      ".");
    }
  }
}

// Where only some runs have an evaluation after training (others failed, or go on), nobody's counts.
void note_missing_evaluations(const std::vector<Group>& groups, std::vector<std::string>& notes) {
  size_t missing = 0, all = 0;
  each_run(groups, [&](const Run& run) {
    missing += std::isnan(run.final_evaluation) ? 1 : 0;
    ++all;
  });
  if (missing == 0 || missing == all) return;
  notes.push_back(std::to_string(missing) + " of the " + std::to_string(all) +
                  " runs have no evaluation after training, so the last 100 training episodes count, of every run.");
}

// Evaluations that were bounded: the longest episodes are the ones that they leave out.
void note_short_evaluations(const Task& task, const std::string& group, std::vector<std::string>& notes) {
  size_t cut = 0;
  int64_t fewest = std::numeric_limits<int64_t>::max();
  for (const Run& run : task.runs) {
    if (run.evaluated >= run.planned) continue;
    ++cut;
    fewest = std::min(fewest, run.evaluated);
  }
  if (cut > 0)
    notes.push_back("The evaluations of " + std::to_string(cut) + " of the " + std::to_string(task.runs.size()) +
                    " runs of " + group + " are over fewer episodes than were asked for, of one run " +
                    std::to_string(fewest) + ": eval.final_max_env_steps ended them.");
}

}  // namespace

bool have_episodes(const std::vector<Group>& groups) {
  bool all = true;
  each_run(groups, [&](const Run& run) { all &= run.has_episodes; });
  return all;
}

std::vector<Group> without_copies(std::vector<Group> groups) {
  for (Group& group : groups) {
    for (Task& task : group.tasks) {
      const std::vector<size_t> counts = originals(facts_of(task));
      std::vector<Run> counted;
      for (size_t i = 0; i < counts.size(); ++i)
        // Folders are copies by their settings, files by what they hold.
        if (counts[i] == i && !is_copied_file(task, i)) counted.push_back(task.runs[i]);
      task.runs = std::move(counted);
    }
  }
  return groups;
}

std::vector<double> auc_ends(const std::vector<Group>& groups) {
  std::vector<double> found;
  for (size_t task = 0; task < groups[0].tasks.size(); ++task) {
    const Ends ends = ends_of(groups, task);
    found.push_back(ends.differ ? ends.first : std::numeric_limits<double>::infinity());
  }
  return found;
}

std::vector<std::string> notes_for(const Comparison& comparison, const std::vector<Group>& all,
                                   const CompareOptions& options) {
  // Notes on copies are of all runs, those on the comparison of what counts.
  const std::vector<Group> groups = without_copies(all);
  std::vector<std::string> notes;
  for (const Group& group : all) {
    notes.insert(notes.end(), group.notes.begin(), group.notes.end());
    for (const Task& task : group.tasks) {
      const std::string name = group.tasks.size() > 1 ? group.name + " on " + task.name : group.name;
      for (const std::string& note : notes_on(facts_of(task), name)) notes.push_back(note);
      note_same_episodes(task, notes);
      if (comparison.score == Score::kFinal) note_short_evaluations(task, name, notes);
    }
  }
  note_other_protocols(groups, notes);
  if (have_episodes(groups)) note_other_lengths(comparison, groups, notes);
  if (!options.score) note_missing_evaluations(groups, notes);
  const size_t fewest = comparison.fewest_runs();
  if (!comparison.has_intervals()) {
    notes.push_back(
        "A task has a single run, so nothing is known of how runs of it differ, and there are no intervals: the scores "
        "and their aggregates over tasks are those of these runs.");
  } else if (fewest < stats::kRecommendedRuns) {
    notes.push_back("With " + std::to_string(fewest) + " runs the intervals are too narrow; " +
                    std::to_string(stats::kRecommendedRuns) + " or more are advised, 10 where a run is cheap.");
  }
  if (comparison.normalization == Normalization::kRange) {
    notes.push_back(
        "Scores of a task go from 0, the lowest run here, to 1, the highest: they depend on what is compared.");
  }
  if (comparison.tasks.size() > 1 && comparison.normalization == Normalization::kNone) {
    notes.push_back(
        "Returns of several tasks are put together as they are: the task with the largest returns decides.");
  }
  return notes;
}

}  // namespace deepq::compare
