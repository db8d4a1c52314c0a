#include "deepq/replay/prioritized_sampler.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"

namespace deepq {

PrioritizedSampler::PrioritizedSampler(const ReplayConfig& config, int64_t batch_size, Math math)
    : math_(math),
      alpha_(config.priority_alpha),
      epsilon_(config.priority_epsilon),
      tree_(config.capacity),
      scratch_(static_cast<size_t>(batch_size)) {}

void PrioritizedSampler::on_push(int64_t index) {
  // The largest priority so far: what nobody has learnt from yet is drawn soon (algorithm 1, line 6).
  tree_.set(index, max_priority_);
  population_ = std::max(population_, index + 1);
}

void PrioritizedSampler::on_shrink(int64_t population) {
  for (; population_ > population; --population_) tree_.set(population_ - 1, 0);
}

void PrioritizedSampler::sample(int64_t population, double beta, Random& random, std::span<int64_t> indices,
                                std::span<float> weights) {
  DEEPQ_ASSERT(population == population_ && population >= 1);
  DEEPQ_ASSERT(indices.size() == weights.size() && indices.size() <= scratch_.size());
  // Every priority is 0, which needs priority_epsilon 0: there is nothing to draw by.
  if (tree_.total() == 0) {
    for (int64_t& index : indices) index = static_cast<int64_t>(random.below(static_cast<uint64_t>(population)));
    std::fill(weights.begin(), weights.end(), 1.0f);
    return;
  }
  // One draw from each of as many equal segments: less variance than free draws (appendix B.2.1).
  const std::span<double> targets = std::span(scratch_).first(indices.size());
  const double segment = tree_.total() / static_cast<double>(indices.size());
  for (size_t i = 0; i < targets.size(); ++i) targets[i] = (static_cast<double>(i) + random.uniform()) * segment;
  tree_.find(targets, indices);

  // (N P(i))^-beta over the batch's largest: N and the total cancel, and what is left is (least / own)^beta.
  const std::span<double> priorities = targets;  // which find() has used up
  for (size_t i = 0; i < priorities.size(); ++i) priorities[i] = tree_[indices[i]];
  const double least = *std::min_element(priorities.begin(), priorities.end());
  for (size_t i = 0; i < priorities.size(); ++i)
    weights[i] = static_cast<float>(math_.pow(least / priorities[i], beta));
}

void PrioritizedSampler::update(std::span<const int64_t> indices, std::span<const float> errors) {
  DEEPQ_ASSERT(indices.size() == errors.size() && indices.size() <= scratch_.size());
  const std::span<double> priorities = std::span(scratch_).first(indices.size());
  double largest = max_priority_;
  for (size_t i = 0; i < errors.size(); ++i) {
    DEEPQ_ASSERT(indices[i] >= 0 && indices[i] < population_);
    if (!std::isfinite(errors[i]))
      throw Error::of("the error of transition ", indices[i], ", which is to become its priority, is ", errors[i],
                      "; allowed: finite numbers");
    // Nothing is written before all are known to be finite: one NaN in the tree would make every sum above it NaN.
    priorities[i] = math_.pow(std::abs(static_cast<double>(errors[i])) + epsilon_, alpha_);
    largest = std::max(largest, priorities[i]);
  }
  tree_.set(indices, priorities);  // drawn twice: the last one counts
  max_priority_ = largest;
}

void PrioritizedSampler::serialize(Archive& archive, int64_t population) {
  const auto scope = archive.scope("sampler");
  const int64_t population_before = population_;
  DEEPQ_ASSERT(population >= 0 && population <= tree_.capacity());
  archive.value("population", population_, {population, population});
  archive.value("max_priority", max_priority_);
  const std::span<double> priorities = tree_.weights(population_);
  archive.array("priorities", priorities);
  if (!archive.loading()) return;
  // So that the sum of all is finite.
  const Limits<double> allowed{0, kAnyValue<double>.most / static_cast<double>(tree_.capacity()) / 2};
  archive.check("max_priority", max_priority_, allowed);
  archive.check_all("priorities", priorities, allowed);
  const int64_t reached = std::max(population_, population_before);
  std::ranges::fill(tree_.weights(reached).subspan(priorities.size()), 0.0);
  tree_.sum_up(reached);
}

}  // namespace deepq
