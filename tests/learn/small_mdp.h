// A small stochastic world, and what each variant should learn of it: fixed points of the operators that the variants
// apply, found by sweeps over the table.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "deepq/env/tabular_env.h"

namespace deepq::test {

// Four states, two actions; each leads to two states, or ends, at random: of every ten outcomes of a state and action
// five are the first, three the second and two the third, in random order, so that what is in the replay has the
// probabilities that it should and a test can ask for more than the luck of 12,000 draws. Episodes start anywhere and
// are cut off after 20 steps.
class SmallMdp : public Env {
 public:
  static bool visited(int64_t) { return true; }

  const EnvSpec& spec() const override {
    static const EnvSpec kSpec{.id = "SmallMdp-v0",
                               .observation_space = ObservationSpace::discrete(4),
                               .action_count = 2,
                               .max_episode_steps = 20,
                               .solved_return = 0,
                               .has_solved_return = false};
    return kSpec;
  }

  static std::vector<deepq::Outcome> outcomes(int64_t state, int64_t action) {
    const auto s = static_cast<int32_t>(state), a = static_cast<int32_t>(action);
    const double reward = 0.25 * ((3 * s + 5 * a) % 4) - 0.25;
    return {
        {0.5, reward, (s + 1 + a) % 4, false}, {0.3, reward + 0.2, (s + 3) % 4, false}, {0.2, reward - 0.2, s, true}};
  }

  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed) random_ = Random(*seed);
    observation_[0] = static_cast<float>(random_.below(4));
    return observation_;
  }

  Step step(int64_t action) override {
    return drawn(static_cast<size_t>(2 * state() + action), outcomes(state(), action));
  }

 protected:
  int64_t state() const { return static_cast<int64_t>(observation_[0]); }

  // One of the outcomes, by the deck of that state and action.
  Step drawn(size_t pair, const std::vector<deepq::Outcome>& outcomes) {
    std::vector<size_t>& deck = decks_[pair];
    if (deck.empty()) deck = {0, 0, 0, 0, 0, 1, 1, 1, 2, 2};
    const size_t place = random_.below(deck.size());
    const deepq::Outcome& outcome = outcomes[deck[place]];
    deck.erase(deck.begin() + static_cast<std::ptrdiff_t>(place));
    observation_[0] = static_cast<float>(outcome.next_state);
    return {observation_, outcome.reward, outcome.terminated, false};
  }

 private:
  Random random_;
  std::array<float, 1> observation_{};
  std::array<std::vector<size_t>, 12> decks_;
};

// The same with three actions, of which one or two are illegal in each state. Every reward is below 0: values of
// actions that nobody ever takes stay near 0, above all others, and whoever takes the maximum over them learns
// something else.
class MaskedMdp : public SmallMdp {
 public:
  static bool legal(int64_t state, int64_t action) { return action != state % 3 && (state != 3 || action != 2); }

  const EnvSpec& spec() const override {
    static const EnvSpec kSpec{.id = "MaskedMdp-v0",
                               .observation_space = ObservationSpace::discrete(4).with_legal_actions(3),
                               .action_count = 3,
                               .max_episode_steps = 20,
                               .solved_return = 0,
                               .has_solved_return = false};
    return kSpec;
  }

  static std::vector<deepq::Outcome> outcomes(int64_t state, int64_t action) {
    std::vector<deepq::Outcome> all = SmallMdp::outcomes(state, action % 2);
    for (deepq::Outcome& outcome : all) outcome.reward -= action == 2 ? 1.25 : 1;
    return all;
  }

  LegalActions legal_actions() const override {
    legal_[0] = 0;
    for (int64_t a = 0; a < 3; ++a)
      if (legal(state(), a)) allow(legal_, static_cast<size_t>(a));
    return LegalActions(legal_);
  }

  Step step(int64_t action) override {
    if (!legal(state(), action)) throw Error::of("action ", action, " is illegal in state ", state());
    return drawn(static_cast<size_t>(3 * state() + action), outcomes(state(), action));
  }

 private:
  mutable std::array<uint64_t, 1> legal_{};
};

template <class World>
bool is_legal(size_t state, size_t action) {
  if constexpr (requires { World::legal(0, 0); })
    return World::legal(static_cast<int64_t>(state), static_cast<int64_t>(action));
  return true;
}

// Five states in a row; action 0 goes left (at the first: stays), 1 goes right. Reaching the last pays 1 and ends.
// Episodes start anywhere else.
class ChainMdp : public TabularEnv {
 public:
  ChainMdp()
      : TabularEnv({.id = "ChainMdp-v0",
                    .observation_space = ObservationSpace::discrete(5),
                    .action_count = 2,
                    .max_episode_steps = 20,
                    .solved_return = 0,
                    .has_solved_return = false},
                   {1, 1, 1, 1, 0}, [](int64_t state, int64_t action) {
                     const auto s = static_cast<int32_t>(state);
                     const int32_t next = action == 1 ? std::min(s + 1, 4) : std::max(s - 1, 0);
                     return std::vector<deepq::Outcome>{{1, next == 4 ? 1.0 : 0.0, next, next == 4}};
                   }) {}
  static bool visited(int64_t state) { return state < 4; }
};

