// What decides between groups of runs: tests whose error rate holds for any number of runs, unlike the bootstrap's
// intervals (bootstrap.h), which are too narrow for few. Fisher 1935, "The Design of Experiments", sections 3 and 21;
// Good 2005, "Permutation, Parametric, and Bootstrap Tests of Hypotheses"; Holm 1979, "A Simple Sequentially Rejective
// Multiple Test Procedure". Values as scipy.stats.permutation_test and binomtest (tools/golden/permutation.py).
//
// Every p value is conservative: what equals the observed statistic (up to rounding) counts as at least as extreme, and
// drawn arrangements count the observed one among them, (count + 1) / (draws + 1) (Phipson and Smyth 2010). A p value
// of two sides is twice the smaller of the two one-sided ones, at most 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "deepq/stats/aggregates.h"

namespace deepq::stats {

enum class Sides {
  kTwo,      // the statistic may be above or below what the null hypothesis gives
  kGreater,  // only above counts against the null hypothesis
  kLess,     // only below
};

struct PermutationOptions {
  Sides sides = Sides::kTwo;
  size_t draws = 10000;  // arrangements drawn where there are too many to go through all of them
  uint64_t seed = 0;     // of the draws: the same scores and options give the same bits
};

struct TestResult {
  double statistic;  // as observed
  double p;
  double least_p;  // the smallest p that so many runs can give: above the level, the test cannot decide
  bool exact;      // all arrangements, not some drawn ones
};

constexpr size_t kExactArrangements = 20000;  // gone through up to here; 2^14 signs

// statistic(x) - statistic(y) of independent groups, whose numbers of runs may differ; runs change sides within their
// task only. The null hypothesis is that labels are exchangeable: on each task, both groups' runs have one
// distribution. The error rate then holds exactly, for every statistic and every number of runs. What is decided is
// therefore that the distributions differ, in a way that this statistic sees. Groups of one mean (or IQM) but other
// spread are no null hypothesis of this test: with equal numbers of runs it seldom calls them different, but where the
// smaller group has the wider spread it may do so far more often than the level says. It is not studentised: that would
// mend the latter for many runs only (Janssen 1997; Chung and Romano 2013), and with 4 or 5 the spread itself is hardly
// known.
//
// Arrangements of equal statistic are told apart by the difference of the tasks' means: without that, a trimmed mean,
// which does not see the outermost scores, could not decide where it should (4 runs all above 4 others: p would be
// 4 / 70 and is 2 / 70).
//
// Throws deepq::Error as check_scores does, for other numbers of tasks, and for 0 draws.
TestResult permutation_test(const Scores& x, const Scores& y, const std::function<double(const Scores&)>& statistic,
                            const PermutationOptions& options = {});

// Of one task: mean(x) - mean(y).
TestResult permutation_test(const std::vector<double>& x, const std::vector<double>& y,
                            const PermutationOptions& options = {});

// least_p of permutation_test for these numbers of runs of each task, without running it.
double least_permutation_p(std::span<const size_t> runs_of_x, std::span<const size_t> runs_of_y,
                           const PermutationOptions& options = {});

// Paired runs (the same seed, with and without something): flips the signs of the differences. The null hypothesis is
// that within each pair the labels are exchangeable, so that each difference is as likely as its negative. It holds for
// any spreads, also ones that differ from pair to pair. `statistic` of the differences (it must be odd: the opposite of
// the opposite differences); equal ones are told apart by the mean. Throws deepq::Error without a difference, for one
// that is not finite, and for 0 draws.
TestResult paired_test(const std::vector<double>& differences,
                       const std::function<double(std::span<const double>)>& statistic,
                       const PermutationOptions& options = {});
TestResult paired_test(const std::vector<double>& differences, const PermutationOptions& options = {});  // the mean
double least_paired_p(size_t pairs, const PermutationOptions& options = {});

// The exact binomial test: `successes` of `trials` against the null hypothesis that each succeeds with `chance`
// (kGreater: with at most `chance`; kLess: at least). Clopper and Pearson 1934. Throws deepq::Error for more successes
// than trials, no trial, or a chance outside (0, 1).
double binomial_test(size_t successes, size_t trials, double chance, Sides sides = Sides::kTwo);

// The exact sign test of a median against `bound`: kGreater's null hypothesis is that a value exceeds the bound with a
// chance of at most one half, kLess's that it stays below with at most one half. A value that equals the bound speaks
// for the null hypothesis. Throws deepq::Error without a value and for one that is not finite.
double sign_test(std::span<const double> values, double bound, Sides sides = Sides::kTwo);

// Holm's step-down adjustment of a family of p values, each in its place: what is at most `level` is decided, and the
// chance that any true null hypothesis of the family is decided against is at most `level`, whatever the dependence.
// Throws deepq::Error for a p value outside [0, 1].
std::vector<double> holm(std::span<const double> p_values);

}  // namespace deepq::stats
