// From a network's outputs to action values, for acting: expectations of return distributions, and for implicit ones
// the mean over fixed fractions, the middles of equal parts.
#pragma once

#include <vector>

#include "deepq/agent/observations.h"
#include "deepq/agent/value.h"

namespace deepq {

class ActionValues {
 public:
  ActionValues(const AgentConfig& config, Engine engine, int64_t action_count, int64_t max_rows);

  // Values [rows, action_count] of the first `rows` of `observations`; valid until the next call, or the network's next
  // pass. No allocation.
  Rows operator()(Network& network, ObservationBatch& observations, int64_t rows);

 private:
  Value value_;
  int64_t action_count_, fractions_per_row_;
  std::vector<float> fractions_, q_;
};

// Sample `row` of a network's outputs; `fractions` for each sample, 0 where the network takes none.
ActionOutputs outputs_of(Rows outputs, int64_t row, int64_t fractions, int64_t width);

}  // namespace deepq
