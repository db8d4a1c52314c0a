// The half of Dqn that acts: observations go in, exploring actions come out. It acts by the online network of the half
// that learns and hands over what it acted on. In another place it would need a copy of that network and a stream of
// its own for noise; nothing else.
#pragma once

#include <algorithm>

#include "deepq/agent/dqn_config.h"
#include "deepq/agent/learner.h"
#include "deepq/agent/value_function.h"

namespace deepq {

class DqnActor {
 public:
  // `learner`, whose network it acts by, must live as long.
  DqnActor(const DqnConfig& config, Learner& learner);

  // One action for each environment. A noisy network's noise is renewed every exploration.noise_steps of them.
  void act(const ObservationRows& observations, const Progress& progress, double epsilon, std::span<int64_t> actions);

  // The observations of the last act().
  ObservationRows acted_on() const { return {layout_, acted_on_}; }

  // What a network with memory remembered before that, [env, memory_size]; empty of others.
  std::span<const float> remembered() const { return remembered_; }
  // Nothing is remembered of an episode in the next one.
  void end_episodes(const StepResult& result);
  void forget() { std::ranges::fill(memory_, 0.0f); }

  // Without exploration.
  ValueFunction& values() { return values_; }

  void serialize(Archive& archive);

  static int64_t bytes(const DqnConfig& config);

 private:
  std::span<const double> exploring_values(const ObservationRows& observations, const Progress& progress);

  int64_t env_count_, noise_steps_;
  ActionSpace actions_;
  ObservationLayout layout_;
  Random exploration_;
  Learner& learner_;
  Random noise_;                     // state of the learner's stream before the present noise was drawn from it
  std::vector<std::byte> acted_on_;  // rows
  NetworkValues values_;
  std::vector<float> memory_, remembered_;  // [env, memory_size]: now, and before the last act()
};

}  // namespace deepq
