// Deep Q-learning with replay: acting, the n-step windows, the replay store, and when to learn and to synchronise. The
// update itself is the Learner's.
#pragma once

#include <variant>

#include "deepq/agent/algorithm.h"
#include "deepq/agent/learner.h"
#include "deepq/replay/frame_store.h"
#include "deepq/replay/n_step.h"
#include "deepq/replay/replay_store.h"
#include "deepq/replay/sampler.h"

namespace deepq {

struct DqnConfig {
  AlgorithmShape shape;
  NetworkConfig network;
  AgentConfig agent;
  TargetConfig target;
  ReplayConfig replay;
  ExplorationConfig exploration;
  // Environment steps, over all copies: before the first update, and between rounds of updates.
  int64_t learning_starts_env_steps = 0, update_every_env_steps = 1, updates_per_round = 1;
  uint64_t seed = 0;
};

class Dqn final : public Algorithm {
 public:
  explicit Dqn(const DqnConfig& config);

  void act(std::span<const float> observations, const Progress& progress, std::span<int64_t> actions) override;
  void observe(const StepResult& result, const Progress& progress) override;
  void update(const Progress& progress, UpdateListener& listener) override;
  ValueFunction& value_function() override { return values_; }

  double epsilon(const Progress& progress) const override;
  double learning_rate(const Progress& progress) const override;
  int64_t updates() const override { return learner_.updates(); }
  int64_t parameter_count() const override { return learner_.network().parameter_count(); }
  bool parameters_are_finite() const override { return learner_.parameters_are_finite(); }
  std::string weights_sha256() override { return learner_.weights_sha256(); }
  std::span<const float> td_errors() const override { return learner_.errors(); }
  void serialize(Archive& archive) override;
  void take_replay(Archive& archive) override;
  void drop_partial_episodes() override { windows_.clear(); }

  const Learner& learner() const { return learner_; }

  // Stored transitions, as the learner sees them: at `indices` (0 ... stored() - 1).
  int64_t stored() const;
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const;

  static int64_t replay_bytes(const DqnConfig& config, int64_t transitions);
  static int64_t learner_bytes(const DqnConfig& config);

 private:
  using Replay = std::variant<ReplayStore, FrameStore>;

  static Replay make_replay(const DqnConfig& config);
  void serialize_replay(Archive& archive);
  void store(const StepResult& result);
  StepRecord observe(int64_t env, const StepRecord& step);
  int64_t push(const Transition& transition);
  void update_once(const Progress& progress, UpdateListener& listener);

  DqnConfig config_;
  Random exploration_, sampling_;
  Learner learner_;
  NStepAccumulator windows_;
  Replay replay_;
  std::unique_ptr<Sampler> sampler_;
  ObservationBatch acted_on_;
  NetworkValues values_;
  std::vector<int64_t> indices_;
  int64_t learning_started_at_ = -1;  // environment steps; -1: not yet
};

}  // namespace deepq
