#include "deepq/lab/probes/cliff_learner.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "deepq/agent/choose.h"
#include "deepq/core/streams.h"
#include "deepq/env/cliff_walking.h"

namespace deepq::lab {
namespace {

constexpr size_t kActions = 4;
constexpr int64_t kPoints = 50;
constexpr double kExactTo = 1e-9;

size_t row(int64_t state) { return static_cast<size_t>(state) * kActions; }

std::span<const double> values_of(const QTable& q, int64_t state) { return std::span(q).subspan(row(state), kActions); }

size_t greedy(const QTable& q, int64_t state) { return static_cast<size_t>(greedy_action(values_of(q, state))); }

double chance(const QTable& q, int64_t state, size_t action, double epsilon) {
  return epsilon / kActions + (action == greedy(q, state) ? 1 - epsilon : 0);
}

double mean_value(const QTable& values, const QTable& policy, int64_t state, double epsilon) {
  double mean = 0;
  for (size_t a = 0; a < kActions; ++a) mean += chance(policy, state, a, epsilon) * values[row(state) + a];
  return mean;
}

double best_value(const QTable& values, int64_t state) { return largest_value(values_of(values, state)); }

// Sweeps Q(s, a) <- sum of p (r + gamma * value of s') until nothing moves.
template <class NextValue>
QTable fixed_point(const TabularEnv& env, double gamma, NextValue next_value) {
  const int64_t states = env.spec().observation_space.states();
  QTable values(row(states));
  for (double moved = 1; moved > kExactTo;) {  // a contraction: each sweep is nearer by gamma
    moved = 0;
    for (int64_t s = 0; s < states; ++s) {
      for (size_t a = 0; a < kActions; ++a) {
        double value = 0;
        for (const Outcome& outcome : env.outcomes(s, static_cast<int64_t>(a)))
          value += outcome.probability *
                   (outcome.reward + (outcome.terminated ? 0 : gamma * next_value(values, outcome.next_state)));
        moved = std::max(moved, std::abs(value - values[row(s) + a]));
        values[row(s) + a] = value;
      }
    }
  }
  return values;
}

class Learner {
 public:
  Learner(const CliffSettings& settings, uint64_t seed)
      : settings_(settings),
        random_(random_stream(seed, Stream::kExploration)),
        q_(row(env_.spec().observation_space.states())),
        replay_(settings.replay_capacity) {
    env_.reset(seed);
    start_ = env_.state();
    action_ = choose(start_);
  }

  void step(int64_t step) {
    // Linear over the whole run.
    epsilon_ = settings_.epsilon_start + (settings_.epsilon_end - settings_.epsilon_start) * static_cast<double>(step) /
                                             static_cast<double>(settings_.steps);
    const int64_t state = env_.state();
    const Step result = env_.step(action_);
    const int64_t next = env_.state(), next_action = choose(next);
    // The next action is chosen before learning, as in Sarsa, whose target holds it.
    const CliffSample sample{state, action_, next, next_action, result.reward, result.terminated};
    action_ = next_action;
    if (result.terminated) {
      env_.reset({});
      action_ = choose(env_.state());
    }
    if (settings_.replay_capacity == 0) return learn(sample);
    replay_.push(sample);
    for (int64_t i = 0; i < settings_.replayed; ++i) learn(replay_[random_.below(replay_.size())]);
  }

  CliffErrors errors() const {
    const double gamma = settings_.gamma;
    const QTable present = policy_values(env_, q_, epsilon_, gamma);
    // Each is held to what it claims to learn: Q-learning to the best policy's values, Sarsa to its own present
    // policy's.
    const QTable exact = settings_.target == CliffTarget::kGreedyAction ? best_values(env_, gamma) : present;
    // Errors where the present policy goes count by how often it goes there: elsewhere a table may keep old values.
    const QTable fractions = visit_fractions(env_, q_, epsilon_, gamma, start_);
    CliffErrors errors{.bias = 0, .error = 0, .value = mean_value(present, q_, start_, epsilon_)};
    for (size_t i = 0; i < q_.size(); ++i) {
      errors.bias += fractions[i] * (q_[i] - exact[i]);
      errors.error += fractions[i] * (q_[i] - exact[i]) * (q_[i] - exact[i]);
    }
    errors.error = std::sqrt(errors.error);
    return errors;
  }

