// Deep Q-learning with replay (Mnih et al. 2015): the half that acts and the half that learns, in one place, step by
// step.
#pragma once

#include "deepq/agent/algorithm.h"
#include "deepq/agent/dqn_actor.h"
#include "deepq/agent/replay_learner.h"

namespace deepq {

class Dqn final : public Algorithm {
 public:
  explicit Dqn(const DqnConfig& config, const Demonstrations* demonstrations = nullptr);  // see ReplayLearner

  void act(const ObservationRows& observations, const Progress& progress, std::span<int64_t> actions) override {
    actor_.act(observations, progress, epsilon(progress), actions);
  }
  void observe(const StepResult& result, const Progress& progress) override {
    learning_.observe(actor_.acted_on(), actor_.remembered(), result, progress);
    actor_.end_episodes(result);
  }
  void update(const Progress& progress, UpdateListener& listener) override { learning_.update(progress, listener); }
  bool pretrain(const Progress& progress, UpdateListener& listener) override {
    return learning_.pretrain(progress, listener);
  }
  ValueFunction& value_function() override { return actor_.values(); }

  double epsilon(const Progress& progress) const override;
  double learning_rate(const Progress& progress) const override;
  int64_t updates() const override { return learner().updates(); }
  int64_t parameter_count() const override { return learner().network().parameter_count(); }
  bool parameters_are_finite() const override { return learner().parameters_are_finite(); }
  std::string weights_sha256() override { return learning_.learner().weights_sha256(); }
  std::span<const float> td_errors() const override { return learning_.errors(); }
  void serialize(Archive& archive) override;
  void take_weights(const Network& from, NetworkPart part) override {
    learning_.learner().engine().take_parameters(from, part);
  }
  void take_statistics(Archive& archive) override { learning_.take_statistics(archive); }
  void take_replay(Archive& archive) override { learning_.take_replay(archive); }
  void drop_partial_episodes() override { learning_.drop_partial_episodes(), actor_.forget(); }

  const Learner& learner() const { return learning_.learner(); }

  // Stored transitions (of a network with memory sequences, which gather() knows nothing of), as the learner sees them:
  // at `indices` (0 ... stored() - 1).
  int64_t stored() const { return learning_.stored(); }
  int64_t newest() const { return learning_.newest(); }  // its index; the one before it in the ring is the next older
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const { learning_.gather(indices, to); }

  static int64_t replay_bytes(const DqnConfig& config, int64_t transitions) {
    return ReplayLearner::replay_bytes(config, transitions);
  }
  static int64_t learner_bytes(const DqnConfig& config) {
    return ReplayLearner::learner_bytes(config) + DqnActor::bytes(config);
  }

 private:
  DqnConfig config_;
  ReplayLearner learning_;
  DqnActor actor_;
};

}  // namespace deepq
