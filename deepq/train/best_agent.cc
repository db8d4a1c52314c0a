#include "deepq/train/best_agent.h"

namespace deepq {

void BestAgent::consider(const EvaluationRecord& record, Algorithm& algorithm) {
  // The first of equals stays, as eval.keep_best says.
  if (kept_ && record.mean_return <= mean_return_) return;
  // The policy takes the algorithm's tensors by the names that both save them under.
  Archive now;
  algorithm.serialize(now);
  Archive copy(now.tensors());
  policy_.serialize(copy);
  kept_ = true;
  env_steps_ = record.env_steps;
  mean_return_ = record.mean_return;
}

void BestAgent::serialize(Archive& archive, int64_t env_steps) {
  if (archive.loading()) kept_ = archive.contains("best/env_steps");
  if (!kept_) return;
  const auto scope = archive.scope("best");
  archive.value("env_steps", env_steps_, {0, env_steps});
  archive.value("mean_return", mean_return_);
  policy_.serialize(archive);
}

}  // namespace deepq
