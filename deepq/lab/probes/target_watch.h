// What the target network does to learning, measured on a run of DQN: how far the targets move, how far they lag
// behind, and how the greedy policy fares on the way.
#pragma once

#include "deepq/lab/probes/q_probe.h"
#include "deepq/lab/training.h"

namespace deepq::lab {

// 1 - (mean after the best) / best: what was lost of the best, the first where several are. NaN when nothing came after
// it, or the best is not positive.
double lost_after_best(const std::vector<double>& returns);

// For CartPole, where the targets are known by max_a Q_target(s, a). `see` is to be called once after every update.
class TargetWatch {
 public:
  static constexpr int64_t kPoints = 25;  // evaluations and points of the curves

  TargetWatch(const RunConfig& config, int64_t seed);

  void see(Trainer& trainer);

  // values "drift": how much a state's target value changes in an update, mean over kStates states of random play (the
  // same in all runs) and all updates but the first; "lag": the difference between online and target network there;
  // "evaluation": mean of the evaluations; "best": of them; "lost": lost_after_best. Curves "evaluation" and "drift".
  void write(JobResult& result) const;

 private:
  static constexpr int64_t kStates = 32, kEpisodes = 10;
  // Prime, so that the lag is not always looked at just after a hard copy.
  static constexpr int64_t kLagEveryUpdates = 97;

  void place_states(const EnvFactory& env);
  void evaluate_policy(Trainer& trainer);

  RunConfig config_;
  EnvFactory env_;
  int64_t seed_;
  QProbe probe_;
  std::vector<double> before_, now_;  // target values of the states
  double drift_ = 0, bin_drift_ = 0, lag_ = 0;
  int64_t updates_ = 0, bin_changes_ = 0, lags_ = 0;
  size_t points_ = 0;
  Curve drift_curve_, evaluation_curve_;
};

}  // namespace deepq::lab