struct Operator {
  double gamma = 0.9;
  int64_t n_step = 1;
  double epsilon = 0;  // of the behaviour within the n steps
  bool munchausen = false;
  double alpha = 0.9, temperature = 0.03, clip = -1;
};

// Q [states, actions] that the operator leaves as it is.
template <class World>
std::vector<double> fixed_point(const World& world, const Operator& op) {
  const auto states = static_cast<size_t>(world.spec().observation_space.states()),
             actions = static_cast<size_t>(world.spec().action_count);
  std::vector<double> q(states * actions);
  const auto each_legal = [&](size_t s, const auto& call) {
    for (size_t a = 0; a < actions; ++a)
      if (is_legal<World>(s, a)) call(a);
  };
  const auto greedy = [&](size_t s) {
    size_t best = actions;
    each_legal(s, [&](size_t a) {
      if (best == actions || q[s * actions + best] < q[s * actions + a]) best = a;
    });
    return best;
  };
  // tau log of the softmax policy, as Munchausen has it.
  const auto log_policy = [&](size_t s, size_t a) {
    const double largest = q[s * actions + greedy(s)];
    double sum = 0;
    each_legal(s, [&](size_t b) { sum += std::exp((q[s * actions + b] - largest) / op.temperature); });
    return q[s * actions + a] - largest - op.temperature * std::log(sum);
  };
  const auto bootstrap = [&](size_t s) {
    if (!op.munchausen) return q[s * actions + greedy(s)];
    double value = 0;
    each_legal(s, [&](size_t a) {
      value += std::exp(log_policy(s, a) / op.temperature) * (q[s * actions + a] - log_policy(s, a));
    });
    return value;
  };
  for (int sweep = 0; sweep < 2000; ++sweep) {
    std::vector<double> values(states), next(q.size());
    for (size_t s = 0; s < states; ++s) values[s] = bootstrap(s);
    for (int64_t k = 0; k < op.n_step; ++k) {
      for (size_t s = 0; s < states; ++s)
        each_legal(s, [&](size_t a) {
          double value = 0;
          for (const auto& outcome : world.outcomes(static_cast<int64_t>(s), static_cast<int64_t>(a)))
            value += outcome.probability *
                     (outcome.reward +
                      (outcome.terminated ? 0 : op.gamma * values[static_cast<size_t>(outcome.next_state)]));
          next[s * actions + a] = value;
        });
      // The value of being in s with k + 1 steps to go under the behaviour, greedy by q but for epsilon.
      for (size_t s = 0; s < states; ++s) {
        values[s] = (1 - op.epsilon) * next[s * actions + greedy(s)];
        double count = 0;
        each_legal(s, [&](size_t) { ++count; });
        each_legal(s, [&](size_t a) { values[s] += op.epsilon / count * next[s * actions + a]; });
      }
    }
    if (op.munchausen)
      for (size_t s = 0; s < states; ++s)
        each_legal(s,
                   [&](size_t a) { next[s * actions + a] += op.alpha * std::clamp(log_policy(s, a), op.clip, 0.0); });
    q = next;
  }
  return q;
}

// Standard deviation of the return [states, actions] of the greedy policy by q, from the second moments.
template <class World>
std::vector<double> return_deviation(const World& world, double gamma, const std::vector<double>& q) {
  const auto states = static_cast<size_t>(world.spec().observation_space.states()),
             actions = static_cast<size_t>(world.spec().action_count);
  std::vector<double> squares(q.size());
  for (int sweep = 0; sweep < 2000; ++sweep) {
    std::vector<double> next(q.size());
    for (size_t s = 0; s < states; ++s)
      for (size_t a = 0; a < actions; ++a)
        for (const auto& outcome : world.outcomes(static_cast<int64_t>(s), static_cast<int64_t>(a))) {
          const double r = outcome.reward;
          const size_t row = static_cast<size_t>(outcome.next_state) * actions;
          const size_t best = row + static_cast<size_t>(std::max_element(&q[row], &q[row] + actions) - &q[row]);
          next[s * actions + a] +=
              outcome.probability *
              (r * r + (outcome.terminated ? 0 : 2 * r * gamma * q[best] + gamma * gamma * squares[best]));
        }
    squares = next;
  }
  for (size_t i = 0; i < q.size(); ++i) squares[i] = std::sqrt(squares[i] - q[i] * q[i]);
  return squares;
}

}  // namespace deepq::test
