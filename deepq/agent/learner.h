// Deep Q-learning (Mnih et al. 2015, algorithm 1): the online and the target network, and one update on one screen.
// The learner sees batches of numbers and no environments, episodes or files.
#pragma once

#include <string>
#include <vector>

#include "deepq/agent/agent_config.h"
#include "deepq/core/archive.h"
#include "deepq/core/random.h"
#include "deepq/nn/network.h"
#include "deepq/nn/optimizer.h"
#include "deepq/replay/batch.h"

namespace deepq {

struct LearnStats {
  double loss = 0;       // mean over the batch
  double mean_q = 0;     // of the actions taken, before the update
  double max_abs_q = 0;  // likewise
  double grad_norm = 0;  // before clipping
};

struct LearnerShape {
  int64_t observation_size;
  int64_t action_count;
  int64_t act_rows;  // most observations that q_values() is asked for at once
};

class Learner {
 public:
  // Initialises the online network from `random` and copies it to the target.
  Learner(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent, const TargetConfig& target,
          Random& random);

  // Where the next batch is to be gathered: straight into the networks' inputs.
  BatchBuffers batch();

  // One step on the gathered batch. Throws deepq::Error when the loss or a gradient is not finite; the parameters are
  // then what they were. No allocation.
  LearnStats update(double learning_rate);

  // target <- (1 - tau) target + tau online.
  void sync_target();

  // Action values [rows, action_count] of the first `rows` of `observations`; valid until the next call of any kind.
  Rows q_values(Rows observations, int64_t rows);

  const AgentConfig& config() const { return agent_; }
  int64_t updates() const { return optimizer_.steps(); }
  const Network& network() const { return online_; }
  bool parameters_are_finite() const;
  std::string weights_sha256();  // of the online parameters as little-endian float32, tensors in order of their names

  void serialize(Archive& archive);

  static int64_t bytes(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent);

 private:
  void compute_targets();
  LearnStats compute_loss_and_gradient();

  LearnerShape shape_;
  AgentConfig agent_;
  TargetConfig target_config_;
  Network online_, target_;
  Optimizer optimizer_;
  InputBuffer observations_, next_observations_;
  std::vector<int32_t> actions_;
  std::vector<float> rewards_, discounts_, targets_;
};

}  // namespace deepq
