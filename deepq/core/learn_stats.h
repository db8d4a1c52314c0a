// Statistics of one update.
#pragma once

#include "deepq/core/record_field.h"

namespace deepq {

struct LearnStats {
  double loss = 0, mean_q = 0, max_abs_q = 0, grad_norm = 0;
};

// A statistic more is a member, a line here, and what computes it: logs, report, Python and docs follow.
template <RecordOf<LearnStats> Stats, class Visit>
constexpr void visit_fields(Stats& stats, Visit&& visit) {
  visit(RecordField{.name = "loss",
                    .doc = "mean of the batch's losses, which the update makes smaller",
                    .tags = {"train/loss", "train/loss", "losses/td_loss"},
                    .chart = "Loss"},
        stats.loss);
  visit(RecordField{.name = "mean_q",
                    .doc = "mean value Q(s, a) of the batch's states and the actions taken there, before the update",
                    .tags = {"train/mean_q", "train/mean_q", "losses/q_values"}},
        stats.mean_q);
  visit(RecordField{.name = "max_abs_q",
                    .doc = "the largest of these values, without its sign, in any of the batches",
                    .tags = {"train/max_abs_q", "train/max_abs_q", "losses/max_abs_q"},
                    .over_updates = OverUpdates::kMax},
        stats.max_abs_q);
  visit(RecordField{.name = "grad_norm",
                    .doc = "Euclidean norm of the loss's gradient by all parameters, before clipping",
                    .tags = {"train/grad_norm", "train/grad_norm", "losses/grad_norm"},
                    .chart = "Gradient norm"},
        stats.grad_norm);
}

}  // namespace deepq
