#include "deepq/agent/dqn.h"

#include "deepq/agent/exploration.h"

namespace deepq {

Dqn::Dqn(const DqnConfig& config) : config_(config), learning_(config), actor_(config, learning_.learner()) {}

// A noisy network explores by itself.
double Dqn::epsilon(const Progress& progress) const {
  if (config_.network.noisy) return 0;
  return epsilon_at(config_.exploration, updates(), learning_.env_steps_of_learning(progress),
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
