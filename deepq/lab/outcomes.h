// The numbers that a statement is decided by, one for each seed, and the lab's one treatment of seeds that failed: a
// run that diverged counts as the worst of all runs that it is compared with (alone against a bound: as beyond all
// others), or as one for which something did or did not happen; so does one whose value is infinite. What else could
// not be measured (NaN: the state was never reached) is left out, in a comparison with its pair. Both are counted, and
// every page and report says so.
//
// Both rules treat the two sides of a pair alike, so a pair's difference stays as likely as its negative where nothing
// differs, which is all that sign flips need (check.h).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "deepq/lab/experiment.h"

namespace deepq::lab {

// What a run that diverged counts as.
enum class Worst { kLowest, kHighest, kDidNotHappen, kHappened };

struct Measure {
  std::string name;  // of JobResult::values
  Worst worst = Worst::kLowest;
};

struct Source {
  std::string setting, value;
};

// number(x) of each seed, x[i] being its value from sources[i].
BySeed combine(const Results& results, Worst worst, const std::vector<Source>& sources,
               const std::function<double(std::span<const double> x)>& number);

// Seed by seed: `measure` of `setting` less that of `other`.
BySeed difference(const Results& results, const Measure& measure, const std::string& setting, const std::string& other);

// "3 of 20": in how many runs it happened (1, not 0).
std::string runs_with(const std::vector<double>& happened);

BySeed runs(const Results& results, const Measure& measure, const std::string& setting);

}  // namespace deepq::lab
