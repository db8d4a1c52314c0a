// Running statistics of what training sees: mean and variance of observations, which the network's input is normalised
// by, and the deviation of discounted returns, which rewards are divided by (docs/algorithms/normalizers.md). One set
// for all copies of the world. What only acts has the network's part of it, in its parameters.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "deepq/agent/algorithm.h"
#include "deepq/nn/learning_engine.h"

namespace deepq {

inline constexpr double kNormalizerEpsilon = 1e-8;  // added to variances, as elsewhere

// Mean and variance of each of some numbers over all that came so far (Welford 1962), in double precision.
class RunningMoments {
 public:
  explicit RunningMoments(size_t numbers) : means_(numbers), squares_(numbers) {}

  // Each time: next(), then add() of all numbers, some at once, from `first` on.
  void next() { reciprocal_ = 1 / static_cast<double>(++count_); }
  template <class Number>
  void add(size_t first, std::span<const Number> numbers) {
    double* __restrict const mean = means_.data() + first;
    double* __restrict const square = squares_.data() + first;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const double from_mean = static_cast<double>(numbers[i]) - mean[i];
      mean[i] += from_mean * reciprocal_;
      square[i] += from_mean * (static_cast<double>(numbers[i]) - mean[i]);
    }
  }

  int64_t count() const { return count_; }
  size_t size() const { return means_.size(); }
  double mean(size_t i) const { return means_[i]; }
  double variance(size_t i) const { return squares_[i] * reciprocal_; }                     // of all that came
  double scale(size_t i) const { return 1 / std::sqrt(variance(i) + kNormalizerEpsilon); }  // 1 / deviation

  void serialize(Archive& archive);

 private:
  int64_t count_ = 0;
  double reciprocal_ = 0;                // of count_
  std::vector<double> means_, squares_;  // the latter: sums of squared distances from the mean
};

// Of the numbers that a network normalises.
class ObservationNormalizer {
 public:
  ObservationNormalizer(const ObservationSpace& space, const NetworkConfig& network);

  // Counts the observations in, where the step from them was one, and tells the engine. No allocation.
  void observe(const ObservationRows& observations, const StepResult& result, LearningEngine& engine);
  const RunningMoments& moments() const { return moments_; }
  void serialize(Archive& archive) { moments_.serialize(archive); }
  void take(Archive& archive) { moments_.serialize(archive); }

 private:
  ObservationLayout layout_;
  std::vector<size_t> leaves_;  // that are normalised
  RunningMoments moments_;
  std::vector<float> mean_, scale_;
};

class RewardNormalizer {
 public:
  RewardNormalizer(int64_t env_count, const AgentConfig& agent)
      : agent_(agent), returns_(static_cast<size_t>(env_count)), moments_(1) {}

  // R <- gamma R + r of each environment, 0 where its episode ended; R is counted in.
  void observe(const StepResult& result);
  // Rewards, or n-step returns' sums of them, as they are learnt from now.
  void normalize(std::span<float> rewards) const;
  void drop_partial_episodes();
  const RunningMoments& moments() const { return moments_; }
  void serialize(Archive& archive);
  void take(Archive& archive) { moments_.serialize(archive); }  // of another run: not its open episodes

 private:
  AgentConfig agent_;
  std::vector<double> returns_;
  RunningMoments moments_;
};

// Those that a run's settings ask for.
class Normalizers {
 public:
  Normalizers(const AlgorithmShape& shape, const NetworkConfig& network, const AgentConfig& agent);

  // See Algorithm::observe; `acted_on` are the observations that the step began with.
  void observe(const ObservationRows& acted_on, const StepResult& result, LearningEngine& engine) {
    if (observations_) observations_->observe(acted_on, result, engine);
    if (rewards_) rewards_->observe(result);
  }
  void normalize_rewards(std::span<float> rewards) const {
    if (rewards_) rewards_->normalize(rewards);
  }
  void drop_partial_episodes() {
    if (rewards_) rewards_->drop_partial_episodes();
  }
  // Nothing where nothing is normalised.
  void serialize(Archive& archive);
  // Goes on from a saved one's statistics, where it has them.
  void take(Archive& archive);

 private:
  std::optional<ObservationNormalizer> observations_;
  std::optional<RewardNormalizer> rewards_;
};

}  // namespace deepq
