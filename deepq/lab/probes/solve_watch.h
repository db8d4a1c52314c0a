// When a run has solved its task: how many environment steps until the greedy policy is the best, and stays so.
#pragma once

#include "deepq/lab/experiment.h"
#include "deepq/train/evaluation.h"

namespace deepq::lab {

class SolveWatch {
 public:
  static constexpr int64_t kEveryEnvSteps = 100;
  static constexpr int64_t kInARow = 5;

  // For an environment without chance in it: one greedy episode is the policy's return.
  SolveWatch(EnvFactory env, double best_return, int64_t env_steps);

  // Plays a greedy episode when kEveryEnvSteps have passed since the last.
  void see(int64_t env_steps, Policy& policy);

  void add(double greedy_return);  // of the next evaluation; what see() does with the episode

  // values "solved": 1 when kInARow evaluations in a row were the best, else 0; "steps_to_solve": at the first of them,
  // or all steps of the run when not solved; curve "greedy".
  void write(JobResult& result) const;

 private:
  EnvFactory env_;
  double best_return_, env_steps_;
  size_t points_ = 0;
  int64_t in_a_row_ = 0;
  double solved_at_ = -1;  // not yet
  Curve greedy_;
};

}  // namespace deepq::lab
