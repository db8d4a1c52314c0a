// A trained agent, loaded to act: no environment, no replay, no learning. Needs only the checkpoint.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "deepq/nn/network.h"
#include "deepq/train/run_config.h"

namespace deepq {

class Agent {
 public:
  // From a run folder (its newest valid checkpoint) or from one checkpoint file. Throws deepq::Error.
  static Agent load(const std::string& path);

  // The greedy action. Throws deepq::Error when the observation has another size than the environment's. No allocation.
  int64_t act(std::span<const float> observation);

  // Values of all actions; valid until the next call.
  std::span<const float> q_values(std::span<const float> observation);

  int64_t observation_size() const { return network_.input_size(); }
  int64_t action_count() const { return network_.output_size(); }
  const RunConfig& config() const { return config_; }

 private:
  Agent(RunConfig config, int64_t observation_size, int64_t action_count);

  RunConfig config_;
  Network network_;
  InputBuffer input_;
};

}  // namespace deepq
