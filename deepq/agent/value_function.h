// Action values of a batch of observations, a row for each game that is played: what a policy acts by. A learner's are
// what it has learnt by the time of each call.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "deepq/agent/action_values.h"
#include "deepq/core/random.h"

namespace deepq {

// Games that one thread plays side by side where nothing is in the way.
inline constexpr int64_t kGamesSideBySide = 16;

class ValueFunction {
 public:
  virtual ~ValueFunction() = default;

  // Observations that values() takes at once.
  virtual int64_t most_rows() const = 0;

  // Whether there is noise to ask values() for.
  virtual bool noisy() const { return false; }

  // Numbers that it remembers of a game from step to step; 0: it sees the present observation alone.
  virtual int64_t memory_size() const { return 0; }

  // Values [rows, action_count] of observations, without exploration; valid until the next call. A table's own doubles,
  // a network's floats as doubles: what acts compares the values that were learnt, not their rounded copies. With
  // `noise` a noisy network has fresh noise from it, one for all rows, as while it learns; nothing else is noisy.
  // `memory` [rows, memory_size]: what is remembered of each game, zeros at its beginning; afterwards this observation
  // is in it, too. Empty: nothing is remembered, neither before nor after.
  // Throws deepq::Error for what is no state of a table. No allocation.
  virtual std::span<const double> values(const ObservationRows& observations, Random* noise = nullptr,
                                         std::span<float> memory = {}) = 0;
};

// Those of a network, one's own or an engine's online one, which must live as long and take as many rows. A row has the
// same bits whatever the rows beside it are.
class NetworkValues final : public ValueFunction {
 public:
  using Source = std::variant<Network*, LearningEngine*>;

  NetworkValues(Source network, const ObservationSpace& space, const AgentConfig& agent, Numerics numerics,
                int64_t action_count, int64_t rows);

  int64_t most_rows() const override { return rows_; }
  bool noisy() const override;
  int64_t memory_size() const override;
  std::span<const double> values(const ObservationRows& observations, Random* noise = nullptr,
                                 std::span<float> memory = {}) override;

  static int64_t bytes(const ObservationSpace& space, int64_t rows);  // beside the network's

 private:
  Source network_;
  int64_t rows_, action_count_;
  Arithmetic arithmetic_;
  ActionValues of_outputs_;
  ObservationBatch observations_;
  ObservationLayout plain_;  // of rows that are numbers alone
  std::vector<double> values_;
};

// Those of a table [states, action_count] or, where there is a second one (double Q-learning), the mean of both. They
// must live as long; `second` is empty where there is none.
class TableValues final : public ValueFunction {
 public:
  TableValues(const std::vector<double>& table, const std::vector<double>& second, const ObservationSpace& space,
              int64_t action_count, int64_t rows);

  int64_t most_rows() const override { return static_cast<int64_t>(values_.size() / action_count_); }
  std::span<const double> values(const ObservationRows& observations, Random* noise = nullptr,
                                 std::span<float> memory = {}) override;
  std::span<const double> of_state(int64_t state);  // valid until the next call of either

 private:
  void fill(int64_t state, std::span<double> row) const;

  const std::vector<double>&table_, &second_;
  ObservationLayout plain_;  // of rows that are numbers alone
  size_t action_count_;
  std::vector<double> values_;
};

}  // namespace deepq
