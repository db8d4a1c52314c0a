// What the scalars in TensorBoard's files are called: by names of deepq's own, or as other libraries call theirs, so
// that runs of both lie in one chart.
#pragma once

#include <string_view>

namespace deepq {

enum class TagNames { kDeepq, kStableBaselines3, kCleanRl };

// "" is not written.
struct Tags {
  std::string_view episode_return, mean_return_of_100, length, mean_length_of_100, epsilon, loss, mean_q, max_abs_q,
      grad_norm, learning_rate, steps_per_second, updates, eval_return, eval_std, eval_min, eval_max, eval_length;
};

const Tags& tags_of(TagNames names);

}  // namespace deepq
