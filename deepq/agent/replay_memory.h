// What DQN learns from: the n-step windows, the store of transitions that they become, or for networks with memory of
// sequences, and the sampler that draws from it. A learner has one of what it does itself, and perhaps a second one of
// demonstrations, which is filled once.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "deepq/agent/dqn_config.h"
#include "deepq/replay/demonstrations.h"
#include "deepq/replay/frame_store.h"
#include "deepq/replay/n_step.h"
#include "deepq/replay/replay_store.h"
#include "deepq/replay/sampler.h"
#include "deepq/replay/sequence_builder.h"

namespace deepq {

// Whether what is learnt from are sequences, and how they lie in memory then.
bool learns_from_sequences(const DqnConfig& config);
SequenceFormat sequence_format(const DqnConfig& config);

class ReplayMemory {
 public:
  explicit ReplayMemory(const DqnConfig& config);
  // Of all the demonstrations and nothing else, for ever.
  static ReplayMemory of(const Demonstrations& demonstrations, const DqnConfig& config);

  // Takes in one step of an environment, whose reward is what is to be learnt, and what a network with memory
  // remembered before it. No allocation.
  void add(int64_t env, const StepRecord& step, std::span<const float> remembered = {});
  void drop_partial_episodes();

  int64_t stored() const;
  int64_t newest() const;
  bool in_sequences() const { return sequences_.has_value(); }
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const;        // of transitions
  int64_t gather(std::span<const int64_t> indices, const SequenceBuffers& to) const;  // returns the learnt steps

  // See Sampler.
  void sample(double beta, Random& random, std::span<int64_t> indices, std::span<float> weights) {
    sampler_->sample(stored(), beta, random, indices, weights);
  }
  void update(std::span<const int64_t> indices, std::span<const float> errors) { sampler_->update(indices, errors); }

  void serialize(Archive& archive);
  // The sampler's part of it: of transitions that are read anew from where they came.
  void serialize_sampler(Archive& archive) { sampler_->serialize(archive, stored()); }

  static int64_t bytes(const DqnConfig& config, int64_t transitions);
  static int64_t bytes_of(const Demonstrations& demonstrations, const DqnConfig& config);

 private:
  using Store = std::variant<ReplayStore, FrameStore, SequenceStore>;

  static Store make_store(const DqnConfig& config);
  void add_to_sequence(int64_t env, const StepRecord& step, std::span<const float> remembered);
  StepRecord with_handles(int64_t env, const StepRecord& step);
  int64_t push(const Transition& transition);

  ActionSpace actions_;
  NStepAccumulator windows_;
  Store store_;
  std::optional<SequenceBuilder> sequences_;  // those that are open
  std::unique_ptr<Sampler> sampler_;
};

}  // namespace deepq
