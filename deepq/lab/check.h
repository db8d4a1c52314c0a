// A statement about a number, decided by the number's interval, and the verdict over several. Nothing here is written
// in by hand: a statement holds when its whole interval is on the claimed side.
#pragma once

#include <string>
#include <vector>

#include "deepq/stats/bootstrap.h"

namespace deepq::lab {

enum class Answer { kHolds, kFails, kOpen };  // open: the interval lies on both sides

struct Check {
  std::string statement;  // "double's overestimation is below vanilla's"
  std::string quantity;   // "difference of the mean overestimation"
  stats::Interval interval;
  double threshold = 0;
  bool above = true;  // claimed: the quantity is above the threshold; false: below it

  Answer answer() const;
  std::string text() const;  // "STATEMENT: QUANTITY is 1.2 [0.8, 1.6], above 0: holds"
};

Check claim_above(std::string statement, std::string quantity, const stats::Interval& interval, double threshold = 0);
Check claim_below(std::string statement, std::string quantity, const stats::Interval& interval, double threshold = 0);

// A quantity without chance in it: an exact count, a computed eigenvalue.
stats::Interval exact(double value);

// The share of runs for which something happened (each 0 or 1; NaN left out), with Wilson's score interval (Wilson
// 1927), which unlike the bootstrap is honest where all runs agree.
stats::Interval share_interval(const std::vector<double>& happened);

enum class Verdict { kHolds, kPart, kFails, kUndecided };

// Holds when every check does; does not hold when one fails and none holds; undecided when all are open; otherwise in
// part.
Verdict verdict(const std::vector<Check>& checks);
std::string verdict_text(Verdict verdict);  // "holds", "holds in part", "does not hold here", "not decided here"

}  // namespace deepq::lab
