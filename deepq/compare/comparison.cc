#include "deepq/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "deepq/compare/group_notes.h"
#include "deepq/compare/verdict.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/env/atari_scores.h"
#include "deepq/env/registry.h"

namespace deepq::compare {
namespace {

using stats::Scores;

constexpr size_t kMostTaus = 100, kCurvePoints = 50;

Score choose_score(const std::vector<Group>& groups, const CompareOptions& options) {
  if (options.score) return *options.score;
  // One run without an evaluation after training, and all are scored by training: two measures cannot be compared.
  bool all = true;
  for (const Group& group : groups)
    for (const Task& task : group.tasks)
      for (const Run& run : task.runs) all &= !std::isnan(run.final_evaluation);
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
  // The environment's own threshold, where one task is compared in its own returns.
  const std::vector<std::string> ids = env_ids();
  if (comparison.tasks.size() > 1 || std::find(ids.begin(), ids.end(), comparison.tasks[0]) == ids.end()) return {};
  const EnvSpec spec = find_env(comparison.tasks[0])()->spec();
  return spec.has_solved_return ? std::optional(spec.solved_return) : std::nullopt;
}

// Of several tasks with one run each the aggregates say something, of one task a single run does not.
void require_enough_runs(const Group& group) {
  for (const Task& task : group.tasks) {
    if (task.runs.size() >= stats::kLeastRuns || group.tasks.size() > 1) continue;
    throw Error::of(group.name, " has ", task.runs.size(), " run", task.name.empty() ? "" : " of " + task.name,
                    "; an interval needs at least ", stats::kLeastRuns, ", better ", stats::kRecommendedRuns,
                    " or more (deepq train --seeds 5; a single run of deepq has its report.html)");
  }
}

GroupResult returns_of(const Group& group, const Comparison& comparison) {
  GroupResult result{.name = group.name, .path = group.path};
  result.has_given_scores = !group.tasks[0].runs[0].has_episodes;
  for (size_t task = 0; task < group.tasks.size(); ++task) {
    const std::vector<Run>& runs = group.tasks[task].runs;
    // Areas under curves of other lengths say nothing of each other: all are cut at the first end.
    const bool cut = !comparison.auc_ends.empty() && std::isfinite(comparison.auc_ends[task]);
    result.run_counts.push_back(runs.size());
    result.returns.emplace_back();
    for (const Run& run : runs)
      result.returns.back().push_back(score_of(cut ? up_to(run, comparison.auc_ends[task]) : run, comparison.score));
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

Scores normalized(const Scores& returns, const std::vector<Scale>& scales) {
  Scores scores = returns;
  for (size_t task = 0; task < scores.size(); ++task) {
    for (double& score : scores[task]) score = scales[task](score);
  }
  return scores;
}

// Where profiles step down, and a little beyond both ends; of more scores than a chart can show equally spaced places.
std::vector<double> taus_for(const std::vector<GroupResult>& groups) {
  std::set<double> scores;
  for (const GroupResult& group : groups)
    for (const std::vector<double>& runs : group.scores) scores.insert(runs.begin(), runs.end());
  // One score alone: half a unit on both sides.
  const double low = *scores.begin(), high = *scores.rbegin(), margin = high > low ? (high - low) / 50 : 0.5;
  std::vector<double> taus{low - margin};
  // A profile is a step function: at the scores themselves it is drawn exactly.
  if (scores.size() <= kMostTaus) {
    taus.insert(taus.end(), scores.begin(), scores.end());
    taus.push_back(high + margin);
    return taus;
  }
  for (size_t i = 1; i <= kMostTaus; ++i)
    taus.push_back(low - margin + (high - low + 2 * margin) * static_cast<double>(i) / kMostTaus);
  return taus;
}

// A group's curve ends with its shortest run: beyond, its mean would be that of fewer runs.
double end_of(const Task& task) {
  double end = task.runs[0].steps.back();
  for (const Run& run : task.runs) end = std::min(end, run.steps.back());
  return end;
}

double longest_end(const std::vector<Group>& groups, size_t task) {
  double end = 0;
  for (const Group& group : groups) end = std::max(end, end_of(group.tasks[task]));
  return end;
}

// So many that the shortest group's curve has some, too.
size_t curve_points(const std::vector<Group>& groups) {
  double times = 1;
  for (size_t task = 0; task < groups[0].tasks.size(); ++task)
    for (const Group& group : groups) times = std::max(times, longest_end(groups, task) / end_of(group.tasks[task]));
  // At most four times as many, whatever the lengths.
  // Rounded up, but 1.1 times as long is not worth twice the points.
  return kCurvePoints * static_cast<size_t>(std::min(std::ceil(times - 0.1), 4.0));
}

// The places of a task's curves: equally spaced up to where the last group ends.
std::vector<double> curve_steps(const std::vector<Group>& groups, size_t task) {
  const double end = longest_end(groups, task);
  const size_t points = curve_points(groups);
  std::vector<double> steps;
  for (size_t i = 1; i <= points; ++i)
    steps.push_back(std::round(end * static_cast<double>(i) / static_cast<double>(points)));
  return steps;
}

std::vector<double> curve_axis(const std::vector<Group>& groups) {
  std::vector<double> x = curve_steps(groups, 0);
  // Tasks of other lengths share an axis only as percent of each one's longest training.
  if (groups[0].tasks.size() == 1) return x;
  for (size_t i = 0; i < x.size(); ++i) x[i] = 100.0 * static_cast<double>(i + 1) / static_cast<double>(x.size());
  return x;
}

double curve_end(const std::vector<Group>& groups, const Group& group) {
  if (groups[0].tasks.size() == 1) return end_of(group.tasks[0]);
  double percent = 100;
  for (size_t task = 0; task < group.tasks.size(); ++task)
    percent = std::min(percent, 100 * end_of(group.tasks[task]) / longest_end(groups, task));
  return percent;
}

stats::Curves curves_of(const std::vector<Group>& groups, const Group& group, const std::vector<Scale>& scales) {
  stats::Curves curves(group.tasks.size());
  for (size_t task = 0; task < group.tasks.size(); ++task) {
    const std::vector<double> steps = curve_steps(groups, task);
    const double end = end_of(group.tasks[task]);
    for (const Run& run : group.tasks[task].runs) {
      std::vector<double> curve = curve_of(run, steps);
      // Not the last value on and on: nobody trained there.
      for (size_t i = 0; i < steps.size(); ++i) curve[i] = steps[i] > end ? kNaN : scales[task](curve[i]);
      curves[task].push_back(std::move(curve));
    }
  }
  return curves;
}

void add_statistics(GroupResult& group, const Comparison& comparison) {
  // With one seed for all: the statistics of a group are those of the same resamples.
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

}  // namespace

Comparison compare_groups(const std::vector<Group>& all_groups, const CompareOptions& options) {
  const std::vector<Group> groups = without_copies(all_groups);  // a run that lies there twice is one observation
  for (const Group& group : groups) require_enough_runs(group);
  Comparison comparison{.score = choose_score(groups, options), .bootstrap = options.bootstrap};
  for (const Group& group : groups)
    // A task with one run has no spread to resample: then there are no intervals at all.
    for (const Task& task : group.tasks) comparison.bootstrap.intervals &= task.runs.size() >= stats::kLeastRuns;
  if (comparison.score == Score::kAuc && have_episodes(groups)) comparison.auc_ends = auc_ends(groups);
  for (const Task& task : groups.at(0).tasks) comparison.tasks.push_back(task.name);
  comparison.normalization = choose_normalization(comparison.tasks, options);
  comparison.gamma = choose_gamma(comparison, options);
  for (const Group& group : groups) comparison.groups.push_back(returns_of(group, comparison));
  // Scales need all groups' returns (range), scores need the scales, everything else needs the scores.
  const std::vector<Scale> scales = scales_for(comparison);
  for (GroupResult& group : comparison.groups) group.scores = normalized(group.returns, scales);
  comparison.taus = taus_for(comparison.groups);
  if (have_episodes(groups)) comparison.curve_x = curve_axis(groups);
  for (size_t i = 0; i < groups.size(); ++i) {
    add_statistics(comparison.groups[i], comparison);
    if (comparison.curve_x.empty()) continue;
    comparison.groups[i].curve_end = curve_end(groups, groups[i]);
    comparison.groups[i].curve = stats::efficiency_curve(curves_of(groups, groups[i], scales), comparison.bootstrap);
  }
  comparison.pairs = pairs_of(comparison, options);
  comparison.notes = notes_for(comparison, all_groups, options);
  return comparison;
}

std::string GroupResult::runs_text() const {
  const auto [fewest, most] = std::ranges::minmax_element(run_counts);
  return *fewest == *most ? std::to_string(*most) : std::to_string(*fewest) + " to " + std::to_string(*most);
}

size_t Comparison::fewest_runs() const {
  size_t fewest = groups[0].fewest_runs();
  for (const GroupResult& group : groups) fewest = std::min(fewest, group.fewest_runs());
  return fewest;
}

// Scores of a table are what its file says they are.
std::string Comparison::score_name() const {
  const auto given = std::ranges::count_if(groups, &GroupResult::has_given_scores);
  if (given == 0) return describe(score);
  const std::string as_given = "as the table of scores gives it";
  return given == std::ssize(groups) ? as_given : describe(score) + ", or " + as_given;
}

std::string Comparison::interval_name() const { return stats::interval_name(fewest_runs(), bootstrap.confidence); }

std::string curve_x_label(const Comparison& comparison) {
  return comparison.tasks.size() > 1 ? "percent of training" : "environment steps";
}

}  // namespace deepq::compare
