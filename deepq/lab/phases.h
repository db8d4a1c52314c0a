// What a run did in each of the chapter's three phases of a learning curve.
#pragma once

#include <vector>

#include "deepq/train/report_charts.h"

namespace deepq::lab {

using report::kPhases;
using report::Phase;

struct PhaseFigures {
  double mean_return = 0;
  double epsilon = 0;  // mean over the phase's environment steps: the share of actions that are exploration
  double rise = 0;     // of the return for each 100 episodes, by least squares
};

// By episode, as many of each: `epsilons` is that at the episode's end. All NaN for a phase with fewer than two.
PhaseFigures phase_figures(const Phase& phase, const std::vector<double>& returns, const std::vector<double>& lengths,
                           const std::vector<double>& epsilons);

}  // namespace deepq::lab
