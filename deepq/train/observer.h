// What a training run tells the outside, as plain structs. Observers are called in the training thread, between steps,
// in the order in which they were added; they must not change the run. Console, CSV files and TensorBoard are
// observers.
#pragma once

#include <cstdint>
#include <string>

#include "deepq/core/streams.h"

namespace deepq {

struct EpisodeRecord {
  int64_t episode = 0;    // from 1, in order of ending
  int64_t env_steps = 0;  // over all environments, when it ended
  double episode_return = 0;
  int64_t length = 0;
  double epsilon = 0;
  double seconds = 0;  // wall time since training started, earlier sittings included
};

struct MetricsRecord {  // means over the updates since the last record
  int64_t env_steps = 0;
  int64_t updates = 0;
  double loss = 0;
  double mean_q = 0;     // of the actions taken
  double max_abs_q = 0;  // largest in any batch since the last record
  double grad_norm = 0;  // before clipping
  double epsilon = 0;    // now
  double learning_rate = 0;
  double seconds = 0;
};

// An evaluation while it is played.
struct EvaluationProgress {
  bool final = false;                          // the evaluation after training
  int64_t episodes = 0, planned_episodes = 0;  // finished; all
  int64_t env_steps = 0, max_env_steps = 0;    // taken; at which it ends (0: no bound)
};

struct EvaluationRecord {
  int64_t env_steps = 0;
  int64_t episodes = 0;  // that were finished
  double mean_return = 0, std_return = 0, min_return = 0, max_return = 0;
  double mean_length = 0;
  bool final = false;  // the evaluation after training
  // How it came about.
  std::string world = {};         // the environment's id
  double epsilon = 0;             // share of random actions
  int64_t max_episode_steps = 0;  // after which an episode was truncated; 0: by the environment's own limit
  EpisodeStreams streams = {};    // of the episodes
  int64_t planned_episodes = 0;   // fewer were finished where the steps ended them
  int64_t max_env_steps = 0;      // of all episodes together; 0: no bound
  bool best_agent = false;        // the one that had done best (eval.keep_best), or the last
  int64_t agent_env_steps = 0;    // at which the agent was what it was
  bool was_cut() const { return episodes < planned_episodes; }
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
