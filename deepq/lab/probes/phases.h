// What a run did in each of the chapter's three phases of a learning curve.
#pragma once

#include <vector>

#include "deepq/record/observer.h"
#include "deepq/report/charts.h"

namespace deepq::lab {

using report::kPhases;
using report::Phase;

struct PhaseFigures {
  double mean_return = 0;
  double epsilon = 0;  // mean over the phase's environment steps: the chance that an action was exploration
  double rise = 0;     // of the return for each 100 episodes, by least squares
};

// The episodes of a run of one environment.
class EpisodeLog : public Observer {
 public:
  void before_step(double epsilon) { epsilon_sum_ += epsilon; }  // that the step is taken with
  void on_episode(const EpisodeRecord& record) override;

  std::vector<double> returns, lengths;
  std::vector<double> epsilons;  // means over each episode's steps

 private:
  double epsilon_sum_ = 0;  // over the steps of the open episode
};

// By episode, as many of each: `epsilons` are means over the episode's steps. All NaN for a phase with fewer than two.
PhaseFigures phase_figures(const Phase& phase, const std::vector<double>& returns, const std::vector<double>& lengths,
                           const std::vector<double>& epsilons);

}  // namespace deepq::lab
