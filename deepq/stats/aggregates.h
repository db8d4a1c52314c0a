// One number for many runs on one or several tasks, after Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge
// of the Statistical Precipice" (NeurIPS), sections 4.2 and 4.3, equal to their package rliable. A score is any number
// that is larger for a better run. Scores of several tasks must share a scale (see docs/compare.md). Plain functions
// without state; bootstrap.h gives their intervals.
//
// All throw deepq::Error without a task, for a task without runs, and for a score that is not finite.
#pragma once

#include <span>
#include <vector>

namespace deepq::stats {

// scores[task][run]. Tasks may have different numbers of runs; every statistic weighs each task the same. (rliable,
// whose scores are a matrix, knows equal numbers only.)
using Scores = std::vector<std::vector<double>>;

double mean(const Scores& scores);    // of the tasks' means
double median(const Scores& scores);  // of the tasks' means; with an even number of tasks, between the middle two

// The interquartile mean: of all scores together, without the lowest and highest quarter (each of floor(n / 4)). With
// other numbers of runs of the tasks, a run counts the more the fewer its task has.
double iqm(const Scores& scores);

// How far the runs stay below `gamma` on average, what is above it not counted: gamma - mean(min(score, gamma)).
double optimality_gap(const Scores& scores, double gamma = 1);

// The fraction of runs that score above each tau, mean over tasks: what the paper calls the run-score distribution.
// Shape: one for each tau.
std::vector<double> performance_profile(const Scores& scores, std::span<const double> taus);

// The chance that a run of `x` scores more than one of `y` on the same task, equal scores counting half, mean over
// tasks: the Mann-Whitney U statistic divided by the number of pairs. Throws deepq::Error for other numbers of tasks.
double probability_of_improvement(const Scores& x, const Scores& y);

// Throws the deepq::Error that all of the above throw.
void check_scores(const Scores& scores);

}  // namespace deepq::stats
