#include "deepq/compare/verdict.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "deepq/core/error.h"
#include "deepq/page/text.h"
#include "deepq/stats/permutation.h"

namespace deepq::compare {
namespace {

using page::brief_text;
using stats::Scores;

// Enough draws that a family of so many pairs can be decided, and not only just.
stats::PermutationOptions test_options(const CompareOptions& options, size_t pairs) {
  constexpr size_t kDrawsForEachPair = 200;  // p can be a fifth of the level that Holm leaves to the first pair
  return {.draws = std::max(options.permutation_draws, kDrawsForEachPair * pairs), .seed = options.bootstrap.seed};
}

// Both groups' runs of each task in one test, and all pairs in one family.
void decide(std::vector<PairResult>& pairs, const Comparison& comparison, const CompareOptions& options) {
  const stats::PermutationOptions of_test = test_options(options, pairs.size());
  std::vector<double> p, least;
  for (PairResult& pair : pairs) {
    const GroupResult &x = comparison.groups[pair.x], &y = comparison.groups[pair.y];
    // The IQM, as the page's first figure: a verdict on another statistic would contradict it.
    pair.p = stats::permutation_test(x.scores, y.scores, stats::iqm, of_test).p;
    p.push_back(pair.p);
    least.push_back(stats::least_permutation_p(x.run_counts, y.run_counts, of_test));
  }
  // Over all pairs: eleven groups make 55.
  const std::vector<double> adjusted = stats::holm(p), least_adjusted = stats::holm(least);
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].adjusted_p = adjusted[i];
    pairs[i].least_adjusted_p = least_adjusted[i];
  }
}

// How many runs each group needs, of each task, before a family of so many pairs can be decided.
size_t least_runs(size_t tasks, size_t pairs) {
  for (size_t runs = stats::kLeastRuns;; ++runs) {  // ends: the least p falls with every run
    const std::vector<size_t> counts(tasks, runs);
    const double least = stats::least_permutation_p(counts, counts, test_options({}, pairs));
    if (least * static_cast<double>(pairs) <= kLevel) return runs;
  }
}

std::string p_text(const Comparison& comparison, const PairResult& pair) {
  const std::string alone = "permutation test, p = " + brief_text(pair.p);
  if (comparison.pairs.size() == 1) return alone;
  return alone + "; " + brief_text(pair.adjusted_p) + " as one of " + std::to_string(comparison.pairs.size()) +
         " pairs";
}

std::optional<size_t> place_of_baseline(const Comparison& comparison, const CompareOptions& options) {
  if (options.baseline.empty()) return {};
  std::vector<std::string> names;
  for (const GroupResult& group : comparison.groups) {
    if (group.name == options.baseline) return names.size();
    names.push_back(group.name);
  }
  throw Error::of("--baseline is '", options.baseline, "'; allowed: ", join(names),
                  did_you_mean(options.baseline, names));
}

}  // namespace

std::vector<PairResult> pairs_of(const Comparison& comparison, const CompareOptions& options) {
  const std::optional<size_t> baseline = place_of_baseline(comparison, options);
  std::vector<PairResult> pairs;
  for (size_t i = 0; i < comparison.groups.size(); ++i) {
    // With a baseline j is that group alone, otherwise every group after i: each pair once.
    for (size_t j = baseline ? *baseline : i + 1; j < (baseline ? *baseline + 1 : comparison.groups.size()); ++j) {
      if (i == j) continue;
      const Scores &x = comparison.groups[i].scores, &y = comparison.groups[j].scores;
      pairs.push_back({.x = i,
                       .y = j,
                       .improvement = stats::bootstrap(x, y, stats::probability_of_improvement, comparison.bootstrap),
                       .iqm_difference = stats::bootstrap_difference(x, y, stats::iqm, comparison.bootstrap)});
    }
  }
  decide(pairs, comparison, options);
  return pairs;
}

std::string verdict_of(const Comparison& comparison, const PairResult& pair) {
  const GroupResult &x = comparison.groups[pair.x], &y = comparison.groups[pair.y];
  const std::string p = " (" + p_text(comparison, pair) + ")", level = " at " + brief_text(100 * kLevel) + "%";
  const double difference = pair.iqm_difference.value;
  const GroupResult &higher = difference > 0 ? x : y, &lower = difference > 0 ? y : x;
  const std::string by = " is higher by " + brief_text(std::abs(difference));
  if (pair.decided() && difference != 0) return higher.name + " is better than " + lower.name + ": its IQM" + by + p;
  // Means break ties of the IQM in the test (stats/permutation.cc), so equal IQMs can be decided.
  if (pair.decided()) return x.name + " and " + y.name + " differ, though their IQM is the same" + p;
  // Not decided: either the p value was too large, or no p value of so few runs can be small enough.
  const std::string runs = " told apart by these " + x.runs_text() + " and " + y.runs_text() + " runs" +
                           (comparison.tasks.size() > 1 ? " of each task" : "") + level + ": ";
  if (pair.can_be_decided())
    return x.name + " and " + y.name + " are not" + runs +
           (difference == 0 ? "their IQM is the same" : "the IQM of " + higher.name + by) + p;
  const std::string least = std::to_string(least_runs(comparison.tasks.size(), comparison.pairs.size()));
  return x.name + " and " + y.name + " cannot be" + runs + "it takes at least " + least + " and " + least + p;
}

}  // namespace deepq::compare
