// What the training loop knows of a learning algorithm. The loop steps the environments; the algorithm acts, and learns
// from what came of it. One call of each for every step of all environments together. Not thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "deepq/agent/agent_config.h"
#include "deepq/agent/observations.h"
#include "deepq/agent/value_function.h"
#include "deepq/core/archive.h"
#include "deepq/core/learn_stats.h"
#include "deepq/core/streams.h"

namespace deepq {

// How far training is.
struct Progress {
  int64_t env_steps = 0;         // over all environments, those of the present step included
  double fraction = 0;           // of the run, 0 to 1
  int64_t env_steps_before = 0;  // without those of the present step

  // How many multiples of `period` lie among the environment steps of the present step; 0 for period 0.
  int64_t periods_passed(int64_t period) const {
    return period > 0 ? env_steps / period - env_steps_before / period : 0;
  }
};

// Results of the last actions, environment by environment.
struct StepResult {
  std::span<const int64_t> actions;
  std::span<const double> rewards;
  std::span<const uint8_t> terminated, truncated;
  ObservationRows next_observations;  // a row for each environment; the true last ones where episodes end
  // Where the environment ignored the action, to begin a new episode: that is no environment step, and nothing is to be
  // learnt there. Empty: nowhere.
  std::span<const uint8_t> skipped = {};
  // Where a life was lost that counts as an end for learning, while the episode goes on. Empty: nowhere.
  std::span<const uint8_t> life_lost = {};

  // What ends learning: nothing follows that has a value. So it is at a true end, where a life was lost that counts as
  // one, and at a time limit unless its successor is to be bootstrapped from.
  bool is_end(size_t i, const AgentConfig& agent) const {
    const bool life_was_lost = !life_lost.empty() && life_lost[i] != 0;
    return terminated[i] != 0 || life_was_lost || (truncated[i] != 0 && !agent.bootstrap_at_truncation);
  }
  bool is_skipped(size_t i) const { return !skipped.empty() && skipped[i] != 0; }
};

class UpdateListener {
 public:
  virtual ~UpdateListener() = default;
  virtual void on_update(const LearnStats& stats) = 0;
};

class Algorithm {
 public:
  virtual ~Algorithm() = default;

  // Chooses exploring actions for `observations`, a row for each environment.
  virtual void act(const ObservationRows& observations, const Progress& progress, std::span<int64_t> actions) = 0;

  // Takes in what came of the actions that act() chose last; `progress` counts that step. The result's memory stays as
  // it is until update() has returned.
  virtual void observe(const StepResult& result, const Progress& progress) = 0;

  // Learns, as often as its settings say for one step. Throws deepq::Error when the loss or a gradient is not finite.
  virtual void update(const Progress& progress, UpdateListener& listener) = 0;

  // One update before the first step, from demonstrations alone; false: there is none to be made, or none any more.
  virtual bool pretrain(const Progress& /*progress*/, UpdateListener& /*listener*/) { return false; }

  // What has been learnt, as it is at each call; lives as long as this does.
  virtual ValueFunction& value_function() = 0;
  // Of one observation.
  std::span<const double> q_values(const ObservationRows& observation) { return value_function().values(observation); }

  // Of the last update's batch, without their sign, as prioritised replay takes them (agent/value.h): as many from the
  // first on, valid until the next update. Empty: it tells none.
  virtual std::span<const float> td_errors() const { return {}; }

  virtual double epsilon(const Progress& progress) const = 0;
  virtual double learning_rate(const Progress& progress) const = 0;
  virtual int64_t updates() const = 0;
  virtual int64_t parameter_count() const = 0;
  virtual bool parameters_are_finite() const = 0;
  virtual std::string
  weights_sha256() = 0;  // of the parameters, little-endian float32 (tables: float64), in order of their names

  virtual void serialize(Archive& archive) = 0;

  // Takes over what a saved one has stored, and nothing else of it.
  virtual void take_replay(Archive& /*archive*/) { throw Error("it has no replay; allowed: agent.algorithm dqn"); }

  // Before the first update: begins with another network's weights. Throws deepq::Error for those that do not fit.
  virtual void take_weights(const Network& /*from*/, NetworkPart /*part*/) {
    throw Error("a table has no weights; allowed: agent.algorithm dqn, pqn");
  }

  // Takes over what a saved one's weights are used to: the running statistics that its inputs and rewards were scaled
  // by.
  virtual void take_statistics(Archive& /*archive*/) {}

  // The environments could not be restored and began new episodes: what was open of the old ones is forgotten.
  virtual void drop_partial_episodes() {}
};

// What every algorithm is made for.
struct AlgorithmShape {
  ObservationSpace observation;
  ActionSpace actions;
  int64_t env_count = 1;
};

inline void serialize_stream(Archive& archive, std::string_view name, Random& stream) {
  const auto scope = archive.scope(name);
  stream.serialize(archive);
}

}  // namespace deepq
