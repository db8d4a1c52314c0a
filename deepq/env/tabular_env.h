// A world of few states that is one table: for each state and action the possible outcomes and their probabilities.
// Draws are those of Gymnasium's toy_text (categorical_sample in toy_text/utils.py): one number for every reset and
// every step, also where only one thing can happen, so that the random streams stay equal.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/env/env.h"

namespace deepq {

struct Outcome {
  double probability = 1;
  double reward = 0;
  int32_t next_state = 0;
  bool terminated = false;
};

class TabularEnv : public Env {
 public:
  const EnvSpec& spec() const final { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  ObservationRow typed_observation() const override { return std::span(&state_, 1); }
  bool serialize(Archive& archive) override;

  int64_t state() const { return state_; }

  // What may follow; the probabilities sum to 1. Gymnasium's P[state][action], valid as long as this object.
  std::span<const Outcome> outcomes(int64_t state, int64_t action) const;

 protected:
  using OutcomesOf = std::function<std::vector<Outcome>(int64_t state, int64_t action)>;

  // Episodes start in state s with probability start_weights[s] over their sum; there is one for each of
  // spec.observation_space.states() states.
  TabularEnv(EnvSpec spec, const std::vector<double>& start_weights, const OutcomesOf& outcomes_of);

  void move_to(int64_t state);
  Random& random() { return random_; }

 private:
  EnvSpec spec_;
  std::vector<double> cumulative_starts_;
  std::vector<Outcome> outcomes_;  // by state, then action
  std::vector<uint32_t> first_;    // where those of state * action_count + action begin; one more for the end
  Random random_;
  int64_t state_ = 0;
  std::array<float, 1> observation_{};  // the same, for those who step the world themselves
};

// Throws deepq::Error that names `key` for a value outside 0 to 1.
void check_probability(std::string_view key, double value);

}  // namespace deepq
