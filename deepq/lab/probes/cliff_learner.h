// Tabular SARSA and Q-learning on the cliff walk, with and without replay, and what their tables should hold, computed
// exactly: how replay meets an on-policy method. Sutton and Barto 2018, sections 6.4 and 6.5.
#pragma once

#include <cstdint>
#include <vector>

#include "deepq/env/tabular_env.h"

namespace deepq::lab {

using QTable = std::vector<double>;  // [states, actions]

enum class CliffTarget {
  kReplayedAction,  // Q(s', a') with the action that was taken then: SARSA
  kPresentAction,   // the same with an action that the present policy draws now
  kGreedyAction     // max over a' of Q(s', a'): Q-learning
};

struct CliffSettings {
  CliffTarget target = CliffTarget::kReplayedAction;
  int64_t replay_capacity = 0;  // transitions; 0: each is learnt from once, as it comes
  int64_t replayed = 8;         // transitions learnt from in each step, with replay
  int64_t steps = 40'000;       // of the environment
  double step_size = 0.1, gamma = 0.99;
  double epsilon_start = 1, epsilon_end = 0.1;  // linear over the whole run
};

// At one point of a run, against the exact values of its own present epsilon-greedy policy (Q-learning: the best
// policy's). All means weigh a state and an action by how often the present policy comes to them.
struct CliffErrors {
  double bias = 0;   // mean of Q less the exact value
  double error = 0;  // root mean square of it
  double value = 0;  // exact, of the present policy, from the start
};

struct CliffSample {
  int64_t state = 0, action = 0, next_state = 0, next_action = 0;
  double reward = 0;
  bool terminated = false;
};

// The last `capacity` samples, in no order.
class CliffMemory {
 public:
  explicit CliffMemory(int64_t capacity) : capacity_(static_cast<size_t>(capacity)) {}

  void push(const CliffSample& sample);
  size_t size() const { return samples_.size(); }
  const CliffSample& operator[](size_t i) const { return samples_[i]; }

 private:
  size_t capacity_, oldest_ = 0;
  std::vector<CliffSample> samples_;
};

struct CliffRun {
  std::vector<double> at;  // steps
  std::vector<CliffErrors> errors;
};

// 50 points, evenly spread.
CliffRun run_cliff(const CliffSettings& settings, uint64_t seed);

// Exact values of the policy that is epsilon-greedy on `q` (the first of the largest).
QTable policy_values(const TabularEnv& env, const QTable& q, double epsilon, double gamma);

QTable best_values(const TabularEnv& env, double gamma);

// How often the policy that is epsilon-greedy on `q` does action a in state s, of all it does from `start` on, a step
// at time t counting gamma^t; sums to 1.
QTable visit_fractions(const TabularEnv& env, const QTable& q, double epsilon, double gamma, int64_t start);

}  // namespace deepq::lab
