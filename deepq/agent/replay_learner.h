// The half of Dqn that learns: what was acted on and what came of it goes in; the n-step windows, the replay store, and
// when to learn and to synchronise are here, the update itself is the Learner's. It never chooses an action.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "deepq/agent/dqn_config.h"
#include "deepq/agent/learner.h"
#include "deepq/agent/normalizers.h"
#include "deepq/replay/frame_store.h"
#include "deepq/replay/n_step.h"
#include "deepq/replay/replay_store.h"
#include "deepq/replay/sampler.h"
#include "deepq/replay/sequence_builder.h"

namespace deepq {

class ReplayLearner {
 public:
  explicit ReplayLearner(const DqnConfig& config);

  // Stores the step from the observations acted_on, a row for each environment, and what a network with memory
  // remembered before them; see Algorithm::observe.
  void observe(const ObservationRows& acted_on, std::span<const float> remembered, const StepResult& result,
               const Progress& progress);
  // See Algorithm::update.
  void update(const Progress& progress, UpdateListener& listener);

  // Of the run so far, since learning began; 0 before.
  int64_t env_steps_of_learning(const Progress& progress) const {
    return learning_started_at_ < 0 ? 0 : progress.env_steps - learning_started_at_;
  }

  Learner& learner() { return learner_; }
  const Learner& learner() const { return learner_; }

  // Of the last update's batch, see Algorithm::td_errors; of sequences one each.
  std::span<const float> errors() const { return sequences_ ? sequence_errors_ : learner_.errors(); }

  int64_t stored() const;
  int64_t newest() const;
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const;

  void serialize(Archive& archive);
  void take_replay(Archive& archive);
  void drop_partial_episodes();

  static int64_t replay_bytes(const DqnConfig& config, int64_t transitions);
  static int64_t learner_bytes(const DqnConfig& config);

 private:
  using Replay = std::variant<ReplayStore, FrameStore, SequenceStore>;

  static Replay make_replay(const DqnConfig& config);
  void serialize_replay(Archive& archive);
  void store(const ObservationRows& acted_on, std::span<const float> remembered, const StepResult& result);
  void store_in_sequence(int64_t env, const StepRecord& step, std::span<const float> remembered);
  StepRecord with_handles(int64_t env, const StepRecord& step);
  int64_t push(const Transition& transition);
  void gather_batch();
  void update_once(const Progress& progress, UpdateListener& listener);

  DqnConfig config_;
  ObservationLayout layout_;
  Random sampling_;
  Learner learner_;
  Normalizers normalizers_;
  NStepAccumulator windows_;
  Replay replay_;
  std::optional<SequenceBuilder> sequences_;  // of a network with memory: those that are open
  std::vector<float> sequence_errors_;        // [batch]
  std::unique_ptr<Sampler> sampler_;
  std::vector<int64_t> indices_;
  int64_t learning_started_at_ = -1;  // environment steps; -1: not yet
};

}  // namespace deepq
