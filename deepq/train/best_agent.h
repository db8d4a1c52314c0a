// The agent that did best in the evaluations during training: eval.keep_best.
#pragma once

#include "deepq/agent/algorithm.h"
#include "deepq/record/observer.h"
#include "deepq/train/evaluation.h"
#include "deepq/train/policy.h"

namespace deepq {

class BestAgent {
 public:
  explicit BestAgent(Policy policy) : policy_(std::move(policy)) {}

  // Becomes what `algorithm` is now, if `record`, the evaluation of that, beats all before.
  void consider(const EvaluationRecord& record, Algorithm& algorithm);

  bool kept() const { return kept_; }  // not before the first evaluation
  int64_t env_steps() const { return env_steps_; }
  Policy& policy() { return policy_; }

  // Under "best", where Policy::load looks for it; nothing before one is kept. `env_steps`: that the run has taken.
  void serialize(Archive& archive, int64_t env_steps);

 private:
  Policy policy_;
  bool kept_ = false;
  int64_t env_steps_ = 0;
  double mean_return_ = 0;
};

}  // namespace deepq
