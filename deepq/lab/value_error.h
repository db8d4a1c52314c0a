// What an agent believes of the states that it meets against what follows there: the largest Q less the discounted
// return of the rest of the episode.
#pragma once

#include <cstdint>
#include <vector>

#include "deepq/train/evaluation.h"

namespace deepq::lab {

// Feed it every step of whole episodes in order. Only states after first_step to last_step - 1 steps of their episode
// count (0 is the first state). All means are NaN while there is none.
class ValueError {
 public:
  ValueError(double gamma, int64_t first_step, int64_t last_step)
      : gamma_(gamma), first_step_(first_step), last_step_(last_step) {}

  void add(const PlayedStep& step);

  double mean_error() const { return mean_q() - mean_return(); }
  double mean_q() const;
  double mean_return() const;

 private:
  void close();

  double gamma_;
  int64_t first_step_, last_step_;
  std::vector<double> q_, rewards_;  // of the present episode
  double q_sum_ = 0, return_sum_ = 0, count_ = 0;
};

}  // namespace deepq::lab
