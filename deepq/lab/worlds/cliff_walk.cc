#include "deepq/lab/worlds/cliff_walk.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "deepq/core/finite.h"

namespace deepq::lab {
namespace {

constexpr double kStepSize = 0.25, kStartDeviation = 0.1, kSmallError = 1e-3;

double gamma(int64_t states) { return 1 - 1 / static_cast<double>(states); }

// A table of the actions' values, and how far it is off.
class Table {
 public:
  Table(int64_t states, Random& random)
      : last_(static_cast<size_t>(states - 1)), gamma_(gamma(states)), right_(cliff_walk_values(states)) {
    for (size_t i = 0; i < 2 * right_.size(); ++i) {
      q_.push_back(kStartDeviation * random.normal());
      squared_error_ += square(q_[i] - truth(i));
    }
  }

  double mean_squared_error() const { return squared_error_ / static_cast<double>(q_.size()); }

  // Returns the error.
  double learn(const CliffStep& step) {
    const auto state = static_cast<size_t>(step.state);
    const size_t changed = 2 * state + (step.right ? 1 : 0);
    double target = 0;
    // The wrong action ends the walk with 0; the right one in the last state ends it with 1.
    if (step.right) target = state == last_ ? 1 : gamma_ * std::max(q_[2 * state + 2], q_[2 * state + 3]);
    const double error = target - q_[changed], before = square(q_[changed] - truth(changed));
    q_[changed] += kStepSize * error;
    // Kept up to date: a whole sum at each update would dominate.
    squared_error_ += square(q_[changed] - truth(changed)) - before;
    return error;
  }

 private:
  static double square(double x) { return x * x; }
  double truth(size_t i) const { return i % 2 == 1 ? right_[i / 2] : 0; }

  size_t last_;
  double gamma_;
  std::vector<double> right_, q_;  // q_: wrong, right, state by state
  double squared_error_ = 0;
};

}  // namespace

std::vector<CliffStep> cliff_walk_memory(int64_t states) {
  std::vector<CliffStep> memory;
  // All 2^n sequences of actions up to the first wrong one (Schaul et al. 2016, figure 1): one in 2^n ends with the
  // reward.
  for (int64_t sequence = 0; sequence < int64_t{1} << states; ++sequence) {
    bool right = true;
    for (int64_t state = 0; right && state < states; ++state) {
      // Bit `state` of the sequence says whether the action there is the right one.
      right = (sequence >> state & 1) != 0;
      memory.push_back({state, right});
    }
  }
  return memory;
}

std::vector<double> cliff_walk_values(int64_t states) {
  std::vector<double> values(static_cast<size_t>(states));
  for (int64_t i = 0; i < states; ++i)
    values[static_cast<size_t>(i)] = std::pow(gamma(states), static_cast<double>(states - 1 - i));
  return values;
}

double cliff_walk_updates(int64_t states, Sampler& sampler, Random& random, int64_t most) {
  const std::vector<CliffStep> memory = cliff_walk_memory(states);
  const auto size = static_cast<int64_t>(memory.size());
  for (int64_t i = 0; i < size; ++i) sampler.on_push(i);
  Table table(states, random);
  std::array<int64_t, 1> index{};
  std::array<float, 1> weight{}, error{};
  // Asked before each update: a table that is right by chance needs none.
  for (int64_t updates = 0; updates < most; ++updates) {
    if (table.mean_squared_error() < kSmallError) return static_cast<double>(updates);
    sampler.sample(size, 0, random, index, weight);
    error[0] = static_cast<float>(table.learn(memory[static_cast<size_t>(index[0])]));
    sampler.update(index, error);
  }
  return kNaN;
}

}  // namespace deepq::lab
