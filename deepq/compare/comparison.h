// Groups of runs compared after Agarwal et al. 2021 (see stats/): aggregates with intervals, profiles, sample
// efficiency, and every pair of groups with a verdict (verdict.h). The same groups and options give the same numbers,
// bit for bit.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "deepq/compare/run_files.h"
#include "deepq/compare/scoring.h"
#include "deepq/stats/bootstrap.h"

namespace deepq::compare {

// The chance that a comparison decides anything between groups that do not differ, all its pairs together.
constexpr double kLevel = 0.05;

struct CompareOptions {
  std::optional<Score> score = {};                  // none: kFinal when every run has one, else kLast100
  std::optional<Normalization> normalization = {};  // none: kHuman when every task is an Atari game; kNone for a
                                                    // single task; else kRange
  std::optional<double> gamma = {};  // of the optimality gap; none: 1 of normalised scores, of others the return at
                                     // which our environment counts as solved, if it has one
  std::string baseline = {};         // a group's name: pairs are each other group and this one; "": all pairs
  stats::BootstrapOptions bootstrap = {};  // its seed is that of the permutations too
  size_t permutation_draws = 10000;        // where there are too many to go through; more where many pairs need them
};

struct GroupResult {
  std::string name, path = {};                       // of its folder or file
  std::vector<size_t> run_counts = {};               // of each task
  stats::Scores returns = {}, scores = {};           // [task][run], before and after normalising
  stats::Interval iqm = {}, median = {}, mean = {};  // of `scores`, as all that follows
  std::optional<stats::Interval> gap = {};           // none without a gamma
  std::vector<stats::Interval> profile = {};         // at each of Comparison::taus
  std::vector<stats::Interval> curve = {};           // IQM at each of Comparison::curve_x; NaN beyond its own end
  double curve_end = 0;                              // where its shortest run ends, on the axis of curve_x
  bool has_given_scores = false;                     // from a table of scores

  size_t fewest_runs() const { return *std::min_element(run_counts.begin(), run_counts.end()); }
  std::string runs_text() const;  // "10", "8 to 10", of one task or of each
};

struct PairResult {
  size_t x, y;                                  // places in Comparison::groups; x < y, or y is the baseline
  stats::Interval improvement, iqm_difference;  // the chance that a run of x beats one of y; IQM of x minus that of y
  double p = 1, adjusted_p = 1;                 // of the permutation test (verdict.h), and after Holm over all pairs
  double least_adjusted_p = 1;                  // the smallest that the numbers of runs could give

  bool decided() const { return adjusted_p <= kLevel; }
  bool can_be_decided() const { return least_adjusted_p <= kLevel; }
};

struct Comparison {
  Score score = Score::kFinal;
  Normalization normalization = Normalization::kNone;
  std::optional<double> gamma = {};
  stats::BootstrapOptions bootstrap = {};
  std::vector<std::string> tasks = {};
  std::vector<double> taus = {};      // of the profiles
  std::vector<double> auc_ends = {};  // of kAuc: the step of each task up to which areas go; infinity: each run's end
  std::vector<double> curve_x = {};   // environment steps of a single task, else percent of each task's longest group,
                                      // whose end is its shortest run's; empty where a run has no episodes (a table of
                                      // scores)
  std::vector<GroupResult> groups = {};
  std::vector<PairResult> pairs = {};
  std::vector<std::string> notes = {};  // what a reader must know before believing the numbers

  // False where tasks have one run: there is nothing to draw again within a task.
  bool has_intervals() const { return bootstrap.intervals; }

  size_t fewest_runs() const;  // of any group and task

  // What all its intervals are called: by the group with the fewest runs.
  std::string interval_name() const;
  std::string score_name() const;  // what a run's score is
};

// All groups have the same tasks (read_groups). Where one of several tasks has a single run, there are no intervals,
// and a note says why. Throws deepq::Error for a single run of a single task.
Comparison compare_groups(const std::vector<Group>& groups, const CompareOptions& options = {});

std::string to_json(const Comparison& comparison);  // one object; docs/compare.md says what each key is

// What a page cannot know of itself; "": nobody knows it.
struct PageOrigin {
  std::string path = {};     // where it will be, for its links
  std::string command = {};  // that made it, as it was typed
};

// Self-contained HTML, the scores as CSV in it.
std::string comparison_page(const Comparison& comparison, const PageOrigin& origin = {});

// "percent of training", "environment steps".
std::string curve_x_label(const Comparison& comparison);

}  // namespace deepq::compare
