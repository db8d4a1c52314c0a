#include "deepq/agent/dqn.h"

#include <algorithm>

#include "deepq/agent/exploration.h"

namespace deepq {

Dqn::Dqn(const DqnConfig& config, const Demonstrations* demonstrations)
    : config_(config), learning_(config, demonstrations), actor_(config, learning_.learner()) {}

// A noisy network explores by itself, and what never acts explores nothing.
double Dqn::epsilon(const Progress& progress) const {
  if (config_.network.noisy || config_.offline) return 0;
  const int64_t while_acting = std::max<int64_t>(0, updates() - config_.pretrain_updates);
  return epsilon_at(config_.exploration, while_acting, learning_.env_steps_of_learning(progress),
                    config_.network.arithmetic);
}

double Dqn::learning_rate(const Progress& progress) const {
  return learning_rate_at(config_.agent.optimizer, progress.fraction, config_.network.arithmetic);
}

void Dqn::serialize(Archive& archive) {
  actor_.serialize(archive);
  learning_.serialize(archive);
}

}  // namespace deepq
