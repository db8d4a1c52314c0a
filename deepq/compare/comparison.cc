#include "deepq/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "deepq/compare/verdict.h"
#include "deepq/core/error.h"
#include "deepq/env/atari_scores.h"
#include "deepq/env/registry.h"

namespace deepq::compare {
namespace {

using stats::Scores;

constexpr size_t kTaus = 101, kCurvePoints = 50;

template <class Visit>
void each_run(const std::vector<Group>& groups, const Visit& visit) {
  for (const Group& group : groups) {
    for (const Task& task : group.tasks) {
      for (const Run& run : task.runs) visit(run);
    }
  }
}

Score choose_score(const std::vector<Group>& groups, const CompareOptions& options) {
  if (options.score) return *options.score;
  bool all = true;
  each_run(groups, [&](const Run& run) { all &= !std::isnan(run.final_evaluation); });
  return all ? Score::kFinal : Score::kLast100;
}

Normalization choose_normalization(const std::vector<std::string>& tasks, const CompareOptions& options) {
  if (options.normalization) return *options.normalization;
  const bool atari =
      std::all_of(tasks.begin(), tasks.end(), [](const auto& task) { return atari_scores(env_id_of(task)); });
  return atari ? Normalization::kHuman : tasks.size() == 1 ? Normalization::kNone : Normalization::kRange;
}

std::optional<double> choose_gamma(const Comparison& comparison, const CompareOptions& options) {
  if (options.gamma) return options.gamma;
  if (comparison.normalization != Normalization::kNone) return 1;
  const std::vector<std::string> ids = env_ids();
  if (comparison.tasks.size() > 1 || std::find(ids.begin(), ids.end(), comparison.tasks[0]) == ids.end()) return {};
  const EnvSpec spec = find_env(comparison.tasks[0])()->spec();
  return spec.has_solved_return ? std::optional(spec.solved_return) : std::nullopt;
}

void require_enough_runs(const Group& group) {
  for (const Task& task : group.tasks) {
    if (task.runs.size() >= stats::kLeastRuns) continue;
    throw Error::of(group.name, " has ", task.runs.size(), " run", task.name.empty() ? "" : " of " + task.name,
                    "; an interval needs at least ", stats::kLeastRuns, ", better ", stats::kRecommendedRuns,
                    " or more");
  }
}

GroupResult returns_of(const Group& group, Score score) {
  GroupResult result{.name = group.name};
  for (const Task& task : group.tasks) {
    result.run_counts.push_back(task.runs.size());
    result.returns.emplace_back();
    for (const Run& run : task.runs) result.returns.back().push_back(score_of(run, score));
  }
  return result;
}

// One for each task, from all groups' returns on it.
std::vector<Scale> scales_for(const Comparison& comparison) {
  std::vector<Scale> scales;
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    std::vector<double> all;
    for (const GroupResult& group : comparison.groups) {
      all.insert(all.end(), group.returns[task].begin(), group.returns[task].end());
    }
    scales.push_back(scale_of(comparison.tasks[task], all, comparison.normalization));
  }
  return scales;
}

Scores normalised(const Scores& returns, const std::vector<Scale>& scales) {
  Scores scores = returns;
  for (size_t task = 0; task < scores.size(); ++task) {
    for (double& score : scores[task]) score = scales[task](score);
  }
  return scores;
}

// Over all groups' scores, a little beyond both ends.
std::vector<double> taus_for(const std::vector<GroupResult>& groups) {
  double low = groups[0].scores[0][0], high = low;
  for (const GroupResult& group : groups) {
    for (const std::vector<double>& runs : group.scores) {
      for (const double score : runs) {
        low = std::min(low, score);
        high = std::max(high, score);
      }
    }
  }
  const double margin = high > low ? (high - low) / 50 : 0.5;
  std::vector<double> taus;
  for (size_t i = 0; i < kTaus; ++i) {
    taus.push_back(low - margin + (high - low + 2 * margin) * static_cast<double>(i) / (kTaus - 1));
  }
  return taus;
}

// The places of a task's curve: equally spaced up to where the shortest of all groups' runs ends.
std::vector<double> curve_steps(const std::vector<Group>& groups, size_t task) {
  double end = groups[0].tasks[task].runs[0].steps.back();
  for (const Group& group : groups) {
    for (const Run& run : group.tasks[task].runs) end = std::min(end, run.steps.back());
  }
  std::vector<double> steps;
  for (size_t i = 1; i <= kCurvePoints; ++i) {
    steps.push_back(std::round(end * static_cast<double>(i) / static_cast<double>(kCurvePoints)));
  }
  return steps;
}

std::vector<double> curve_axis(const std::vector<Group>& groups) {
  std::vector<double> x = curve_steps(groups, 0);
  if (groups[0].tasks.size() == 1) return x;
  for (size_t i = 0; i < x.size(); ++i) x[i] = 100.0 * static_cast<double>(i + 1) / static_cast<double>(x.size());
  return x;
}

stats::Curves curves_of(const std::vector<Group>& groups, const Group& group, const std::vector<Scale>& scales) {
  stats::Curves curves(group.tasks.size());
  for (size_t task = 0; task < group.tasks.size(); ++task) {
    const std::vector<double> steps = curve_steps(groups, task);
    for (const Run& run : group.tasks[task].runs) {
      curves[task].push_back(curve_of(run, steps));
      for (double& value : curves[task].back()) value = scales[task](value);
    }
  }
  return curves;
}

void add_statistics(GroupResult& group, const Comparison& comparison) {
  const auto interval = [&](const auto& statistic) {
    return stats::bootstrap(group.scores, statistic, comparison.bootstrap);
  };
  group.iqm = interval(stats::iqm);
  group.median = interval(stats::median);
  group.mean = interval(stats::mean);
  if (comparison.gamma) {
    group.gap = interval([&](const Scores& scores) { return stats::optimality_gap(scores, *comparison.gamma); });
  }
  group.profile = stats::bootstrap_each(
      group.scores, [&](const Scores& scores) { return stats::performance_profile(scores, comparison.taus); },
      comparison.bootstrap);
}

std::vector<report::RunFacts> facts_of(const Task& task) {
  std::vector<report::RunFacts> facts;
  for (const Run& run : task.runs)
    facts.push_back({run.source, run.config, run.finished, run.reason, run.first_episode, run.history});
  return facts;
}

// Two runs of some length never have the same returns at the same steps, unless one was copied.
bool same_episodes(const Run& a, const Run& b) {
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

// One run for each seed: copies are no independent runs.
std::vector<Group> without_copies(std::vector<Group> groups) {
  for (Group& group : groups) {
    for (Task& task : group.tasks) {
      const std::vector<size_t> counts = report::originals(facts_of(task));
      std::vector<Run> counted;
      for (size_t i = 0; i < counts.size(); ++i)
        if (counts[i] == i && !is_copied_file(task, i)) counted.push_back(task.runs[i]);
      task.runs = std::move(counted);
    }
  }
  return groups;
}

void note_same_episodes(const Task& task, std::vector<std::string>& notes) {
  for (size_t i = 0; i < task.runs.size(); ++i) {
    const size_t other = same_before(task, i);
    if (other == i) continue;
    notes.push_back(task.runs[i].source + " holds the same episodes as " + task.runs[other].source +
                    (is_copied_file(task, i)
                         ? ": a copy, which does not count."
                         : ": copies are no independent runs, and the verdicts take them for such."));
  }
}

// Runs that ended much earlier than others, by more than their longest episode and a tenth.
void note_other_lengths(const std::vector<Group>& groups, std::vector<std::string>& notes) {
  for (size_t task = 0; task < groups[0].tasks.size(); ++task) {
    double longest = 0, shortest = std::numeric_limits<double>::infinity(), episode = 0;
    for (const Group& group : groups) {
      for (const Run& run : group.tasks[task].runs) {
        longest = std::max(longest, run.steps.back());
        shortest = std::min(shortest, run.steps.back());
        double before = 0;
        for (const double step : run.steps) episode = std::max(episode, step - std::exchange(before, step));
        for (const double length : run.lengths) episode = std::max(episode, length);
      }
    }
    if (shortest + episode >= 0.9 * longest) continue;
    notes.push_back((groups[0].tasks.size() > 1 ? groups[0].tasks[task].name + ": r" : "R") +
                    std::string("uns of other lengths are compared: the last episodes end at ") +
                    number_text(shortest) + " to " + number_text(longest) + " environment steps.");
  }
}

// How the groups' first runs were trained and evaluated, against the first group's.
void note_other_protocols(const std::vector<Group>& groups, std::vector<std::string>& notes) {
  for (size_t task = 0; task < groups[0].tasks.size(); ++task) {
    const report::Settings& first = groups[0].tasks[task].runs[0].config;
    for (const Group& group : groups) {
      const report::Settings& other = group.tasks[task].runs[0].config;
      if (first.empty() || other.empty()) continue;
      const std::string found =
          report::differences(report::protocol_of(first), report::protocol_of(other), groups[0].name, group.name);
      if (found.empty()) continue;
      notes.push_back((groups[0].tasks.size() > 1 ? group.tasks[task].name + ": t" : "T") +
                      std::string("he groups were trained for other lengths or evaluated in other ways: ") + found +
                      ".");
    }
  }
}

size_t fewest_runs(const Comparison& comparison) {
  size_t fewest = comparison.groups[0].fewest_runs();
  for (const GroupResult& group : comparison.groups) fewest = std::min(fewest, group.fewest_runs());
  return fewest;
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

std::vector<std::string> notes_for(const Comparison& comparison, const std::vector<Group>& groups,
                                   const CompareOptions& options) {
  std::vector<std::string> notes;
  for (const Group& group : groups) {
    notes.insert(notes.end(), group.notes.begin(), group.notes.end());
    for (const Task& task : group.tasks) {
      const std::string name = group.tasks.size() > 1 ? group.name + " on " + task.name : group.name;
      for (const std::string& note : report::notes_on(facts_of(task), name)) notes.push_back(note);
      note_same_episodes(task, notes);
      if (comparison.score == Score::kFinal) note_short_evaluations(task, name, notes);
    }
  }
  note_other_protocols(groups, notes);
  note_other_lengths(groups, notes);
  if (!options.score) note_missing_evaluations(groups, notes);
  const size_t fewest = fewest_runs(comparison);
  if (fewest < stats::kRecommendedRuns) {
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

}  // namespace

Comparison compare_groups(const std::vector<Group>& all_groups, const CompareOptions& options) {
  const std::vector<Group> groups = without_copies(all_groups);
  for (const Group& group : groups) require_enough_runs(group);
  Comparison comparison{.score = choose_score(groups, options), .bootstrap = options.bootstrap};
  for (const Task& task : groups.at(0).tasks) comparison.tasks.push_back(task.name);
  comparison.normalization = choose_normalization(comparison.tasks, options);
  comparison.gamma = choose_gamma(comparison, options);
  for (const Group& group : groups) comparison.groups.push_back(returns_of(group, comparison.score));
  const std::vector<Scale> scales = scales_for(comparison);
  for (GroupResult& group : comparison.groups) group.scores = normalised(group.returns, scales);
  comparison.taus = taus_for(comparison.groups);
  comparison.curve_x = curve_axis(groups);
  for (size_t i = 0; i < groups.size(); ++i) {
    add_statistics(comparison.groups[i], comparison);
    comparison.groups[i].curve = stats::efficiency_curve(curves_of(groups, groups[i], scales), comparison.bootstrap);
  }
  comparison.pairs = pairs_of(comparison, options);
  comparison.notes = notes_for(comparison, all_groups, options);
  return comparison;
}

std::string Comparison::interval_name() const { return stats::interval_name(fewest_runs(*this), bootstrap.confidence); }

std::string curve_x_label(const Comparison& comparison) {
  return comparison.tasks.size() > 1 ? "percent of training" : "environment steps";
}

}  // namespace deepq::compare
