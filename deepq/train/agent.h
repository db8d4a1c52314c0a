// A trained agent, loaded to act: no environment, no replay, no learning. Needs only the checkpoint.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "deepq/agent/action_values.h"
#include "deepq/config/run_config.h"
#include "deepq/env/env.h"

namespace deepq {

class Agent {
 public:
  // From a run folder (its newest valid checkpoint) or from one checkpoint file; with eval.keep_best the one that did
  // best so far. `notice` is told of newer checkpoints that are damaged. Throws deepq::Error.
  using Notice = std::function<void(const std::string& line)>;
  static Agent load(const std::string& path, const Notice& notice = {});

  // One that acts once serialize() has filled it.
  Agent(RunConfig config, const ObservationShape& shape, int64_t action_count);

  // What it acts by, under the names that every Algorithm saves it under: so it takes an algorithm's, too.
  void serialize(Archive& archive);

  // The environment that it was trained in, as far as the checkpoint tells.
  EnvSpec trained_in() const;

  // The greedy action. Throws deepq::Error when the observation has another size than the environment's or holds a NaN
  // or an infinity. No allocation.
  int64_t act(std::span<const float> observation);

  // Values of all actions (expectations, where the agent learnt distributions); valid until the next call. A table's
  // own doubles, a network's floats as doubles.
  std::span<const double> q_values(std::span<const float> observation);
  // The same with fresh noise, as a noisy network acts while it learns; agents without one have no noise.
  std::span<const double> noisy_q_values(std::span<const float> observation, Random& noise);

  int64_t observation_size() const { return shape_.size(); }
  int64_t action_count() const { return action_count_; }
  const ObservationShape& observation_shape() const { return shape_; }
  // See EnvSpec; act() and q_values() count from 0.
  int64_t action_start() const { return action_start_; }
  int64_t state_start() const { return state_start_; }
  const std::string& observation_dtype() const { return observation_dtype_; }
  const RunConfig& config() const { return config_; }
  bool is_best() const { return is_best_; }                 // the best in training (eval.keep_best), or the last
  int64_t env_steps() const { return env_steps_; }          // of its training
  int64_t run_env_steps() const { return run_env_steps_; }  // of the run's: more, where it is the best and not the last
  std::optional<double> epsilon() const { return epsilon_; }  // of the run's exploring; older files do not tell
  static int64_t bytes(const RunConfig& config, const ObservationShape& shape, int64_t action_count);
  const Network* network() const { return deep_ ? &deep_->network : nullptr; }  // none: a table was learnt

 private:
  std::span<const double> values_of(std::span<const float> observation);

  struct Deep {
    Network network;
    ActionValues values;
  };

  RunConfig config_;
  ObservationShape shape_;
  int64_t action_count_, action_start_ = 0, state_start_ = 0, env_steps_ = 0, run_env_steps_ = 0;
  std::string observation_dtype_;
  std::optional<double> epsilon_;
  bool is_best_ = false;
  ObservationBatch observation_;
  std::optional<Deep> deep_;
  std::vector<double> table_, second_table_;  // of tabular methods instead
  std::vector<double> q_;                     // of one observation
};

}  // namespace deepq
