#include "deepq/lab/worlds/maximization_bias.h"

#include <algorithm>
#include <cmath>

#include "deepq/agent/choose.h"

namespace deepq::lab {
namespace {

constexpr size_t kRight = 0, kLeft = 1;
constexpr double kSamples = 10;  // of each arm

using Values = std::vector<double>;

size_t largest(const Values& q, Random& random) {
  const double most = largest_value(q);
  auto choice = random.below(static_cast<uint64_t>(std::count(q.begin(), q.end(), most)));
  for (size_t a = 0;; ++a) {
    // The choice-th of the equal largest: ties are broken by chance.
    if (q[a] == most && choice-- == 0) return a;
  }
}

// `other` is for double alone.
double back_up(Backup backup, const Values& q, const Values& other, Random& random) {
  if (backup == Backup::kMax) return largest_value(q);
  if (backup == Backup::kMin) return *std::min_element(q.begin(), q.end());
  return other[largest(q, random)];  // one chooses, the other says what it is worth
}

struct Tables {
  std::array<Values, 2> a{Values(2), Values(2)}, b{Values(kActionsInB), Values(kActionsInB)};
  bool two;

  // What the behaviour, and a reader, takes as the values.
  Values mean(const std::array<Values, 2>& q) const {
    Values values = q[0];
    for (size_t i = 0; two && i < values.size(); ++i) values[i] = (values[i] + q[1][i]) / 2;
    return values;
  }
};

}  // namespace

BiasRun run_maximization_bias(const BiasSettings& settings, Random& random) {
  Tables tables{.two = settings.backup == Backup::kDouble};
  const auto act = [&](const std::array<Values, 2>& q) {
    const Values values = tables.mean(q);
    return random.uniform() < settings.epsilon ? random.below(values.size()) : largest(values, random);
  };
  const auto learner = [&] { return tables.two ? random.below(2) : 0; };
  BiasRun run;
  for (int64_t episode = 0; episode < settings.episodes; ++episode) {
    const size_t action = act(tables.a);
    run.went_left.push_back(action == kLeft);
    if (action == kRight) continue;  // worth 0, as it is from the start
    // Double: a fair coin says which of the two tables learns.
    const size_t at_a = learner();
    double& left = tables.a[at_a][kLeft];
    left += settings.step_size * (back_up(settings.backup, tables.b[at_a], tables.b[1 - at_a], random) - left);
    const size_t in_b = act(tables.b);  // behaviour and readers take the mean of both tables
    double& q = tables.b[learner()][in_b];
    q += settings.step_size * (kTrueValueOfB + random.normal() - q);
  }
  const Values b = tables.mean(tables.b);
  run.going_left = tables.mean(tables.a)[kLeft];
  run.lowest_in_b = *std::min_element(b.begin(), b.end());
  run.highest_in_b = *std::max_element(b.begin(), b.end());
  return run;
}

double backed_up_noise(Backup backup, int64_t arms, Random& random) {
  const bool two = backup == Backup::kDouble;
  Values means(static_cast<size_t>(arms)), others(two ? means.size() : 0);
  // The mean of n samples of standard deviation 1; double splits the ten in two halves.
  const double standard_deviation = 1 / std::sqrt(two ? kSamples / 2 : kSamples);
  for (double& mean : means) mean = standard_deviation * random.normal();
  for (double& mean : others) mean = standard_deviation * random.normal();
  return back_up(backup, means, others, random);
}

const EnvSpec& MaximizationBias::spec() const {
  static const EnvSpec kSpec{.id = "MaximizationBias-v0",
                             .observation_space = ObservationSpace::discrete(2),
                             .action_count = kActionsInB,
                             .max_episode_steps = 10};
  return kSpec;
}

std::span<const float> MaximizationBias::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  observation_[0] = 0;
  return observation_;
}

Step MaximizationBias::step(int64_t action) {
  if (observation_[0] == 1) return {observation_, kTrueValueOfB + random_.normal(), true, false};
  const bool left = goes_left(action);
  observation_[0] = left ? 1.0f : 0.0f;
  return {observation_, 0, !left, false};
}

}  // namespace deepq::lab
