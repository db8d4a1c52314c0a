// What replay does to learning, measured on a run of DQN with one-step returns and an update for each step: how
// correlated the samples are that it learns from, and what it forgets. It keeps every transition of the run, whatever
// the agent's own memory holds.
#pragma once

#include <vector>

#include "deepq/lab/probes/correlations.h"
#include "deepq/lab/probes/q_probe.h"
#include "deepq/lab/training.h"
#include "deepq/replay/replay_store.h"

namespace deepq::lab {

class ReplayWatch {
 public:
  static constexpr int64_t kPoints = 50;  // measurements of a run

  ReplayWatch(const RunConfig& config, const EnvSpec& env, int64_t seed);

  void see(Trainer& trainer);  // after every environment step

  // Of 64 samples as the agent learns from, in order of time (an agent that learns from one at a time: those of 64
  // updates), means over the run: "lag_one" and "pairs" (means over the observation's components, relative to the last
  // 10,000 transitions), "effective" (independent samples that the 64 are worth), "td_lag_one" (of their TD errors).
  // Of its memory, root mean square over the second half of the run: "fall_error" (Q(s, a) - 1 for the first 50
  // transitions of the run that ended in a fall, whose value is 1 for certain), "old_td" and "new_td" (TD errors of the
  // first 1,000 transitions of the run, and of the last 64). Curves "lag_one", "fall_error", "old_td".
  void write(JobResult& result) const;

 private:
  static constexpr int64_t kSamples = 64, kPopulation = 10'000, kFalls = 50, kOld = 1000, kTdPopulation = 256;

  void remember(const Dqn& dqn, int64_t env_steps);
  void measure(const Dqn& dqn, size_t point);
  // `count` different ones of the last `window` transitions, the oldest first.
  std::vector<int64_t> draw(int64_t count, int64_t window);
  void measure_observations(const std::vector<int64_t>& batch, size_t point);
  std::vector<double> td_errors(const Dqn& dqn, const std::vector<int64_t>& indices);
  std::vector<double> fall_errors(const Dqn& dqn);
  double taken(std::span<const double> q, size_t row) const;  // the value of the action that a gathered row has
  // Gathers up to kSamples transitions into the probes.
  void gather(std::span<const int64_t> indices);
  BatchBuffers buffers();

  RunConfig config_;
  int64_t observation_size_;
  size_t action_count_;
  QProbe probe_, next_probe_;
  Random random_;
  ReplayStore history_;
  std::vector<int64_t> actions_;
  std::vector<float> rewards_, discounts_;
  std::vector<std::vector<double>> observations_;  // [component][transition]
  std::vector<int64_t> falls_;
  size_t points_ = 0;
  Curve lag_one_, pairs_, td_lag_one_, fall_error_, old_td_, new_td_;
};

}  // namespace deepq::lab
