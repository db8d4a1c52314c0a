#include "deepq/agent/observations.h"

#include "deepq/core/error.h"

namespace deepq {

Rows ObservationBatch::encoded(int64_t count) {
  if (states_ == 0) return input_.rows();
  for (int64_t r = 0; r < count; ++r) {
    const float number = numbers_.rows()[r][0];
    if (!(number >= 0 && number < static_cast<float>(states_)))
      throw Error::of("the observation is ", number, "; allowed: 0 to ", states_ - 1);
    const auto state = static_cast<int64_t>(number);
    int64_t& hot = hot_[static_cast<size_t>(r)];
    input_.rows()[r][hot] = 0;
    hot = state;
    input_.rows()[r][hot] = 1;
  }
  return input_.rows();
}

}  // namespace deepq
