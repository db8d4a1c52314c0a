// What decides between groups: for each pair a permutation test of the difference of the IQM, stratified by task
// (stats/permutation.h), two-sided, adjusted by Holm's procedure over the pairs of the comparison (all, or those with
// the baseline). Where no groups differ, any pair is said to differ in at most kLevel of all comparisons, for any
// number of runs: docs/compare.md has the rates that tests/error_rates_test.cc simulates.
#pragma once

#include <string>
#include <vector>

#include "deepq/compare/comparison.h"

namespace deepq::compare {

// Every pair of the comparison's groups, whose scores are known.
std::vector<PairResult> pairs_of(const Comparison& comparison, const CompareOptions& options);

// "A is better than B: ...", "A and B are not told apart by these 10 and 10 runs at 5%: ...", "A and B cannot be told
// apart by these 3 and 3 runs at 5%: it takes at least 4 and 4". The same words on console, page and in JSON.
std::string verdict_of(const Comparison& comparison, const PairResult& pair);

}  // namespace deepq::compare
