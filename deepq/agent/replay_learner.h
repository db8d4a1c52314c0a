// The half of Dqn that learns: what was acted on and what came of it goes in; when to learn and to synchronise is here,
// what to learn from is a ReplayMemory's, the update itself is the Learner's. It never chooses an action.
#pragma once

#include <optional>

#include "deepq/agent/learner.h"
#include "deepq/agent/normalizers.h"
#include "deepq/agent/replay_memory.h"

namespace deepq {

class ReplayLearner {
 public:
  // `demonstrations`: what else to learn from, or null; not kept. Throws deepq::Error for those that cannot be.
  explicit ReplayLearner(const DqnConfig& config, const Demonstrations* demonstrations = nullptr);

  // Stores the step from the observations acted_on, a row for each environment, and what a network with memory
  // remembered before them; see Algorithm::observe.
  void observe(const ObservationRows& acted_on, std::span<const float> remembered, const StepResult& result,
               const Progress& progress);
  // See Algorithm.
  void update(const Progress& progress, UpdateListener& listener);
  bool pretrain(const Progress& progress, UpdateListener& listener);

  // Of the run so far, since learning began; 0 before.
  int64_t env_steps_of_learning(const Progress& progress) const {
    return learning_started_at_ < 0 ? 0 : progress.env_steps - learning_started_at_;
  }

  Learner& learner() { return learner_; }
  const Learner& learner() const { return learner_; }

  // Of the last update's batch, see Algorithm::td_errors; of sequences one each.
  std::span<const float> errors() const { return replay_.in_sequences() ? sequence_errors_ : learner_.errors(); }

  int64_t stored() const { return replay_.stored(); }
  int64_t newest() const { return replay_.newest(); }
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const { replay_.gather(indices, to); }

  void serialize(Archive& archive);
  void take_replay(Archive& archive);
  void take_statistics(Archive& archive) { normalizers_.take(archive); }
  void drop_partial_episodes() {
    replay_.drop_partial_episodes();
    normalizers_.drop_partial_episodes();
  }

  static int64_t replay_bytes(const DqnConfig& config, int64_t transitions) {
    return ReplayMemory::bytes(config, transitions);
  }
  static int64_t learner_bytes(const DqnConfig& config);

 private:
  void store(const ObservationRows& acted_on, std::span<const float> remembered, const StepResult& result);
  void update_once(const Progress& progress, UpdateListener& listener, int64_t demonstrated);
  void sample(ReplayMemory& memory, double beta, int64_t first_row, int64_t rows);

  DqnConfig config_;
  ObservationLayout layout_;
  Random sampling_;
  Learner learner_;
  Normalizers normalizers_;
  ReplayMemory replay_;
  std::optional<ReplayMemory> demonstrations_;
  int64_t demonstrated_ = 0;  // rows of a batch, while the agent acts
  std::vector<int64_t> indices_;
  std::vector<float> sequence_errors_;  // [batch], of sequences
  int64_t learning_started_at_ = -1;    // environment steps; -1: not yet
};

}  // namespace deepq
