// Settings of the Q-learning update, its target network and its exploration. Defaults follow the chapter where it has
// one.
#pragma once

#include <array>
#include <string_view>

#include "deepq/core/fields.h"
#include "deepq/nn/optimizer_config.h"

namespace deepq {

enum class Loss { kMse, kHuber };
struct AgentConfig {
  double gamma = 0.99;
  int64_t batch_size = 64;
  Loss loss = Loss::kMse;
  bool double_q = false;
  bool bootstrap_at_truncation = true;
  OptimizerConfig optimizer;
};

// Target parameters become (1 - tau) target + tau online at each synchronisation; tau = 1 is the hard copy.
struct TargetConfig {
  double tau = 1.0;
  int64_t sync_every_updates = 100;
  int64_t sync_every_env_steps = 0;
};

enum class EpsilonSchedule { kExponential, kLinear };

struct ExplorationConfig {
  EpsilonSchedule schedule = EpsilonSchedule::kExponential;
  double epsilon_start = 1.0;
  double epsilon_end = 0.01;
  double decay_per_update = 0.995;
  int64_t anneal_env_steps = 10'000;
};

void visit_fields(AgentConfig& config, FieldVisitor& visitor);
void visit_fields(TargetConfig& config, FieldVisitor& visitor);
void visit_fields(ExplorationConfig& config, FieldVisitor& visitor);

}  // namespace deepq
