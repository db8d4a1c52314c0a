#include "deepq/agent/observations.h"

#include "deepq/core/states.h"

namespace deepq {

Rows ObservationBatch::encoded(int64_t count) {
  if (states_ == 0) return input_.rows();
  for (int64_t r = 0; r < count; ++r) {
    const int64_t state = state_of(numbers_.rows()[r][0], states_);
    int64_t& hot = hot_[static_cast<size_t>(r)];
    // Only the column that was 1 is cleared: a row is as long as there are states.
    input_.rows()[r][hot] = 0;
    hot = state;
    input_.rows()[r][hot] = 1;
  }
  return input_.rows();
}

}  // namespace deepq
