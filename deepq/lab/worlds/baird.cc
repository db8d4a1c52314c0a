#include "deepq/lab/worlds/baird.h"

#include <array>
#include <cmath>
#include <limits>

#include "deepq/core/streams.h"

namespace deepq::lab {
namespace {

constexpr size_t kStates = 7, kInner = 6;
constexpr size_t kWeights = 8;
constexpr double kSolid = 1.0 / 7;  // the behaviour's chance of the solid action
constexpr size_t kPoints = 200;

using Weights = std::array<double, kWeights>;

// Of the figure in Sutton and Barto: outer states 2 w_i + w_8, the inner one w_7 + 2 w_8.
Weights features(size_t state, bool approximation) {
  Weights x{};
  x[state] = approximation && state != kInner ? 2 : 1;
  if (approximation) x[7] = state == kInner ? 2 : 1;  // a table otherwise: each state a weight of its own
  return x;
}

double value(const Weights& weights, const Weights& x) {
  double sum = 0;
  for (size_t i = 0; i < kWeights; ++i) sum += weights[i] * x[i];
  return sum;
}

double rms_value(const Weights& weights, bool approximation) {
  double sum = 0;
  for (size_t state = 0; state < kStates; ++state) {
    // The true values are all 0: the value is its own error.
    const double v = value(weights, features(state, approximation));
    sum += v * v / kStates;
  }
  return std::isfinite(sum) ? std::sqrt(sum) : std::numeric_limits<double>::infinity();
}

}  // namespace

BairdRun run_baird(const BairdSettings& settings, uint64_t seed) {
  Random random = random_stream(seed, Stream::kExperiment);
  Weights weights = {1, 1, 1, 1, 1, 1, 10, 1};  // as in Sutton and Barto's figure 11.2
  BairdRun run{.first_error = rms_value(weights, settings.approximation), .error = {}};
  size_t state = random.below(kStates);
  for (int64_t step = 1; step <= settings.steps; ++step) {
    // The behaviour takes the solid action once in seven, the target policy always: hence a ratio of 7 or 0.
    const bool solid = random.uniform() < kSolid;
    const size_t next = solid ? kInner : random.below(kInner);
    const Weights x = features(state, settings.approximation);
    const double following = value(weights, features(next, settings.approximation));
    const double target = settings.bootstrapping ? settings.gamma * following : 0;
    // On policy: the behaviour is what is learnt about, so every update counts once.
    const double ratio = !settings.off_policy ? 1 : solid ? 1 / kSolid : 0;
    const double error = ratio * (target - value(weights, x));
    for (size_t i = 0; i < kWeights; ++i) weights[i] += settings.step_size * error * x[i];
    state = next;
    // 200 points, evenly spread, whatever the number of steps.
    if (step * static_cast<int64_t>(kPoints) / settings.steps > static_cast<int64_t>(run.error.size()))
      run.error.push_back(rms_value(weights, settings.approximation));
  }
  return run;
}

}  // namespace deepq::lab
