// From a network's outputs to action values, for acting: expectations of return distributions, and for implicit ones
// the mean over fixed fractions, the middles of equal parts.
#pragma once

#include <span>
#include <vector>

#include "deepq/agent/observations.h"
#include "deepq/agent/value.h"
#include "deepq/nn/learning_engine.h"

namespace deepq {

class ActionValues {
 public:
  ActionValues(const AgentConfig& config, Numerics numerics, int64_t action_count, int64_t max_rows);

  // Values [rows, action_count] of the first `rows` of `observations`; valid until the next call, or the network's next
  // pass. No allocation.
  // `memory` as NetworkValues' values() takes it.
  Rows operator()(Network& network, ObservationBatch& observations, int64_t rows, std::span<float> memory = {});
  Rows operator()(LearningEngine& engine, ObservationBatch& observations, int64_t rows,
                  std::span<float> memory = {});  // by its online network

 private:
  std::span<const float> fractions(int64_t rows) const;
  Rows values_of(Rows outputs, int64_t rows, int64_t width);

  Value value_;
  int64_t action_count_, fractions_per_row_;
  std::vector<float> fractions_, q_;
};

// Sample `row` of a network's outputs; `fractions` for each sample, 0 where the network takes none.
ActionOutputs outputs_of(Rows outputs, int64_t row, int64_t fractions, int64_t width);

}  // namespace deepq
