#include "deepq/lab/probes/solve_watch.h"

#include "deepq/lab/lines.h"

namespace deepq::lab {

SolveWatch::SolveWatch(EnvFactory env, double best_return, int64_t env_steps)
    : env_(std::move(env)),
      best_return_(best_return),
      env_steps_(static_cast<double>(env_steps)),
      greedy_(empty_curve(env_steps, env_steps / kEveryEnvSteps)) {}

void SolveWatch::see(int64_t env_steps, Policy& policy) {
  if (env_steps % kEveryEnvSteps == 0)
    add(evaluate(policy, env_, {.episodes = 1, .streams = probe_streams(0)}).mean_return);
}

void SolveWatch::add(double greedy_return) {
  greedy_.y[points_] = greedy_return;
  in_a_row_ = greedy_return >= best_return_ ? in_a_row_ + 1 : 0;
  // Solved from the first of the row on, not from the last.
  if (in_a_row_ == kInARow && solved_at_ < 0) solved_at_ = greedy_.x[points_ + 1 - static_cast<size_t>(kInARow)];
  ++points_;
}

void SolveWatch::write(JobResult& result) const {
  result.values["solved"] = solved_at_ < 0 ? 0 : 1;
  result.values["steps_to_solve"] = solved_at_ < 0 ? env_steps_ : solved_at_;
  result.curves["greedy"] = greedy_;
}

}  // namespace deepq::lab
