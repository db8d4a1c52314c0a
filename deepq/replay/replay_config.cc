#include "deepq/replay/replay_config.h"

#include <algorithm>
#include <cmath>

namespace deepq {

void visit_fields(ReplayConfig& config, FieldVisitor& visitor) {
  visitor.integer(
      "capacity", config.capacity, Range::between(1, 1e12),
      "transitions kept; the oldest are overwritten; of stacked frames fewer, but at least one batch, where "
      "episodes are a few steps long");
  visitor.flag("with_replacement", config.with_replacement,
               "whether one batch may hold a transition twice; with prioritized it always may");
  visitor.flag("prioritized", config.prioritized, "draw by priority (abs(error) + priority_epsilon)^priority_alpha");
  visitor.number("priority_alpha", config.priority_alpha, Range::between(0, 1),
                 "how much priorities count; 0: all are drawn alike");
  visitor.number("priority_epsilon", config.priority_epsilon, Range::at_least(0),
                 "added to every absolute error, so that none is never drawn again");
  visitor.number("importance_beta", config.importance_beta, Range::between(0, 1),
                 "how far the importance weights take the bias of prioritized draws back, at the start of training; "
                 "1: all of it");
  visitor.number("importance_beta_end", config.importance_beta_end, Range::between(0, 1),
                 "how far the importance weights take the bias of prioritized draws back at the end of training or "
                 "annealing; 1: all of it");
  visitor.integer("importance_beta_anneal_env_steps", config.importance_beta_anneal_env_steps, Range::at_least(0),
                  "environment steps from importance_beta to importance_beta_end, linearly; 0: over the whole run");
}

double importance_beta_at(const ReplayConfig& config, int64_t env_steps, double fraction) {
  const int64_t span = config.importance_beta_anneal_env_steps;
  const double progress = span > 0 ? static_cast<double>(env_steps) / static_cast<double>(span) : fraction;
  return std::lerp(config.importance_beta, config.importance_beta_end, std::clamp(progress, 0.0, 1.0));
}

}  // namespace deepq
