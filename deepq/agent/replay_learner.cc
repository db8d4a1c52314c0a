#include "deepq/agent/replay_learner.h"

namespace deepq {
namespace {

LearnerShape learner_shape(const AlgorithmShape& shape) { return {shape.observation, shape.actions, shape.env_count}; }

Learner make_learner(const DqnConfig& config) {
  Random random = random_stream(config.seed, Stream::kInitialization);
  return Learner(learner_shape(config.shape), config.network, config.agent, config.target, random);
}

// Stacks with legal actions are kept whole: a handle has no room for them.
bool keeps_frames(const DqnConfig& config) {
  return config.shape.observation.frames_in_stack() > 0 && config.shape.observation.legal_actions() == 0;
}

FrameShape frame_shape(const DqnConfig& config) {
  const ObservationSpace& observation = config.shape.observation;
  return {.frame_size = observation.size() / observation.frames_in_stack(),
          .stack = observation.frames_in_stack(),
          .env_count = config.shape.env_count,
          .n_step = config.agent.n_step,
          .least = config.agent.batch_size};
}

// What a window keeps of the observation that it began with: all of it, or the handles of its frames.
ObservationLayout window_layout(const DqnConfig& config) {
  return keeps_frames(config) ? ObservationLayout::handles(config.shape.observation.frames_in_stack())
                              : ObservationLayout(config.shape.observation);
}

}  // namespace

ReplayLearner::ReplayLearner(const DqnConfig& config)
    : config_(config),
      layout_(config.shape.observation),
      sampling_(random_stream(config.seed, Stream::kSampling)),
      learner_(make_learner(config)),
      normalizers_(config.shape, config.network, config.agent),
      windows_(config.shape.env_count, config.agent.n_step, config.agent.gamma, window_layout(config)),
      replay_(make_replay(config)),
      sampler_(make_sampler(config.replay, config.agent.batch_size, config.network.arithmetic)),
      indices_(static_cast<size_t>(config.agent.batch_size)) {}

void ReplayLearner::observe(const ObservationRows& acted_on, const StepResult& result, const Progress& progress) {
  normalizers_.observe(acted_on, result, learner_.engine());
  store(acted_on, result);
  // Noted once: the warm-up is over, and linear exploration counts from here.
  if (learning_started_at_ >= 0 || stored() < config_.agent.batch_size) return;
  if (progress.env_steps >= config_.learning_starts_env_steps) learning_started_at_ = progress.env_steps;
}

void ReplayLearner::update(const Progress& progress, UpdateListener& listener) {
  if (learning_started_at_ < 0 || stored() < config_.agent.batch_size) return;  // a resumed run's batch may be larger
  const int64_t updates = progress.periods_passed(config_.update_every_env_steps) * config_.updates_per_round;
  for (int64_t i = 0; i < updates; ++i) update_once(progress, listener);
  // After the updates of the round, which the copy is to hold.
  for (int64_t i = progress.periods_passed(config_.target.sync_every_env_steps); i > 0; --i) learner_.sync_target();
}

void ReplayLearner::store(const ObservationRows& acted_on, const StepResult& result) {
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
    windows_.add(env, with_handles(env, step),
                 [this](const Transition& transition) { sampler_->on_push(push(transition)); });
  }
}

// Where frames are kept once, windows hold their handles.
StepRecord ReplayLearner::with_handles(int64_t env, const StepRecord& step) {
  auto* const frames = std::get_if<FrameStore>(&replay_);
  if (!frames) return step;
  // Room for new frames may cost the oldest transitions: the sampler must forget them too.
  const int64_t before = frames->size();
  const StepRecord handles = frames->observe(env, step);
  if (frames->size() < before) sampler_->on_shrink(frames->size());
  return handles;
}

int64_t ReplayLearner::push(const Transition& transition) {
  return std::visit([&](auto& replay) { return replay.push(transition); }, replay_);
}

int64_t ReplayLearner::stored() const {
  return std::visit([](const auto& replay) { return replay.size(); }, replay_);
}

int64_t ReplayLearner::newest() const {
  return std::visit([](const auto& replay) { return replay.newest(); }, replay_);
}

void ReplayLearner::gather(std::span<const int64_t> indices, const BatchBuffers& to) const {
  std::visit([&](const auto& replay) { replay.gather(indices, to); }, replay_);
}

ReplayLearner::Replay ReplayLearner::make_replay(const DqnConfig& config) {
  if (keeps_frames(config)) return FrameStore(config.replay.capacity, frame_shape(config));
  return ReplayStore(config.replay.capacity, config.shape.observation, action_width_of(config.shape.actions));
}

void ReplayLearner::update_once(const Progress& progress, UpdateListener& listener) {
  const double beta = importance_beta_at(config_.replay, progress.env_steps, progress.fraction);
  sampler_->sample(stored(), beta, sampling_, indices_, learner_.weights());
  const BatchBuffers batch = learner_.batch();
  gather(indices_, batch);
  // Stored as they came, so that all of a batch have the scale of now.
  normalizers_.normalize_rewards(batch.rewards);
  const LearnStats stats =
      learner_.update(learning_rate_at(config_.agent.optimizer, progress.fraction, config_.network.arithmetic));
  sampler_->update(indices_, learner_.errors());
  const int64_t sync_every = config_.target.sync_every_updates;
  if (sync_every > 0 && learner_.updates() % sync_every == 0) learner_.sync_target();
  listener.on_update(stats);
}

void ReplayLearner::serialize(Archive& archive) {
  archive.value("learning_started_at", learning_started_at_, {-1, kCount.most});
  serialize_stream(archive, "sampling", sampling_);
  learner_.serialize(archive);
  normalizers_.serialize(archive);
  serialize_replay(archive);
}

void ReplayLearner::drop_partial_episodes() {
  windows_.clear();
  normalizers_.drop_partial_episodes();
}

// Its windows are those of episodes that are not gone on with here.
void ReplayLearner::take_replay(Archive& archive) {
  serialize_replay(archive);
  windows_.clear();
}

void ReplayLearner::serialize_replay(Archive& archive) {
  windows_.serialize(archive, config_.shape.actions);
  std::visit([&](auto& replay) { replay.serialize(archive, config_.shape.actions); }, replay_);
  sampler_->serialize(archive, stored());
  // Windows hold handles of frames, and a damaged file may name some that are not there.
  if (const auto* const frames = std::get_if<FrameStore>(&replay_); frames && archive.loading())
    windows_.visit_open(
        [&](int64_t env, int64_t steps, ObservationRow handle) { frames->check_restored(env, steps, handle); });
}

int64_t ReplayLearner::replay_bytes(const DqnConfig& config, int64_t transitions) {
  ReplayConfig replay = config.replay;
  replay.capacity = transitions;
  const ActionWidth width = action_width_of(config.shape.actions);
  const int64_t store = keeps_frames(config) ? FrameStore::bytes(transitions, frame_shape(config))
                                             : ReplayStore::bytes(transitions, config.shape.observation, width);
  return store + sampler_bytes(replay) +
         NStepAccumulator::bytes(config.shape.env_count, config.agent.n_step, window_layout(config));
}

int64_t ReplayLearner::learner_bytes(const DqnConfig& config) {
  return Learner::bytes(learner_shape(config.shape), config.network, config.agent);
}

}  // namespace deepq
