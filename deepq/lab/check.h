// A statement about a number, decided by an exact test over the seeds, and the verdict over all of an experiment's.
// Nothing here is written in by hand, and the chance that anything at all is decided where nothing differs is at most
// kLevel for the whole of an experiment's statements, whatever the distribution (Holm 1979; null_test.cc simulates it).
// The intervals beside the numbers are the field's bootstrap and decide nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deepq/stats/bootstrap.h"

namespace deepq::lab {

constexpr double kLevel = 0.05;

// One number for each seed; NaN: not measured.
struct BySeed {
  std::vector<double> values;
  int64_t diverged = 0;  // seeds in which a run diverged; how they count: outcomes.h
};

enum class Decider {
  kSignFlips,     // of paired runs: each seed's difference is as likely as its negative
  kSignTest,      // the median over seeds is the bound: above and below it are equally likely
  kFractionTest,  // it happens in every other run: exact binomial
};

enum class Answer { kHolds, kFails, kOpen };  // open: not decided

struct Check {
  std::string statement;  // "double's overestimation is below vanilla's"
  std::string quantity;   // "difference of the mean overestimation"
  Decider decider = Decider::kSignFlips;
  BySeed by_seed;
  double threshold = 0;
  bool above = true;  // claimed: the quantity is above the threshold; false: below it

  // By decide(): of two sides, since "does not hold" is decided as well.
  double p = 1, adjusted_p = 1;
  // By show(): the mean over the seeds that were measured.
  stats::Interval interval{};

  Answer answer() const;
  std::string seeds_text() const;   // "of 20 seeds, 1 diverged and count as the worst"; "": all were measured
  std::string number_text() const;  // "STATEMENT: QUANTITY is 1.2 [0.8, 1.6]", and seeds that failed
  std::string text() const;         // and ", claimed above 0; sign flips, ..., over 20 seeds, p = ...: holds"
};

// Differences of paired runs, claimed to be above or below 0.
Check pairs_above(std::string statement, std::string quantity, BySeed differences);
Check pairs_below(std::string statement, std::string quantity, BySeed differences);

// Runs, most of which are claimed to be above or below a bound.
Check runs_above(std::string statement, std::string quantity, BySeed runs, double bound);
Check runs_below(std::string statement, std::string quantity, BySeed runs, double bound);

// Whether it happened (1 or 0), claimed of more or fewer than half of the runs.
Check most_runs(std::string statement, std::string quantity, BySeed happened);
Check few_runs(std::string statement, std::string quantity, BySeed happened);

// Fills in p and, over all of them, adjusted_p.
void decide(std::vector<Check>& checks);

// Fills in the intervals.
void show(std::vector<Check>& checks);

// Whether `seeds` runs can decide one of `statements` at all, should they agree as well as they can.
bool can_decide(int64_t seeds, size_t statements);

// The fraction of runs for which something happened (each 0 or 1; NaN left out), with Wilson's score interval (Wilson
// 1927), which unlike the bootstrap is honest where all runs agree.
stats::Interval fraction_interval(const std::vector<double>& happened);

enum class Verdict { kHolds, kPart, kFails, kUndecided };

// Holds when every check does; does not hold when one fails and none holds; undecided when all are open; otherwise in
// part.
Verdict verdict(const std::vector<Check>& checks);
std::string verdict_text(Verdict verdict);  // "holds", "holds in part", "does not hold here", "not decided here"
std::string answer_text(Answer answer);     // "holds", "does not hold", "not decided"
std::string decider_text(Decider decider);

}  // namespace deepq::lab
