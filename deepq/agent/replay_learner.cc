#include "deepq/agent/replay_learner.h"

namespace deepq {
namespace {

bool has_memory(const DqnConfig& config) { return config.network.recurrent != Memory::kNone; }

SequenceFormat sequence_format(const DqnConfig& config) {
  const int64_t memory = memory_size_of(config.network);
  return {sequence_shape(config.replay, config.agent.n_step, memory), config.shape.observation};
}

LearnerShape learner_shape(const DqnConfig& config) {
  const AlgorithmShape& shape = config.shape;
  LearnerShape learner{shape.observation, shape.actions, shape.env_count};
  if (!has_memory(config)) return learner;
  const SequenceShape sequences = sequence_format(config).shape();
  learner.steps = sequences.steps();
  learner.learnt_steps = sequences.length;
  return learner;
}

// What the sampler draws from holds as many.
ReplayConfig sampled(const DqnConfig& config) {
  ReplayConfig replay = config.replay;
  if (has_memory(config)) replay.capacity = sequence_format(config).shape().sequences(replay.capacity);
  return replay;
}

Learner make_learner(const DqnConfig& config) {
  Random random = random_stream(config.seed, Stream::kInitialization);
  return Learner(learner_shape(config), config.network, config.agent, config.target, random);
}

// Stacks with legal actions are kept whole: a handle has no room for them. So are those of sequences.
bool keeps_frames(const DqnConfig& config) {
  return !has_memory(config) && config.shape.observation.frames_in_stack() > 0 && config.shape.observation.legal_actions() == 0;
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
      sampler_(make_sampler(sampled(config), config.agent.batch_size, config.network.arithmetic)),
      indices_(static_cast<size_t>(config.agent.batch_size)) {
  if (!has_memory(config)) return;
  sequences_.emplace(config.shape.env_count, sequence_format(config));
  sequence_errors_.resize(indices_.size());
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
  if (learning_started_at_ < 0 || stored() < config_.agent.batch_size) return;  // a resumed run's batch may be larger
  const int64_t updates = progress.periods_passed(config_.update_every_env_steps) * config_.updates_per_round;
  for (int64_t i = 0; i < updates; ++i) update_once(progress, listener);
  // After the updates of the round, which the copy is to hold.
  for (int64_t i = progress.periods_passed(config_.target.sync_every_env_steps); i > 0; --i) learner_.sync_target();
}

void ReplayLearner::store(const ObservationRows& acted_on, std::span<const float> remembered,
                          const StepResult& result) {
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
    if (sequences_) {
      const size_t memory = remembered.size() / result.actions.size();
      store_in_sequence(env, step, remembered.subspan(i * memory, memory));
    } else {
      windows_.add(env, with_handles(env, step),
                   [this](const Transition& transition) { sampler_->on_push(push(transition)); });
    }
  }
}

void ReplayLearner::store_in_sequence(int64_t env, const StepRecord& step, std::span<const float> remembered) {
  const auto keep = [this](std::span<const std::byte> sequence) {
    sampler_->on_push(std::get<SequenceStore>(replay_).push(sequence));
  };
  sequences_->begin_step(env, step.observation, remembered);
  windows_.add(env, step, [&](const Transition& transition) { sequences_->add(env, transition, keep); });
  if (step.terminated || step.truncated) sequences_->end_episode(env, keep);
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
  if (auto* const frames = std::get_if<FrameStore>(&replay_)) return frames->push(transition);
  return std::get<ReplayStore>(replay_).push(transition);
}

int64_t ReplayLearner::stored() const {
  return std::visit([](const auto& replay) { return replay.size(); }, replay_);
}

int64_t ReplayLearner::newest() const {
  return std::visit([](const auto& replay) { return replay.newest(); }, replay_);
}

void ReplayLearner::gather(std::span<const int64_t> indices, const BatchBuffers& to) const {
  if (const auto* const frames = std::get_if<FrameStore>(&replay_)) return frames->gather(indices, to);
  std::get<ReplayStore>(replay_).gather(indices, to);
}

ReplayLearner::Replay ReplayLearner::make_replay(const DqnConfig& config) {
  if (has_memory(config)) return SequenceStore(config.replay.capacity, sequence_format(config));
  if (keeps_frames(config)) return FrameStore(config.replay.capacity, frame_shape(config));
  return ReplayStore(config.replay.capacity, config.shape.observation, action_width_of(config.shape.actions));
}

void ReplayLearner::update_once(const Progress& progress, UpdateListener& listener) {
  const double beta = importance_beta_at(config_.replay, progress.env_steps, progress.fraction);
  sampler_->sample(stored(), beta, sampling_, indices_, learner_.weights());
  gather_batch();
  // Stored as they came, so that all of a batch have the scale of now.
  normalizers_.normalize_rewards(learner_.batch().rewards);
  const LearnStats stats =
      learner_.update(learning_rate_at(config_.agent.optimizer, progress.fraction, config_.network.arithmetic));
  if (sequences_)
    mix_errors(learner_.errors(), learner_.of_sequence(), config_.replay.priority_mix, sequence_errors_);
  sampler_->update(indices_, errors());
  const int64_t sync_every = config_.target.sync_every_updates;
  if (sync_every > 0 && learner_.updates() % sync_every == 0) learner_.sync_target();
  listener.on_update(stats);
}

void ReplayLearner::gather_batch() {
  if (const auto* const sequences = std::get_if<SequenceStore>(&replay_))
    learner_.set_learnt_steps(sequences->gather(indices_, learner_.sequences()));
  else
    gather(indices_, learner_.batch());
}

void ReplayLearner::drop_partial_episodes() {
  windows_.clear();
  normalizers_.drop_partial_episodes();
  if (sequences_) sequences_->clear();
}

void ReplayLearner::serialize(Archive& archive) {
  archive.value("learning_started_at", learning_started_at_, {-1, kCount.most});
  serialize_stream(archive, "sampling", sampling_);
  learner_.serialize(archive);
  normalizers_.serialize(archive);
  serialize_replay(archive);
}

// Its windows are those of episodes that are not gone on with here.
void ReplayLearner::take_replay(Archive& archive) {
  serialize_replay(archive);
  drop_partial_episodes();
}

void ReplayLearner::serialize_replay(Archive& archive) {
  windows_.serialize(archive, config_.shape.actions);
  std::visit([&](auto& replay) { replay.serialize(archive, config_.shape.actions); }, replay_);
  if (sequences_) sequences_->serialize(archive, config_.shape.actions);
  sampler_->serialize(archive, stored());
  // Windows hold handles of frames, and a damaged file may name some that are not there.
  if (const auto* const frames = std::get_if<FrameStore>(&replay_); frames && archive.loading())
    windows_.visit_open(
        [&](int64_t env, int64_t steps, ObservationRow handle) { frames->check_restored(env, steps, handle); });
}

int64_t ReplayLearner::replay_bytes(const DqnConfig& config, int64_t transitions) {
  DqnConfig smaller = config;
  smaller.replay.capacity = transitions;
  const int64_t windows =
      NStepAccumulator::bytes(config.shape.env_count, config.agent.n_step, window_layout(config));
  const int64_t sampler = sampler_bytes(sampled(smaller));
  if (has_memory(config)) {
    const SequenceFormat format = sequence_format(config);
    return SequenceStore::bytes(transitions, format) + SequenceBuilder::bytes(config.shape.env_count, format) +
           sampler + windows;
  }
  const ActionWidth width = action_width_of(config.shape.actions);
  const int64_t store = keeps_frames(config) ? FrameStore::bytes(transitions, frame_shape(config))
                                             : ReplayStore::bytes(transitions, config.shape.observation, width);
  return store + sampler + windows;
}

int64_t ReplayLearner::learner_bytes(const DqnConfig& config) {
  return Learner::bytes(learner_shape(config), config.network, config.agent);
}

}  // namespace deepq
