#include "deepq/agent/action_losses.h"

#include "deepq/agent/choose.h"

namespace deepq {

float add_margin_loss(std::span<const float> q, size_t taken, float margin, float weight, LegalActions legal,
                      std::span<float> gradient) {
  // Of equal ones the taken action comes first: nothing is to be learnt then.
  size_t best = taken;
  float best_value = q[taken];
  for (size_t a = 0; a < q.size(); ++a) {
    if (a == taken || !legal(a) || !(q[a] + margin > best_value)) continue;
    best = a;
    best_value = q[a] + margin;
  }
  gradient[best] += weight;
  gradient[taken] -= weight;
  return weight * (best_value - q[taken]);
}

float add_conservative_penalty(std::span<const float> q, size_t taken, float weight, LegalActions legal, Math math,
                               std::span<float> gradient) {
  // Less the largest, so that no exponential overflows.
  const float largest = largest_value(q, legal);
  float sum = 0;
  for (size_t a = 0; a < q.size(); ++a)
    if (legal(a)) sum += math.exp(q[a] - largest);
  for (size_t a = 0; a < q.size(); ++a)
    if (legal(a)) gradient[a] += weight * math.exp(q[a] - largest) / sum;
  gradient[taken] -= weight;
  return weight * (largest + math.log(sum) - q[taken]);
}

}  // namespace deepq
