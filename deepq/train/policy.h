// What acts: an agent that was trained, loaded from a file or from bytes, or something that learns, as it is at each
// call. It plays games side by side, a row for each: begin_episode(), then act() or values() for a batch of rows.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "deepq/agent/value_function.h"
#include "deepq/config/run_config.h"
#include "deepq/core/archive.h"
#include "deepq/env/env.h"
#include "deepq/train/policy_facts.h"

namespace deepq {

class Policy {
 public:
  // From a run folder (its newest valid checkpoint) or from one checkpoint file; with eval.keep_best the one that did
  // best so far. `notice` is told of newer checkpoints that are damaged. Needs nothing but the checkpoint: no
  // environment, no replay. Throws deepq::Error.
  using Notice = std::function<void(const std::string& line)>;
  static Policy load(const std::string& path, const Notice& notice = {});
  // From what such a file holds; `name` is what errors call it. The bytes are not kept.
  static Policy from_bytes(std::span<const std::byte> checkpoint, const std::string& name, const Notice& notice = {});

  // One that acts once serialize() has filled it.
  Policy(RunConfig config, const ObservationSpace& space, const ActionSpace& actions);
  // By the values of something that learns `learnt` (learnt_actions), or that is made by hand, which must live as long.
  Policy(ValueFunction& values, const ObservationSpace& space, const ActionSpace& learnt);

  // What it acts by, under the names that every Algorithm saves it under: so it takes an algorithm's, too. Not of one
  // that acts by another's values.
  void serialize(Archive& archive);
  // Becomes a network of the same shape, as it is now, and no later: a learner's online one, or its target. Not of one
  // that acts by a table or by another's values.
  void copy_parameters(const Network& from);

  int64_t most_rows() const { return values_->most_rows(); }
  // Numbers that it remembers of a game, see ValueFunction; 0: none. act() with the games' rows keeps them itself, from
  // begin_episode() on; all else takes them as `memory` [observations, memory_size].
  int64_t memory_size() const { return values_->memory_size(); }

  // The game in `row` begins an episode, whose random actions are drawn from `exploration`.
  void begin_episode(int64_t row, const Random& exploration);

  // Values of all actions (expectations, where return distributions were learnt) [rows, learnt().values()] of
  // observations, at most most_rows(); valid until the next call. They are a vector environment's rows, or plain
  // numbers [rows, observation size] of the space's own type; floats always will do, for a table whole ones. With
  // `noise` a noisy network has fresh noise from it, one for all rows. Throws deepq::Error where an observation has
  // another size than the environment's, holds a NaN or an infinity, or is no state. No allocation.
  std::span<const double> values(const ObservationRows& observations, Random* noise = nullptr,
                                 std::span<float> memory = {});

  // Chooses the actions of some games, epsilon-greedily: observation i is that of the game in rows[i]. Returns the
  // values that they were chosen by. As values(); whatever chooses, here and below, also throws where the observations
  // do not say which actions are legal (ObservationRows::where_legal) and the agent learnt with it.
  std::span<const double> act(const ObservationRows& observations, std::span<const int64_t> rows, double epsilon,
                              std::span<int64_t> actions);

  // The greedy actions.
  void act(const ObservationRows& observations, std::span<int64_t> actions, std::span<float> memory = {});

  // Chooses as a learner explores: of a noisy network the best actions under fresh noise for each observation, of
  // others epsilon-greedily. Whatever is random is drawn from `random`.
  void explore(const ObservationRows& observations, double epsilon, Random& random, std::span<int64_t> actions,
               std::span<float> memory = {});

  // Of one observation: the greedy action; its values.
  int64_t act(const ObservationRows& observation);
  std::span<const double> q_values(const ObservationRows& observation);
  // The name that values() with noise had for one observation in 0.1, which stays until 0.3.
  std::span<const double> noisy_q_values(const ObservationRows& observation, Random& noise) {
    return values(observation, &noise);
  }

  // The environment that it was trained in, as far as the checkpoint tells.
  EnvSpec trained_in() const;

  int64_t observation_size() const { return facts_.observation.size(); }
  int64_t action_count() const { return learnt_.count(); }
  const ActionSpace& learnt() const { return learnt_; }          // what values are of
  const ActionSpace& actions() const { return facts_.actions; }  // the environment's
  const ObservationSpace& observation_space() const { return facts_.observation; }
  // See EnvSpec; actions count from 0 here.
  int64_t action_start() const { return facts_.action_start; }
  const RunConfig& config() const { return config_; }
  bool is_best() const { return is_best_; }         // the best in training (eval.keep_best), or the last
  int64_t env_steps() const { return env_steps_; }  // of its training
  int64_t run_env_steps() const {
    return facts_.env_steps;
  }  // of the run's: more, where it is the best and not the last
  std::optional<double> epsilon() const { return facts_.epsilon; }  // of the run's exploring; older files do not tell
  const Network* network() const { return network_ ? &network_->network : nullptr; }  // none: a table was learnt

  static int64_t bytes(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions);

 private:
  struct OfNetwork {
    OfNetwork(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions);
    Network network;
    NetworkValues values;
  };
  struct OfTable {
    OfTable(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions);
    std::vector<double> table, second_table;
    TableValues values;
  };

  static Policy read(const TensorMap& tensors, const Metadata& metadata, const std::string& name, const Notice& notice);
  size_t memory_room() const { return static_cast<size_t>(most_rows() * memory_size()); }
  std::span<const double> row_of(std::span<const double> q, size_t row) const;
  void require_legality(const ObservationRows& observations, size_t rows) const {
    require_legal_actions(observations, static_cast<int64_t>(rows), facts_.observation, learnt_);
  }

  RunConfig config_;
  PolicyFacts facts_;
  ActionSpace learnt_;
  int64_t env_steps_ = 0;
  bool is_best_ = false;
  std::unique_ptr<OfNetwork> network_;  // of what was loaded: one of these
  std::unique_ptr<OfTable> table_;
  ValueFunction* values_;
  std::vector<Random> exploration_;     // of the games' random actions
  std::vector<float> memory_, acting_;  // [game, memory_size]: of all; of those that act now, side by side
  ObservationIntake intake_;
};

// Its name in 0.1; 0.3 will not have it.
using Agent = Policy;

}  // namespace deepq
