// A DQN looked at from outside: the action values of a fixed number of observations under its online or its target
// network, by a policy of the probe's own that becomes the one or the other. So the agent is not disturbed: its buffers
// and its random streams stay as they are.
#pragma once

#include <span>
#include <vector>

#include "deepq/agent/dqn.h"
#include "deepq/train/policy.h"

namespace deepq::lab {

class QProbe {
 public:
  // For an environment whose observations are real numbers.
  QProbe(const RunConfig& config, const EnvSpec& env, int64_t rows);

  // Where the observations are put, and stay.
  Rows observations() { return {observations_.data(), policy_.observation_size()}; }

  // Action values [rows, actions] under the parameters that `network` has now; valid until the next call.
  std::span<const double> q_values(const Network& network);

  // The largest of each row of q_values(network).
  void max_q(const Network& network, std::span<double> values);

 private:
  Policy policy_;
  std::vector<float> observations_;
  std::vector<double> values_;
};

// The learner of a run whose agent.algorithm is dqn.
const Dqn& dqn_of(const Algorithm& algorithm);

}  // namespace deepq::lab
