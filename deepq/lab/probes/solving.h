// When a run first reached a threshold, and whether it kept it.
#pragma once

#include "deepq/lab/experiment.h"

namespace deepq::lab {

struct Solving {
  double mean = 0;   // over all evaluations
  double first = 0;  // x of the first evaluation of at least the threshold; NaN: none
  double lost = 0;   // fraction of the evaluations after it that are below; NaN: there are none
};

// `evaluations` must hold one.
Solving solving_of(const Curve& evaluations, double threshold);

}  // namespace deepq::lab
