#include "deepq/train/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "deepq/agent/exploration.h"
#include "deepq/env/vector_env.h"

namespace deepq {

EvaluationRecord evaluate(const QFunction& q_values, const EnvFactory& env, const EvaluationPlan& plan) {
  VectorEnv world(env, 1, plan.seed, plan.max_episode_steps);
  Random exploration(plan.seed, {1});
  std::vector<double> returns;
  int64_t steps = 0;
  while (static_cast<int64_t>(returns.size()) < plan.episodes) {
    const std::array action{epsilon_greedy_action(q_values(world.observations()), plan.epsilon, exploration)};
    world.step(action);
    ++steps;
    if (world.ended(0)) returns.push_back(world.episode_return(0));
  }
  EvaluationRecord record;
  record.episodes = plan.episodes;
  const auto count = static_cast<double>(returns.size());
  for (const double value : returns) record.mean_return += value / count;
  for (const double value : returns) record.std_return += (value - record.mean_return) * (value - record.mean_return);
  record.std_return = std::sqrt(record.std_return / count);
  record.min_return = *std::min_element(returns.begin(), returns.end());
  record.max_return = *std::max_element(returns.begin(), returns.end());
  record.mean_length = static_cast<double>(steps) / count;
  return record;
}

}  // namespace deepq
