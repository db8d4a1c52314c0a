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
      noise_steps_(config.exploration.noise_steps),
      action_count_(static_cast<size_t>(config.shape.action_count)),
      exploration_(random_stream(config.seed, Stream::kExploration)),
      learner_(learner),
      input_(config.shape.observation, config.shape.env_count),
      acted_on_(static_cast<size_t>(config.shape.env_count * input_.layout().row_bytes())),
      values_(&learner.engine(), config.shape.observation, config.agent, config.network.numerics(),
              config.shape.action_count, rows_side_by_side(config)) {}

void DqnActor::act(const ObservationRows& given, const Progress& progress, double epsilon, std::span<int64_t> actions) {
  const ObservationRows observations = given.in(input_.layout());
  DEEPQ_ASSERT(observations.layout() == input_.layout() && observations.count() == env_count_);
  // Kept until the next act(): the replay stores what was acted on.
  std::ranges::copy(observations.bytes(), acted_on_.begin());
  input_.put(observations);
  // Progress counts the steps of all copies together, hence noise_steps_ times as many.
  const bool renewed = progress.env_steps == 0 || progress.periods_passed(noise_steps_ * env_count_) > 0;
  const Rows q = learner_.q_values(input_, env_count_, renewed ? ActingNoise::kFresh : ActingNoise::kKept);
  for (int64_t i = 0; i < env_count_; ++i)
    actions[static_cast<size_t>(i)] = epsilon_greedy_action({q[i], action_count_}, epsilon, exploration_);
}

int64_t DqnActor::bytes(const DqnConfig& config) {
  return NetworkValues::bytes(config.shape.observation, rows_side_by_side(config));
}

}  // namespace deepq
