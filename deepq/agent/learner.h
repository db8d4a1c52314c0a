// Deep Q-learning (Mnih et al. 2015, algorithm 1) and its variants: the online and the target network, and one update
// on one screen. The learner sees batches of numbers and no environments, episodes or files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "deepq/agent/agent_config.h"
#include "deepq/agent/observations.h"
#include "deepq/agent/value.h"
#include "deepq/core/archive.h"
#include "deepq/core/learn_stats.h"
#include "deepq/core/random.h"
#include "deepq/nn/learning_engine.h"
#include "deepq/replay/batch.h"
#include "deepq/replay/sequence_store.h"

namespace deepq {

struct LearnerShape {
  ObservationSpace observation;
  ActionSpace actions;
  int64_t act_rows = 1;  // most observations that are acted on at once
  // Of networks with memory: a batch is of sequences of so many observations, of which so many are learnt from at most.
  int64_t steps = 1, learnt_steps = 1;
};

class Learner {
 public:
  // Initialises the online network from `random`, copies it to the target, and keeps `random` for its noise and its
  // quantile fractions. `make`: which engine computes.
  Learner(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent, const TargetConfig& target,
          Random& random, const EngineFactory& make = make_engine);

  // Where the next batch is to be gathered, from this row on: straight into the networks' inputs. Weights are 1 at
  // first.
  BatchBuffers batch(int64_t first_row = 0);
  // The same where it is of sequences; then it is said how many steps are learnt from.
  SequenceBuffers sequences();
  void set_learnt_steps(int64_t count) { samples_ = count; }
  std::span<float> weights() { return weights_; }  // importance weights of the batch's transitions, or sequences

  // One step on the gathered batch, whose first `demonstrated` rows were shown by someone whose actions are to be
  // preferred. Throws deepq::Error when the loss or a gradient is not finite; the parameters are
  // then what they were. No allocation.
  LearnStats update(double learning_rate, int64_t demonstrated = 0);

  // Of the last update, sample by sample: what prioritised replay takes as priorities; and which sequence each is of.
  std::span<const float> errors() const { return std::span(errors_).first(static_cast<size_t>(samples_)); }
  std::span<const int64_t> of_sequence() const { return std::span(of_sequence_).first(errors().size()); }

  // target <- (1 - tau) target + tau online.
  void sync_target();

  const AgentConfig& config() const { return agent_; }
  int64_t updates() const { return engine_->steps(); }
  const Network& network() const { return engine_->network(ParameterCopy::kOnline); }
  const Network& target_network() const { return engine_->network(ParameterCopy::kTarget); }
  LearningEngine& engine() { return *engine_; }  // to act by: takes as many rows as a batch has, or act_rows
  // The stream of noise and quantile fractions. Who acts by a noisy network draws from it, too, between the updates.
  Random& noise() { return noise_; }
  bool parameters_are_finite() const;
  std::string weights_sha256();  // of the online parameters as little-endian float32, tensors in order of their names

  void serialize(Archive& archive);

  static int64_t bytes(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent);

 private:
  enum class Fractions { kLoss, kTarget, kAction };

  void add_munchausen_rewards();
  void compute_targets();
  LearnStats compute_loss_and_gradient(int64_t demonstrated);
  template <class Representation>
  float add_action_losses(Representation& value, const ActionOutputs& sample, int64_t row, size_t axis, int64_t taken,
                          bool demonstrated, const OutputGradient& gradient);
  void fill_q(ParameterCopy copy, ObservationBatch& input, const std::vector<int64_t>& rows, std::vector<float>& q);
  void choose_next_actions(int64_t sample);
  void choose_on_each_axis(std::span<const float> q, LegalActions legal);
  Rows forward(ParameterCopy copy, ObservationBatch& input, Fractions purpose);
  int64_t fraction_count(Fractions purpose) const;
  bool has_memory() const { return shape_.steps > 1; }
  // Where next states are: in a batch of their own, or further on in the same sequences.
  ObservationBatch& next_batch() { return has_memory() ? observations_ : next_observations_; }
  ActionOutputs outputs(Rows rows, int64_t row, Fractions purpose) const;

  LearnerShape shape_;
  AgentConfig agent_;
  TargetConfig target_config_;
  Arithmetic arithmetic_;
  std::unique_ptr<LearningEngine> engine_;
  int64_t width_;  // numbers that the network gives for an action; asked once, for it is needed for every sample
  Value value_;
  Random noise_;
  ObservationBatch observations_, next_observations_;
  // What is learnt from: `samples_` steps, each with the row of its state and of the next one, and its sequence.
  // Without memory the i-th of a batch has row i in all of them.
  int64_t samples_;
  std::vector<int64_t> rows_, next_rows_, of_sequence_;
  std::vector<float> before_;         // [sequence, memory_size]
  std::vector<int64_t> learnt_from_;  // [sequence]
  std::vector<int64_t> actions_;
  std::vector<float> rewards_, discounts_, weights_, errors_;
  std::vector<float> targets_;     // [sample, target_size]
  std::vector<float> next_q_, q_;  // [sample, values of all actions]: what actions are chosen by; Munchausen's q of s
  std::vector<NextAction> next_;   // what may follow one sample
  std::vector<float> fractions_;   // implicit: of the forward pass in hand
  std::vector<float> action_q_, action_gradient_;  // of one sample's axis: its values, and a loss's gradient by them
};

}  // namespace deepq
