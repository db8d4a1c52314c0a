#include "deepq/agent/dqn_actor.h"

#include <algorithm>

#include "deepq/agent/choose.h"

namespace deepq {
namespace {

// That the online network has room for.
int64_t rows_side_by_side(const DqnConfig& config) {
  return std::min(kGamesSideBySide, std::max(config.agent.batch_size, config.shape.env_count));
}

}  // namespace

DqnActor::DqnActor(const DqnConfig& config, Learner& learner)
    : env_count_(config.shape.env_count),
      observation_size_(config.shape.observation.size()),
      noise_steps_(config.exploration.noise_steps),
      action_count_(static_cast<size_t>(config.shape.action_count)),
      exploration_(random_stream(config.seed, Stream::kExploration)),
      learner_(learner),
      acted_on_(config.shape.observation, config.shape.env_count),
      values_(&learner.engine(), config.shape.observation, config.agent, config.network.engine,
              config.shape.action_count, rows_side_by_side(config)) {}

void DqnActor::act(std::span<const float> observations, const Progress& progress, double epsilon,
                   std::span<int64_t> actions) {
  // Kept until the next act(): the replay stores what was acted on.
  for (int64_t i = 0; i < env_count_; ++i)
    std::copy_n(observations.data() + i * observation_size_, observation_size_, acted_on_.rows()[i]);
  // Progress counts the steps of all copies together, hence noise_steps_ times as many.
  const bool renewed = progress.env_steps == 0 || progress.periods_passed(noise_steps_ * env_count_) > 0;
  const Rows q = learner_.q_values(acted_on_, env_count_, renewed ? ActingNoise::kFresh : ActingNoise::kKept);
  for (int64_t i = 0; i < env_count_; ++i)
    actions[static_cast<size_t>(i)] = epsilon_greedy_action({q[i], action_count_}, epsilon, exploration_);
}

int64_t DqnActor::bytes(const DqnConfig& config) {
  return NetworkValues::bytes(config.shape.observation, rows_side_by_side(config));
}

}  // namespace deepq
