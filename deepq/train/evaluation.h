// Measuring a policy: whole episodes on an environment and a random stream of its own, so that training is never
// disturbed.
#pragma once

#include <functional>
#include <span>

#include "deepq/env/env.h"
#include "deepq/train/observer.h"

namespace deepq {

// Action values of one observation; valid until the next call.
using QFunction = std::function<std::span<const float>(std::span<const float> observation)>;

struct EvaluationPlan {
  int64_t episodes = 100;
  uint64_t seed = 0;
  double epsilon = 0;             // 0: always the greedy action
  int64_t max_episode_steps = 0;  // 0: the environment's own limit
};

// Returns are the environment's own rewards, summed, unclipped and undiscounted. Throws deepq::Error for a broken
// environment.
EvaluationRecord evaluate(const QFunction& q_values, const EnvFactory& env, const EvaluationPlan& plan);

}  // namespace deepq
