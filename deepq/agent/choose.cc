#include "deepq/agent/choose.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// Of no legal action the first index is what comes out of every search; the environment's own error comes before.
size_t first_legal(size_t count, LegalActions legal) {
  size_t first = 0;
  while (first < count && !legal(first)) ++first;
  DEEPQ_ASSERT(first < count);
  return first;
}

// Like std::max_element, which it is where all are legal: the first of equal ones, and a NaN in front stays in front.
template <class T>
size_t first_of_the_largest(std::span<const T> values, LegalActions legal) {
  if (legal.all()) return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
  size_t best = first_legal(values.size(), legal);
  for (size_t a = best + 1; a < values.size(); ++a) {
    const bool allowed = legal(a), larger = values[best] < values[a];
    best = (allowed & larger) ? a : best;  // a branch would be guessed wrong half the time
  }
  return best;
}

template <class T>
int64_t explore_or_exploit(std::span<const T> q_values, double epsilon, Random& random, LegalActions legal) {
  if (epsilon > 0 && random.uniform() < epsilon)
    return random_action(static_cast<int64_t>(q_values.size()), random, legal);
  return static_cast<int64_t>(first_of_the_largest(q_values, legal));
}

size_t count_legal(size_t actions, LegalActions legal) {
  size_t count = 0;
  for (size_t a = 0; a < actions; ++a) count += legal(a);
  return count;
}

}  // namespace

int64_t greedy_action(std::span<const double> q_values, LegalActions legal) {
  return static_cast<int64_t>(first_of_the_largest(q_values, legal));
}
int64_t greedy_action(std::span<const float> q_values, LegalActions legal) {
  return static_cast<int64_t>(first_of_the_largest(q_values, legal));
}

double largest_value(std::span<const double> q_values, LegalActions legal) {
  return q_values[first_of_the_largest(q_values, legal)];
}
float largest_value(std::span<const float> q_values, LegalActions legal) {
  return q_values[first_of_the_largest(q_values, legal)];
}

int64_t random_action(int64_t action_count, Random& random, LegalActions legal) {
  const auto actions = static_cast<size_t>(action_count);
  if (legal.all()) return static_cast<int64_t>(random.below(actions));
  // The draw says how many legal actions are passed over.
  uint64_t left = random.below(count_legal(actions, legal));
  size_t action = first_legal(actions, legal);
  for (; left > 0; --left) {
    do ++action;
    while (!legal(action));
  }
  return static_cast<int64_t>(action);
}

int64_t epsilon_greedy_action(std::span<const double> q_values, double epsilon, Random& random, LegalActions legal) {
  return explore_or_exploit(q_values, epsilon, random, legal);
}
int64_t epsilon_greedy_action(std::span<const float> q_values, double epsilon, Random& random, LegalActions legal) {
  return explore_or_exploit(q_values, epsilon, random, legal);
}

namespace {

// Calls choose(values of the axis, what is legal there) for each axis; the action that has those choices.
template <class Choose>
int64_t on_each_axis(std::span<const double> q_values, const ActionSpace& actions, LegalActions legal,
                     const Choose& choose) {
  int64_t action = 0;
  size_t first = 0;
  for (const int64_t size : actions.axes()) {
    const auto count = static_cast<size_t>(size);
    action = action * size + choose(q_values.subspan(first, count), legal.from(first));
    first += count;
  }
  return action;
}

}  // namespace

int64_t greedy_action(std::span<const double> q_values, const ActionSpace& actions, LegalActions legal) {
  return on_each_axis(q_values, actions, legal,
                      [](std::span<const double> q, LegalActions there) { return greedy_action(q, there); });
}

int64_t epsilon_greedy_action(std::span<const double> q_values, const ActionSpace& actions, double epsilon,
                              Random& random, LegalActions legal) {
  if (actions.is_single()) return epsilon_greedy_action(q_values, epsilon, random, legal);
  if (!(epsilon > 0 && random.uniform() < epsilon)) return greedy_action(q_values, actions, legal);
  return on_each_axis(q_values, actions, legal, [&](std::span<const double> q, LegalActions there) {
    return random_action(static_cast<int64_t>(q.size()), random, there);
  });
}

double epsilon_greedy_value(std::span<const double> q_values, double epsilon, LegalActions legal) {
  const auto count = static_cast<double>(count_legal(q_values.size(), legal));
  double mean = 0;  // summed of quotients: large values stay within doubles
  for (size_t a = 0; a < q_values.size(); ++a)
    if (legal(a)) mean += q_values[a] / count;
  return (1 - epsilon) * largest_value(q_values, legal) + epsilon * mean;
}

// log pi = (q - temperature * log sum exp(q / temperature)) / temperature. The largest value is subtracted before exp,
// so that nothing overflows at the paper's temperature of 0.03.
void softmax_policy(std::span<const float> q_values, float temperature, std::span<NextAction> to, LegalActions legal,
                    Math math) {
  const float largest = largest_value(q_values, legal);
  float sum = 0;
  for (size_t a = 0; a < q_values.size(); ++a)
    if (legal(a)) sum += math.exp((q_values[a] - largest) / temperature);
  const float soft_maximum = largest + temperature * math.log(sum);
  for (size_t a = 0; a < q_values.size(); ++a) {
    const auto action = static_cast<int64_t>(a);
    if (!legal(a)) {
      to[a] = {action, 0, 0};
      continue;
    }
    const float scaled_log_policy = q_values[a] - soft_maximum;
    to[a] = {action, math.exp(scaled_log_policy / temperature), -scaled_log_policy};
  }
}

}  // namespace deepq
