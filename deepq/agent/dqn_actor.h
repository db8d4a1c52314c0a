// The half of Dqn that acts: observations go in, exploring actions come out. It acts by the networks of the half that
// learns, whose noise it shares, and hands over what it acted on. In another place it would need a copy of the online
// network and of the noise's stream; nothing else.
#pragma once

#include "deepq/agent/dqn_config.h"
#include "deepq/agent/learner.h"

namespace deepq {

class DqnActor {
 public:
  // `learner`, whose network it acts by, must live as long.
  DqnActor(const DqnConfig& config, Learner& learner);

  // One action for each environment. A noisy network's noise is renewed every exploration.noise_steps of them.
  void act(const ObservationRows& observations, const Progress& progress, double epsilon, std::span<int64_t> actions);

  // The observations of the last act().
  ObservationRows acted_on() const { return {input_.layout(), acted_on_}; }

  // Without exploration.
  ValueFunction& values() { return values_; }

  void serialize(Archive& archive) { serialize_stream(archive, "exploration", exploration_); }

  static int64_t bytes(const DqnConfig& config);

 private:
  int64_t env_count_, noise_steps_;
  size_t action_count_;
  Random exploration_;
  Learner& learner_;
  ObservationBatch input_;
  std::vector<std::byte> acted_on_;  // rows
  NetworkValues values_;
};

}  // namespace deepq
