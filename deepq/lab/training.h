// Training as the experiments use it: without a run folder, with a learning curve on an even grid of environment
// steps, and with measurements in between.
#pragma once

#include <functional>
#include <string>

#include "deepq/config/run_config.h"
#include "deepq/env/env.h"
#include "deepq/lab/experiment.h"
#include "deepq/train/trainer.h"

namespace deepq::lab {

struct TrainingPlan {
  RunConfig config;     // train.seed becomes the job's
  EnvFactory env = {};  // instead of config.env.id
  int64_t probes = 0;   // measurements, evenly spread over train.env_steps
  // Called at each with the environment steps done; it may read the trainer and its algorithm's values, no more.
  std::function<void(Trainer&, int64_t env_steps, JobResult&)> probe = {};
  bool final_evaluation = true;
};

// Trains to the end. The config must set train.env_steps. The result has
//   values: "mean_return" over all episodes of training, each weighted by its length (the area under the learning
//   curve), "last_return" (mean of the last 100 episodes), "best_return" (best such mean), "eval_return" (greedy, over
//   eval.final_episodes), "solved_at" (environment steps when the last 100 first passed the threshold; NaN: never),
//   "max_abs_q" (largest in any batch), "parameters", "updates", "seconds" (of training; what probes and evaluations
//   take is left out);
//   curves over environment steps: "return" (mean of the episodes that ended in each of 50 bins; where none did,
//   the bin before), "mean_q", "max_abs_q", "loss" (of as many bins).
// Throws deepq::Divergence when the numbers are no longer finite, which the lab takes as that seed's result, and
// deepq::Error for a config that does not fit.
JobResult train(const TrainingPlan& plan, const Job& job);

constexpr int64_t kBins = 50;

// `preset(name)` with assignments in the form of --set.
RunConfig configure(const std::string& preset_name, const std::vector<std::string>& assignments);

}  // namespace deepq::lab
