// What a training run tells the outside, as plain structs. Observers are called in the training thread, between steps,
// in the order in which they were added; they must not change the run. Console, CSV files and TensorBoard are
// observers.
#pragma once

#include <cstdint>
#include <string>

#include "deepq/record/records.h"

namespace deepq {

// An evaluation while it is played.
struct EvaluationProgress {
  bool final = false;                          // the evaluation after training
  int64_t episodes = 0, planned_episodes = 0;  // finished; all
  int64_t env_steps = 0, max_env_steps = 0;    // taken; at which it ends (0: no bound)
};

// "100 episodes", or "3 of 100 episodes, those that 100000 steps (eval.final_max_env_steps) were enough for".
std::string episodes_text(int64_t finished, int64_t planned, int64_t max_env_steps);

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_step(int64_t /*env_steps*/) {}
  virtual void on_episode(const EpisodeRecord&) {}
  virtual void on_metrics(const MetricsRecord&) {}
  virtual void on_evaluation_step(const EvaluationProgress&) {}
  virtual void on_evaluation(const EvaluationRecord&) {}
};

}  // namespace deepq
