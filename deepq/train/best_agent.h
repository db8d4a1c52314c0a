// The agent that did best in the evaluations during training: eval.keep_best.
#pragma once

#include "deepq/agent/algorithm.h"
#include "deepq/train/agent.h"
#include "deepq/train/evaluation.h"
#include "deepq/train/observer.h"

namespace deepq {

class BestAgent {
 public:
  explicit BestAgent(Agent agent) : agent_(std::move(agent)) {}

  // Becomes what `algorithm` is now, if `record`, the evaluation of that, beats all before.
  void consider(const EvaluationRecord& record, Algorithm& algorithm);

  bool kept() const { return kept_; }  // not before the first evaluation
  int64_t env_steps() const { return env_steps_; }
  QFunction q_function() {  // not beyond this object's life
    return [this](std::span<const float> observation) { return agent_.q_values(observation); };
  }

  // Under "best", where Agent::load looks for it; nothing before one is kept. `env_steps`: that the run has taken.
  void serialize(Archive& archive, int64_t env_steps);

 private:
  Agent agent_;
  bool kept_ = false;
  int64_t env_steps_ = 0;
  double mean_return_ = 0;
};

}  // namespace deepq
