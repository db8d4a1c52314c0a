// Choosing among the values of one state's actions: the greedy, the epsilon-greedy (Mnih et al. 2015) and the softmax
// policy, and what each says the state is worth, among the legal actions. Whatever acts or looks at what may follow
// chooses here. At least one action is legal in every state in which something is chosen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "deepq/core/action_space.h"   // IWYU pragma: export
#include "deepq/core/legal_actions.h"  // IWYU pragma: export
#include "deepq/core/math.h"
#include "deepq/core/random.h"

namespace deepq {

// The first of the largest values, as NumPy's and PyTorch's argmax. Tables have doubles, networks floats.
int64_t greedy_action(std::span<const double> q_values, LegalActions legal = {});
int64_t greedy_action(std::span<const float> q_values, LegalActions legal = {});

// max over a of q(a).
double largest_value(std::span<const double> q_values, LegalActions legal = {});
float largest_value(std::span<const float> q_values, LegalActions legal = {});

// Uniform over the legal of `action_count` actions; one draw.
int64_t random_action(int64_t action_count, Random& random, LegalActions legal = {});

// With probability epsilon a random action, else the greedy one. Epsilon 0 draws nothing, any other one number to
// decide, and where it explores those of random_action().
int64_t epsilon_greedy_action(std::span<const double> q_values, double epsilon, Random& random,
                              LegalActions legal = {});
// On each axis by itself: the best choices, or random ones, of all axes together. Values and what is legal are those of
// all axes, one after another (ActionSpace::values).
int64_t greedy_action(std::span<const double> q_values, const ActionSpace& actions, LegalActions legal);
int64_t epsilon_greedy_action(std::span<const double> q_values, const ActionSpace& actions, double epsilon,
                              Random& random, LegalActions legal);
int64_t epsilon_greedy_action(std::span<const float> q_values, double epsilon, Random& random, LegalActions legal = {});

// The expectation of q under that policy: sum over a of pi(a) q(a).
double epsilon_greedy_value(std::span<const double> q_values, double epsilon, LegalActions legal = {});

// One of the actions that may follow: its probability, and what is added to its return (the softmax policy's entropy
// term, 0 for others).
struct NextAction {
  int64_t action;
  float probability;
  float bonus;
};

// pi = softmax(q / temperature) and, as the bonus, -temperature log pi, of each action (Vieillard et al. 2020); `to` is
// as long as q_values. Illegal actions have probability and bonus 0.
void softmax_policy(std::span<const float> q_values, float temperature, std::span<NextAction> to,
                    LegalActions legal = {}, Math math = {});

}  // namespace deepq
