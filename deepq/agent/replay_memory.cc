#include "deepq/agent/replay_memory.h"

#include <algorithm>

namespace deepq {
namespace {

// Stacks with legal actions are kept whole: a handle has no room for them. So are those of sequences.
bool keeps_frames(const DqnConfig& config) {
  const ObservationSpace& observation = config.shape.observation;
  return !learns_from_sequences(config) && observation.frames_in_stack() > 0 && observation.legal_actions() == 0;
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

// For a memory that holds them all.
DqnConfig config_for(const Demonstrations& demonstrations, DqnConfig config) {
  config.shape.env_count = 1;
  config.replay.capacity = demonstrations.steps();
  // An episode begins with as many new frames as a stack has, and the store has room for 65 to 64 transitions.
  if (keeps_frames(config))
    config.replay.capacity += 64 * config.shape.observation.frames_in_stack() * demonstrations.episodes();
  // Of fewer than a batch some are drawn twice.
  config.replay.with_replacement |= demonstrations.steps() < config.agent.batch_size;
  return config;
}

// What the sampler draws from holds as many.
ReplayConfig sampled(const DqnConfig& config) {
  ReplayConfig replay = config.replay;
  if (learns_from_sequences(config)) replay.capacity = sequence_format(config).shape().sequences(replay.capacity);
  return replay;
}

}  // namespace

bool learns_from_sequences(const DqnConfig& config) { return config.network.recurrent != Memory::kNone; }

SequenceFormat sequence_format(const DqnConfig& config) {
  const int64_t memory = memory_size_of(config.network);
  return {sequence_shape(config.replay, config.agent.n_step, memory), config.shape.observation};
}

ReplayMemory::ReplayMemory(const DqnConfig& config)
    : actions_(config.shape.actions),
      windows_(config.shape.env_count, config.agent.n_step, config.agent.gamma, window_layout(config)),
      store_(make_store(config)),
      sampler_(make_sampler(sampled(config), config.agent.batch_size, config.network.arithmetic)) {
  if (learns_from_sequences(config)) sequences_.emplace(config.shape.env_count, sequence_format(config));
}

ReplayMemory ReplayMemory::of(const Demonstrations& demonstrations, const DqnConfig& config) {
  ReplayMemory memory(config_for(demonstrations, config));
  demonstrations.visit([&](const StepRecord& recorded) {
    StepRecord step = recorded;
    step.reward = config.agent.training_reward(recorded.reward);
    step.terminated = recorded.terminated || (recorded.truncated && !config.agent.bootstrap_at_truncation);
    memory.add(0, step);
  });
  if (memory.stored() != demonstrations.steps())
    throw Error::of("of ", demonstrations.steps(), " demonstrated transitions only ", memory.stored(),
                    " fit: their stacks have too few frames in common");
  return memory;
}

void ReplayMemory::add(int64_t env, const StepRecord& step, std::span<const float> remembered) {
  if (sequences_) return add_to_sequence(env, step, remembered);
  windows_.add(env, with_handles(env, step),
               [this](const Transition& transition) { sampler_->on_push(push(transition)); });
}

void ReplayMemory::add_to_sequence(int64_t env, const StepRecord& step, std::span<const float> remembered) {
  const auto keep = [this](std::span<const std::byte> sequence) {
    sampler_->on_push(std::get<SequenceStore>(store_).push(sequence));
  };
  sequences_->begin_step(env, step.observation, remembered);
  windows_.add(env, step, [&](const Transition& transition) { sequences_->add(env, transition, keep); });
  if (step.terminated || step.truncated) sequences_->end_episode(env, keep);
}

void ReplayMemory::drop_partial_episodes() {
  windows_.clear();
  if (sequences_) sequences_->clear();
}

// Where frames are kept once, windows hold their handles.
StepRecord ReplayMemory::with_handles(int64_t env, const StepRecord& step) {
  auto* const frames = std::get_if<FrameStore>(&store_);
  if (!frames) return step;
  // Room for new frames may cost the oldest transitions: the sampler must forget them too.
  const int64_t before = frames->size();
  const StepRecord handles = frames->observe(env, step);
  if (frames->size() < before) sampler_->on_shrink(frames->size());
  return handles;
}

int64_t ReplayMemory::push(const Transition& transition) {
  if (auto* const frames = std::get_if<FrameStore>(&store_)) return frames->push(transition);
  return std::get<ReplayStore>(store_).push(transition);
}

int64_t ReplayMemory::stored() const {
  return std::visit([](const auto& store) { return store.size(); }, store_);
}

int64_t ReplayMemory::newest() const {
  return std::visit([](const auto& store) { return store.newest(); }, store_);
}

void ReplayMemory::gather(std::span<const int64_t> indices, const BatchBuffers& to) const {
  if (const auto* const frames = std::get_if<FrameStore>(&store_)) return frames->gather(indices, to);
  std::get<ReplayStore>(store_).gather(indices, to);
}

int64_t ReplayMemory::gather(std::span<const int64_t> indices, const SequenceBuffers& to) const {
  return std::get<SequenceStore>(store_).gather(indices, to);
}

ReplayMemory::Store ReplayMemory::make_store(const DqnConfig& config) {
  if (learns_from_sequences(config)) return SequenceStore(config.replay.capacity, sequence_format(config));
  if (keeps_frames(config)) return FrameStore(config.replay.capacity, frame_shape(config));
  return ReplayStore(config.replay.capacity, config.shape.observation, action_width_of(config.shape.actions));
}

void ReplayMemory::serialize(Archive& archive) {
  windows_.serialize(archive, actions_);
  std::visit([&](auto& store) { store.serialize(archive, actions_); }, store_);
  if (sequences_) sequences_->serialize(archive, actions_);
  serialize_sampler(archive);
  // Windows hold handles of frames, and a damaged file may name some that are not there.
  if (const auto* const frames = std::get_if<FrameStore>(&store_); frames && archive.loading())
    windows_.visit_open(
        [&](int64_t env, int64_t steps, ObservationRow handle) { frames->check_restored(env, steps, handle); });
}

int64_t ReplayMemory::bytes(const DqnConfig& config, int64_t transitions) {
  DqnConfig smaller = config;
  smaller.replay.capacity = transitions;
  const int64_t rest = sampler_bytes(sampled(smaller)) +
                       NStepAccumulator::bytes(config.shape.env_count, config.agent.n_step, window_layout(config));
  if (learns_from_sequences(config)) {
    const SequenceFormat format = sequence_format(config);
    return SequenceStore::bytes(transitions, format) + SequenceBuilder::bytes(config.shape.env_count, format) + rest;
  }
  const ActionWidth width = action_width_of(config.shape.actions);
  const int64_t store = keeps_frames(config) ? FrameStore::bytes(transitions, frame_shape(config))
                                             : ReplayStore::bytes(transitions, config.shape.observation, width);
  return store + rest;
}

int64_t ReplayMemory::bytes_of(const Demonstrations& demonstrations, const DqnConfig& config) {
  return bytes(config_for(demonstrations, config), demonstrations.steps());
}

}  // namespace deepq
