#include "deepq/lab/value_error.h"

#include <algorithm>

namespace deepq::lab {

void ValueError::add(const PlayedStep& step) {
  q_.push_back(*std::max_element(step.q_values.begin(), step.q_values.end()));
  rewards_.push_back(step.reward);
  if (step.terminated || step.truncated) close();
}

void ValueError::close() {
  double following = 0;
  for (size_t i = q_.size(); i-- > 0;) {
    following = rewards_[i] + gamma_ * following;
    const auto at = static_cast<int64_t>(i);
    if (at < first_step_ || at >= last_step_) continue;
    q_sum_ += q_[i];
    return_sum_ += following;
    ++count_;
  }
  q_.clear();
  rewards_.clear();
}

double ValueError::mean_q() const { return q_sum_ / count_; }

double ValueError::mean_return() const { return return_sum_ / count_; }

}  // namespace deepq::lab
