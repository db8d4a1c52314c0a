// Settings of the Q-learning update, its target network and its exploration; the optimiser's lie beside it (nn).
// Defaults follow the chapter where it has one.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "deepq/agent/value_config.h"
#include "deepq/core/action_space.h"
#include "deepq/core/fields.h"
#include "deepq/nn/optimizer_config.h"

namespace deepq {

enum class Loss { kMse, kHuber };

enum class AlgorithmKind { kDqn, kPqn, kQLearning, kSarsa, kExpectedSarsa, kDoubleQLearning };

struct AgentConfig {
  AlgorithmKind algorithm = AlgorithmKind::kDqn;
  double gamma = 0.99;
  int64_t batch_size = 64;
  int64_t n_step = 1;
  Loss loss = Loss::kMse;
  bool double_q = false;
  bool munchausen = false;
  double munchausen_alpha = 0.9;
  double munchausen_temperature = 0.03;
  double munchausen_clip = -1.0;
  double margin = 0.8;
  double margin_weight = 1.0;
  double cql_alpha = 0.0;
  bool bootstrap_at_truncation = true;
  bool flatten_actions = false;
  double reward_scale = 1.0;
  double reward_clip = 0.0;
  bool normalize_rewards = false;
  double normalized_reward_clip = 10.0;
  OptimizerConfig optimizer;
  ValueConfig value;

  bool learns_table() const { return algorithm != AlgorithmKind::kDqn && algorithm != AlgorithmKind::kPqn; }

  // What is learnt of an environment's reward: clipped (Mnih et al. 2015), then scaled.
  double training_reward(double reward) const {
    return reward_scale * (reward_clip > 0 ? std::clamp(reward, -reward_clip, reward_clip) : reward);
  }
};

// Target parameters become (1 - tau) target + tau online at each synchronisation; tau = 1 is the hard copy.
struct TargetConfig {
  double tau = 1.0;
  int64_t sync_every_updates = 100;
  int64_t sync_every_env_steps = 0;
};

// Parallel Q-learning (Gallici et al. 2025).
struct PqnConfig {
  int64_t rollout_steps = 32;
  int64_t epochs = 2;
  int64_t minibatches = 32;
  double lambda = 0.65;
};

struct TabularConfig {
  double learning_rate = 0.1;
  double initial_value = 0;
};

enum class EpsilonSchedule { kExponential, kLinear };

struct ExplorationConfig {
  EpsilonSchedule schedule = EpsilonSchedule::kExponential;
  double epsilon_start = 1.0;
  double epsilon_end = 0.01;
  double decay_per_update = 0.995;
  int64_t anneal_env_steps = 10'000;
  int64_t noise_steps = 1;
};

// The actions that are learnt of an environment's: as they are, or each combination by itself (flatten_actions,
// tables). Throws deepq::Error for what cannot be learnt so.
ActionSpace learnt_actions(const AgentConfig& config, const ActionSpace& actions);

std::string_view name_of(AlgorithmKind algorithm);  // "dqn", as in agent.algorithm
std::string_view name_of(Representation value);     // "scalar", as in value.representation

void visit_fields(AgentConfig& config, FieldVisitor& visitor);
void visit_fields(TargetConfig& config, FieldVisitor& visitor);
void visit_fields(ExplorationConfig& config, FieldVisitor& visitor);
void visit_fields(PqnConfig& config, FieldVisitor& visitor);
void visit_fields(TabularConfig& config, FieldVisitor& visitor);

}  // namespace deepq
