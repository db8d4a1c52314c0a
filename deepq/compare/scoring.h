// From runs to numbers that can be compared: the score of a run, its learning curve, and the scale of a task. Episodes
// that end at the same step have no order among them: every number is the same in any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/compare/run_files.h"

namespace deepq::compare {

enum class Score {
  kFinal,    // mean return of the evaluation after training
  kLast100,  // mean return of the last 100 episodes of training, or of all while there are fewer
  kBest100,  // the highest mean of 100 episodes in a row: flatters runs that lose what they learnt
  kAuc,      // mean return over all environment steps: the area under the learning curve divided by its length; an
             // episode weighs by its length, or by its part of the steps since the end before where that is unknown
};

enum class Normalization {
  kNone,   // returns as they are
  kHuman,  // 0: random play, 1: the human tester (atari_scores.h)
  kRange,  // 0: the lowest score of all groups on the task, 1: the highest; depends on what is compared
};

// "final", "last100", "best100", "auc"; "none", "human", "range". Both throw deepq::Error for other names.
Score parse_score(std::string_view name);
Normalization parse_normalization(std::string_view name);
std::string name_of(Score score);
std::string name_of(Normalization normalization);
std::string describe(Score score);
std::string describe(Normalization normalization);

// The run as it was at that environment step: its episodes up to there, the first in any case.
Run up_to(Run run, double step);

// Throws deepq::Error for a score but kFinal of a run without episodes, and for kFinal when the run has no final
// evaluation.
double score_of(const Run& run, Score score);

// The mean return of the last 100 episodes (of all while there are fewer) that had ended by each of `steps`
// (ascending); NaN before the first end.
std::vector<double> curve_of(const Run& run, const std::vector<double>& steps);

// A task's returns become (value - zero) / (one - zero).
struct Scale {
  double zero = 0, one = 1;
  double operator()(double value) const { return (value - zero) / (one - zero); }
};

// `scores` are all groups' on the task. Throws deepq::Error for kHuman when `task` is no Atari game.
Scale scale_of(const std::string& task, const std::vector<double>& scores, Normalization normalization);

}  // namespace deepq::compare
