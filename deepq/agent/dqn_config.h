// What both halves of Dqn are made by.
#pragma once

#include "deepq/agent/algorithm.h"
#include "deepq/nn/network_config.h"
#include "deepq/replay/replay_config.h"

namespace deepq {

struct DqnConfig {
  AlgorithmShape shape;
  NetworkConfig network;
  AgentConfig agent;
  TargetConfig target;
  ReplayConfig replay;
  ExplorationConfig exploration;
  // Environment steps, over all copies: before the first update, and between rounds of updates.
  int64_t learning_starts_env_steps = 0, update_every_env_steps = 1, updates_per_round = 1;
  int64_t pretrain_updates = 0;  // from demonstrations alone, before the first step
  bool offline = false;          // all updates are
  uint64_t seed = 0;
};

}  // namespace deepq
