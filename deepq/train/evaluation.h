// Measuring a policy: whole episodes on an environment and a random stream of its own, so that training is never
// disturbed.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "deepq/config/run_config.h"
#include "deepq/core/random.h"
#include "deepq/core/streams.h"
#include "deepq/env/env.h"
#include "deepq/record/observer.h"
#include "deepq/train/policy.h"

namespace deepq {

// Where neither the environment nor the user sets a time limit, evaluation cuts episodes off after so many steps.
inline constexpr int64_t kEndlessEpisodeSteps = 10'000;

struct EvaluationPlan {
  int64_t episodes = 100;
  int64_t max_env_steps = 0;  // of all of them together: what is not finished then does not count, except that one
                              // episode is; 0: no bound
  EpisodeStreams streams = {};
  double epsilon = 0;             // 0: always the greedy action
  int64_t max_episode_steps = 0;  // 0: the environment's own limit
  int64_t most_side_by_side =
      kGamesSideBySide;            // games at a time, where policy and world take several; the same result
  bool counts_if_stopped = false;  // the episodes that were finished when `watch` ended it are an evaluation, too
};

// How a user wants a run's agent to be judged. What is left out is as in the evaluation after its training, so all of
// it left out plays those episodes again.
struct EvaluationChoice {
  std::optional<int64_t> episodes = {};  // else eval.final_episodes, or 100 where that is 0
  std::optional<uint64_t> seed = {};     // of other episodes
  std::optional<double> epsilon = {};
  bool counts_if_stopped = false;
};
// `env_steps`: that training has taken. Episodes whose number is asked for are all played, however long they take.
EvaluationPlan evaluation_plan(const RunConfig& config, int64_t env_steps, const EvaluationChoice& choice = {});

// eval.final_max_env_steps, or by default the larger of 100,000 and a tenth of the training's steps.
int64_t final_evaluation_bound(const RunConfig& config, int64_t env_steps);

// One step of an episode that is played; the spans are valid during the call they are given to.
struct PlayedStep {
  int64_t episode = 1, step = 1;          // both from 1
  std::span<const double> q_values = {};  // that the action was chosen by
  int64_t action = 0;
  double reward = 0, episode_return = 0;       // the latter up to this step
  ObservationRow acted_on = {};                // the observation before
  ObservationRows observation = {};            // one row, of the state reached
  bool terminated = false, truncated = false;  // either ends the episode
};

// Plays plan.episodes whole episodes, fewer where plan.max_env_steps ends them, the ones that evaluate() plays for the
// same plan, one after the other, and hands over every step; `on_step` returns whether to go on. Returns the id of the
// world that was played. Throws deepq::Error for a broken environment.
std::string play(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan,
                 const std::function<bool(const PlayedStep&)>& on_step);

// Is told of every step of an evaluation; returns whether to go on.
using EvaluationWatch = std::function<bool(const EvaluationProgress&)>;

// Returns are the environment's own rewards, summed, unclipped and undiscounted. Nothing when `watch` ended it, unless
// plan.counts_if_stopped and the first episode was finished: then those up to the first that was not. Throws
// deepq::Error for a broken environment.
std::optional<EvaluationRecord> evaluate(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan,
                                         const EvaluationWatch& watch);
EvaluationRecord evaluate(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan);

}  // namespace deepq
