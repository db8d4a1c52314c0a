// What one update tells of itself.
#pragma once

namespace deepq {

struct LearnStats {
  double loss = 0;       // mean over the batch
  double mean_q = 0;     // of the actions taken, before the update
  double max_abs_q = 0;  // likewise
  double grad_norm = 0;  // before clipping
};

}  // namespace deepq
