#include "deepq/agent/replay_learner.h"

#include <cmath>

namespace deepq {
namespace {

LearnerShape learner_shape(const DqnConfig& config) {
  const AlgorithmShape& shape = config.shape;
  LearnerShape learner{shape.observation, shape.actions, shape.env_count};
  if (!learns_from_sequences(config)) return learner;
  const SequenceShape sequences = sequence_format(config).shape();
  learner.steps = sequences.steps();
  learner.learnt_steps = sequences.length;
  return learner;
}

Learner make_learner(const DqnConfig& config) {
  Random random = random_stream(config.seed, Stream::kInitialization);
  return Learner(learner_shape(config), config.network, config.agent, config.target, random);
}

int64_t demonstrated_rows(const DqnConfig& config) {
  return std::llround(config.replay.demonstration_fraction * static_cast<double>(config.agent.batch_size));
}

}  // namespace

ReplayLearner::ReplayLearner(const DqnConfig& config, const Demonstrations* demonstrations)
    : config_(config),
      layout_(config.shape.observation),
      sampling_(random_stream(config.seed, Stream::kSampling)),
      learner_(make_learner(config)),
      normalizers_(config.shape, config.network, config.agent),
      replay_(config),
      indices_(static_cast<size_t>(config.agent.batch_size)),
      sequence_errors_(replay_.in_sequences() ? indices_.size() : 0) {
  if (!demonstrations) return;
  demonstrations_.emplace(ReplayMemory::of(*demonstrations, config));
  demonstrated_ = demonstrated_rows(config);
}

void ReplayLearner::observe(const ObservationRows& acted_on, std::span<const float> remembered,
                            const StepResult& result, const Progress& progress) {
  normalizers_.observe(acted_on, result, learner_.engine());
  store(acted_on, remembered, result);
  // Noted once: the warm-up is over, and linear exploration counts from here.
  if (learning_started_at_ >= 0 || stored() < config_.agent.batch_size) return;
  if (progress.env_steps >= config_.learning_starts_env_steps) learning_started_at_ = progress.env_steps;
}

void ReplayLearner::update(const Progress& progress, UpdateListener& listener) {
  if (config_.offline) {
    update_once(progress, listener, config_.agent.batch_size);  // a step is an update
  } else {
    // A resumed run's batch may be larger.
    if (learning_started_at_ < 0 || stored() < config_.agent.batch_size) return;
    const int64_t updates = progress.periods_passed(config_.update_every_env_steps) * config_.updates_per_round;
    for (int64_t i = 0; i < updates; ++i) update_once(progress, listener, demonstrated_);
  }
  // After the updates of the round, which the copy is to hold.
  for (int64_t i = progress.periods_passed(config_.target.sync_every_env_steps); i > 0; --i) learner_.sync_target();
}

bool ReplayLearner::pretrain(const Progress& progress, UpdateListener& listener) {
  if (config_.offline || learner_.updates() >= config_.pretrain_updates) return false;  // offline all updates are such
  update_once(progress, listener, config_.agent.batch_size);
  // No step passes by which the copies could be counted: an update stands for one.
  const int64_t sync_every = config_.target.sync_every_env_steps;
  if (sync_every > 0 && learner_.updates() % sync_every == 0) learner_.sync_target();
  return true;
}

void ReplayLearner::store(const ObservationRows& acted_on, std::span<const float> remembered,
                          const StepResult& result) {
  const size_t memory = remembered.size() / result.actions.size();
  const ObservationRows from = acted_on.in(layout_), next = result.next_observations.in(layout_);
  for (size_t i = 0; i < result.actions.size(); ++i) {
    if (result.is_skipped(i)) continue;
    const auto env = static_cast<int64_t>(i);
    const StepRecord step{.observation = from[env],
                          .action = result.actions[i],
                          .reward = config_.agent.training_reward(result.rewards[i]),
                          .terminated = result.is_end(i, config_.agent),
                          .truncated = result.truncated[i] != 0,
                          .next_observation = next[env]};
    replay_.add(env, step, remembered.subspan(i * memory, memory));
  }
}

// The first rows of the batch are demonstrations, the others what the agent did: transitions, or sequences where there
// are no demonstrations.
void ReplayLearner::update_once(const Progress& progress, UpdateListener& listener, int64_t demonstrated) {
  const double beta = importance_beta_at(config_.replay, progress.env_steps, progress.fraction);
  const int64_t batch = config_.agent.batch_size;
  if (demonstrated > 0) sample(*demonstrations_, beta, 0, demonstrated);
  if (demonstrated < batch) sample(replay_, beta, demonstrated, batch - demonstrated);
  // Stored as they came, so that all of a batch have the scale of now.
  normalizers_.normalize_rewards(learner_.batch().rewards);
  // Who acted in a dataset to be learnt from alone may have acted badly: nothing of it is preferred.
  const int64_t preferred = config_.offline ? 0 : demonstrated;
  const LearnStats stats = learner_.update(
      learning_rate_at(config_.agent.optimizer, progress.fraction, config_.network.arithmetic), preferred);
  if (replay_.in_sequences())
    mix_errors(learner_.errors(), learner_.of_sequence(), config_.replay.priority_mix, sequence_errors_);
  const auto first = static_cast<size_t>(demonstrated);
  if (demonstrated > 0) demonstrations_->update(std::span(indices_).first(first), errors().first(first));
  if (demonstrated < batch) replay_.update(std::span(indices_).subspan(first), errors().subspan(first));
  const int64_t sync_every = config_.target.sync_every_updates;
  if (sync_every > 0 && learner_.updates() % sync_every == 0) learner_.sync_target();
  listener.on_update(stats);
}

// Draws so many rows of the batch and gathers them in place.
void ReplayLearner::sample(ReplayMemory& memory, double beta, int64_t first_row, int64_t rows) {
  const auto first = static_cast<size_t>(first_row), count = static_cast<size_t>(rows);
  const std::span indices = std::span(indices_).subspan(first, count);
  memory.sample(beta, sampling_, indices, learner_.weights().subspan(first, count));
  if (memory.in_sequences())
    learner_.set_learnt_steps(memory.gather(indices, learner_.sequences()));
  else
    memory.gather(indices, learner_.batch(first_row));
}

void ReplayLearner::serialize(Archive& archive) {
  archive.value("learning_started_at", learning_started_at_, {-1, kCount.most});
  serialize_stream(archive, "sampling", sampling_);
  learner_.serialize(archive);
  normalizers_.serialize(archive);
  replay_.serialize(archive);
  if (!demonstrations_) return;
  // What was demonstrated is in its files; how it is drawn is the run's.
  const auto scope = archive.scope("demonstrations");
  demonstrations_->serialize_sampler(archive);
}

// Its windows are those of episodes that are not gone on with here.
void ReplayLearner::take_replay(Archive& archive) {
  replay_.serialize(archive);
  drop_partial_episodes();
}

int64_t ReplayLearner::learner_bytes(const DqnConfig& config) {
  return Learner::bytes(learner_shape(config), config.network, config.agent);
}

}  // namespace deepq
