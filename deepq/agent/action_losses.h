// What a loss may ask of all action values of a state, beside the TD error of the action that was taken there: that a
// demonstrated action be worth more than the others (DQfD), that actions nobody has taken be worth little (CQL). Both
// add `weight` times their gradient by Q(s, a) to gradient[a], return weight times their loss, and see legal actions
// alone. No allocation.
#pragma once

#include <cstddef>
#include <span>

#include "deepq/core/legal_actions.h"
#include "deepq/core/math.h"

namespace deepq {

// The large-margin loss (Hester et al. 2018, section "Deep Q-Learning from Demonstrations", J_E):
//   max_a [Q(s, a) + margin (a != taken)] - Q(s, taken)
float add_margin_loss(std::span<const float> q, size_t taken, float margin, float weight, LegalActions legal,
                      std::span<float> gradient);

// Conservative Q-learning's penalty, CQL(H) (Kumar et al. 2020, equation 4):
//   log sum_a exp Q(s, a) - Q(s, taken)
float add_conservative_penalty(std::span<const float> q, size_t taken, float weight, LegalActions legal, Math math,
                               std::span<float> gradient);

}  // namespace deepq
