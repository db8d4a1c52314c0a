// Prioritised replay, proportional variant (Schaul et al. 2016, sections 3.3 and 3.4): a transition is drawn in
// proportion to (|error| + epsilon)^alpha, its error as of the last time that it was learnt from. A batch may hold a
// transition twice.
#pragma once

#include <vector>

#include "deepq/replay/sampler.h"
#include "deepq/replay/sum_tree.h"

namespace deepq {

class PrioritizedSampler : public Sampler {
 public:
  PrioritizedSampler(const ReplayConfig& config, int64_t batch_size, Math math = {});

  // The new transition takes the largest priority there has been (1 at first), so that it is seen soon.
  void on_push(int64_t index) override;
  void on_shrink(int64_t population) override;

  // Stratified: the i-th of n is drawn from the i-th n-th of the priorities' sum. weight = (N P(i))^-beta over the
  // batch's largest, and so (smallest priority in the batch / own)^beta. Uniform as long as all priorities are 0.
  void sample(int64_t population, double beta, Random& random, std::span<int64_t> indices,
              std::span<float> weights) override;

  void update(std::span<const int64_t> indices, std::span<const float> errors) override;
  void serialize(Archive& archive, int64_t population) override;

  double priority(int64_t index) const { return tree_[index]; }

 private:
  Math math_;
  double alpha_, epsilon_;
  SumTree tree_;
  int64_t population_ = 0;  // transitions that are stored
  double max_priority_ = 1;
  std::vector<double> scratch_;  // [batch]: targets, priorities
};

}  // namespace deepq
