// Action values in a table, for environments with discrete observations, in the same loop as the deep ones: Q-learning
// (Watkins 1989), Sarsa (Rummery and Niranjan 1994), expected Sarsa (van Seijen et al. 2009) and double Q-learning (van
// Hasselt 2010); Sutton and Barto 2018, sections 6.4 to 6.7. One update for each step of each environment.
#pragma once

#include <vector>

#include "deepq/agent/algorithm.h"

namespace deepq {

struct TabularSettings {
  AlgorithmShape shape;
  AgentConfig agent;
  TabularConfig tabular;
  ExplorationConfig exploration;
  Arithmetic arithmetic = Arithmetic::kFast;
  uint64_t seed = 0;
};

class Tabular final : public Algorithm {
 public:
  // Throws deepq::Error when observations are not discrete.
  explicit Tabular(const TabularSettings& settings);

  void act(const ObservationRows& observations, const Progress& progress, std::span<int64_t> actions) override;
  void observe(const StepResult& result, const Progress& progress) override;
  void update(const Progress& progress, UpdateListener& listener) override;
  ValueFunction& value_function() override { return values_; }

  double epsilon(const Progress& progress) const override;
  double learning_rate(const Progress& progress) const override;
  int64_t updates() const override { return updates_; }
  int64_t parameter_count() const override { return static_cast<int64_t>(table_.size() + second_table_.size()); }
  bool parameters_are_finite() const override;
  std::string weights_sha256() override;
  std::span<const float> td_errors() const override { return {&td_error_, 1}; }
  void serialize(Archive& archive) override;
  void drop_partial_episodes() override;

  static int64_t bytes(const TabularSettings& settings);

 private:
  std::span<double> row(std::vector<double>& table, int64_t state) {
    const auto actions = static_cast<size_t>(settings_.shape.actions.count());
    return std::span(table).subspan(static_cast<size_t>(state) * actions, actions);
  }
  // What the state that follows is worth to this algorithm, given the behaviour's epsilon. Sarsa draws and keeps the
  // action that env `env` will take there.
  double next_value(ObservationRow next, double epsilon, size_t env, std::vector<double>& updated,
                    std::vector<double>& evaluating);

  TabularSettings settings_;
  ObservationLayout layout_;
  Random exploration_, sampling_;
  std::vector<double> table_, second_table_;  // [states, actions]; the second for double Q-learning
  TableValues values_;                        // what it acts by: double Q-learning by both tables together
  std::vector<int64_t> states_;               // acted on
  std::vector<int64_t> chosen_;               // Sarsa: the next action, already drawn; -1: none
  StepResult result_{};                       // to learn from
  int64_t updates_ = 0;
  float td_error_ = 0;  // of the last update, without its sign
};

}  // namespace deepq