 private:
  int64_t choose(int64_t state) { return epsilon_greedy_action(values_of(q_, state), epsilon_, random_); }

  void learn(const CliffSample& sample) {
    double target = sample.reward;
    if (!sample.terminated) target += settings_.gamma * next_value(sample);
    double& q = q_[row(sample.state) + static_cast<size_t>(sample.action)];
    q += settings_.step_size * (target - q);
  }

  double next_value(const CliffSample& sample) {
    if (settings_.target == CliffTarget::kGreedyAction) return best_value(q_, sample.next_state);
    // Sarsa with the stored next action, or with one that the present policy draws anew.
    const bool replayed = settings_.target == CliffTarget::kReplayedAction;
    const int64_t action = replayed ? sample.next_action : choose(sample.next_state);
    return q_[row(sample.next_state) + static_cast<size_t>(action)];
  }

  CliffSettings settings_;
  CliffWalking env_;
  Random random_;
  QTable q_;
  CliffMemory replay_;
  int64_t start_ = 0, action_ = 0;
  double epsilon_ = 1;
};

}  // namespace

void CliffMemory::push(const CliffSample& sample) {
  if (samples_.size() < capacity_) return samples_.push_back(sample);
  samples_[oldest_] = sample;
  oldest_ = (oldest_ + 1) % capacity_;
}

QTable policy_values(const TabularEnv& env, const QTable& q, double epsilon, double gamma) {
  return fixed_point(env, gamma,
                     [&](const QTable& values, int64_t next) { return mean_value(values, q, next, epsilon); });
}

QTable best_values(const TabularEnv& env, double gamma) { return fixed_point(env, gamma, best_value); }

QTable visit_fractions(const TabularEnv& env, const QTable& q, double epsilon, double gamma, int64_t start) {
  const auto states = static_cast<size_t>(env.spec().observation_space.states());
  QTable fractions(states * kActions);
  std::vector<double> here(states), next(states);
  here[static_cast<size_t>(start)] = 1;
  // Chances of being at each pair after 0, 1, 2, ... steps, discounted, until no weight is left to hand on.
  double left = 1, sum = 0;
  while (left > kExactTo) {
    std::fill(next.begin(), next.end(), 0);
    left = 0;
    for (size_t i = 0; i < fractions.size(); ++i) {
      const auto s = static_cast<int64_t>(i / kActions);
      const double weight = here[i / kActions] * chance(q, s, i % kActions, epsilon);
      if (weight == 0) continue;
      fractions[i] += weight;
      sum += weight;
      for (const Outcome& outcome : env.outcomes(s, static_cast<int64_t>(i % kActions))) {
        if (outcome.terminated) continue;
        next[static_cast<size_t>(outcome.next_state)] += gamma * weight * outcome.probability;
        left += gamma * weight * outcome.probability;
      }
    }
    here.swap(next);
  }
  for (double& fraction : fractions) fraction /= sum;
  return fractions;
}

CliffRun run_cliff(const CliffSettings& settings, uint64_t seed) {
  Learner learner(settings, seed);
  CliffRun run;
  for (int64_t step = 1; step <= settings.steps; ++step) {
    learner.step(step);
    // 50 points, evenly spread: each costs a dynamic program over the whole world.
    if (step * kPoints / settings.steps == static_cast<int64_t>(run.at.size())) continue;
    run.at.push_back(static_cast<double>(step));
    run.errors.push_back(learner.errors());
  }
  return run;
}

}  // namespace deepq::lab
