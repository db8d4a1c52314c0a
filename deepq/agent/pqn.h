// Parallel Q-learning (Gallici et al. 2025, "Simplifying Deep Temporal Difference Learning", algorithm 1): many
// environments, lambda-returns over short rollouts, no replay and no target network. A round of updates follows each
// rollout; while it is collected the network does not change, but for the statistics that its input is normalised by.
#pragma once

#include "deepq/agent/algorithm.h"
#include "deepq/agent/normalizers.h"
#include "deepq/agent/rollout.h"
#include "deepq/nn/learning_engine.h"

namespace deepq {

struct PqnSettings {
  AlgorithmShape shape;
  NetworkConfig network;
  AgentConfig agent;
  PqnConfig pqn;
  ExplorationConfig exploration;
  uint64_t seed = 0;
};

// G_t = r_t + gamma ((1 - lambda) V(s_t+1) + lambda G_t+1) backwards over one environment's rollout, each array with
// `stride` floats from one step to the next. next_values: max_a Q of the true successor. Where an episode ended nothing
// of G_t+1 enters; at a true end nothing of V either.
struct LambdaReturns {
  double gamma, lambda;
  int64_t steps, stride;
  void compute(const float* rewards, const float* next_values, const uint8_t* terminated, const uint8_t* truncated,
               float* returns) const;
};

class Pqn final : public Algorithm {
 public:
  explicit Pqn(const PqnSettings& settings, const EngineFactory& make = make_engine);

  void act(const ObservationRows& observations, const Progress& progress, std::span<int64_t> actions) override;
  void observe(const StepResult& result, const Progress& progress) override;
  void update(const Progress& progress, UpdateListener& listener) override;
  ValueFunction& value_function() override { return values_; }

  double epsilon(const Progress& progress) const override;
  double learning_rate(const Progress& progress) const override;
  int64_t updates() const override { return engine_->steps(); }
  int64_t parameter_count() const override { return network().parameter_count(); }
  bool parameters_are_finite() const override;
  std::string weights_sha256() override;
  std::span<const float> td_errors() const override { return errors_; }
  void serialize(Archive& archive) override;
  void take_weights(const Network& from, NetworkPart part) override { engine_->take_parameters(from, part); }
  void take_statistics(Archive& archive) override { normalizers_.take(archive); }
  void drop_partial_episodes() override {
    step_ = 0;
    normalizers_.drop_partial_episodes();
  }

  static int64_t bytes(const PqnSettings& settings);

 private:
  int64_t rollout_size() const { return settings_.pqn.rollout_steps * settings_.shape.env_count; }
  const Network& network() const { return engine_->network(ParameterCopy::kOnline); }
  Rows forward(int64_t rows);
  float value_of(Rows q, int64_t row) const;
  void learn_from_rollout(const Progress& progress, UpdateListener& listener);
  LearnStats update_on(std::span<const int64_t> samples, double learning_rate);

  PqnSettings settings_;
  Random exploration_, sampling_;
  std::unique_ptr<LearningEngine> engine_;  // without a target network
  Normalizers normalizers_;
  ObservationBatch input_;
  NetworkValues values_;

  int64_t step_ = 0;  // of the rollout
  // All [rollout step, environment].
  RolloutObservations observations_;
  std::vector<float> rewards_, next_values_, returns_;
  std::vector<int32_t> actions_;
  std::vector<uint8_t> terminated_, truncated_;
  std::vector<int64_t> order_;
  std::vector<float> errors_;  // of one minibatch
};

}  // namespace deepq
