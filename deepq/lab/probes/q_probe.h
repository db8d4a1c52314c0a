// A DQN looked at from outside: the action values of a fixed number of observations under a copy of its online or its
// target network. The agent is not disturbed: its buffers and its random streams stay as they are.
#pragma once

#include <span>
#include <vector>

#include "deepq/agent/dqn.h"
#include "deepq/config/run_config.h"
#include "deepq/env/env.h"

namespace deepq::lab {

class QProbe {
 public:
  // For an environment whose observations are vectors and a network that gives one number for each action.
  QProbe(const RunConfig& config, const EnvSpec& env, int64_t rows);

  // Where the observations are put, and stay.
  Rows observations() { return input_.rows(); }

  // Action values [rows, actions] under the parameters that `network` has now; valid until the next call.
  Rows q_values(const Network& network);

  // The largest of each row of q_values(network).
  void max_q(const Network& network, std::span<double> values);

 private:
  int64_t rows_, actions_;
  Network copy_;
  InputBuffer input_;
};

// The learner of a run whose agent.algorithm is dqn.
const Dqn& dqn_of(const Algorithm& algorithm);

}  // namespace deepq::lab
