#include "deepq/replay/sampler.h"

#include <algorithm>
#include <bit>

#include "deepq/core/error.h"
#include "deepq/replay/prioritized_sampler.h"

namespace deepq {

std::unique_ptr<Sampler> make_sampler(const ReplayConfig& config, int64_t batch_size, Math math) {
  if (config.prioritized) return std::make_unique<PrioritizedSampler>(config, batch_size, math);
  return std::make_unique<UniformSampler>(batch_size, config.with_replacement);
}

int64_t sampler_bytes(const ReplayConfig& config) { return config.prioritized ? SumTree::bytes(config.capacity) : 0; }

UniformSampler::UniformSampler(int64_t batch_size, bool with_replacement)
    // A quarter full at most, so that a search ends soon.
    : with_replacement_(with_replacement), slots_(std::bit_ceil(static_cast<size_t>(4 * batch_size))) {}

bool UniformSampler::insert(int64_t index) {
  const size_t mask = slots_.size() - 1;
  // Fibonacci hashing: neighbours go to places far apart.
  size_t slot = (static_cast<uint64_t>(index) * 0x9e3779b97f4a7c15u >> 32) & mask;
  // A slot of an earlier round is free: nothing has to be cleared between batches.
  while (slots_[slot].round == round_) {
    if (slots_[slot].index == index) return false;
    slot = (slot + 1) & mask;
  }
  slots_[slot] = {index, round_};
  return true;
}

void UniformSampler::sample(int64_t population, double /*beta*/, Random& random, std::span<int64_t> indices,
                            std::span<float> weights) {
  std::fill(weights.begin(), weights.end(), 1.0f);
  const auto count = static_cast<int64_t>(indices.size());
  if (with_replacement_) {
    DEEPQ_ASSERT(population >= 1);
    for (int64_t& index : indices) index = static_cast<int64_t>(random.below(static_cast<uint64_t>(population)));
    return;
  }
  DEEPQ_ASSERT(count <= population && 4 * indices.size() <= slots_.size());
  // Floyd's algorithm (Bentley and Floyd 1987): as many draws as samples, none in vain, each subset equally likely.
  ++round_;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t last = population - count + i;
    const auto drawn = static_cast<int64_t>(random.below(static_cast<uint64_t>(last) + 1));
    if (insert(drawn)) {
      indices[static_cast<size_t>(i)] = drawn;
    } else {
      insert(last);
      indices[static_cast<size_t>(i)] = last;
    }
  }
}

}  // namespace deepq
