#include "deepq/train/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/env/sync_vector_env.h"

namespace deepq {

int64_t final_evaluation_bound(const RunConfig& config, int64_t env_steps) {
  constexpr int64_t kLeastBound = 100'000;
  if (config.eval.final_max_env_steps > 0) return config.eval.final_max_env_steps;
  return std::max(kLeastBound, env_steps / 10);
}

EvaluationPlan evaluation_plan(const RunConfig& config, int64_t env_steps, const EvaluationChoice& choice) {
  constexpr int64_t kUsualEpisodes = 100;
  EpisodeStreams streams{.run_seed = static_cast<uint64_t>(config.train.seed)};
  if (choice.seed) {
    streams.purpose = Stream::kChosenEvaluation;
    streams.number = *choice.seed;
  }
  const int64_t usual = config.eval.final_episodes > 0 ? config.eval.final_episodes : kUsualEpisodes;
  return {.episodes = choice.episodes.value_or(usual),
          .max_env_steps = choice.episodes ? 0 : final_evaluation_bound(config, env_steps),
          .streams = streams,
          .epsilon = choice.epsilon.value_or(config.eval.epsilon),
          .max_episode_steps = config.evaluation_limit(),
          .counts_if_stopped = choice.counts_if_stopped};
}

std::string play(const QFunction& q_values, const EnvFactory& env, const EvaluationPlan& plan,
                 const std::function<bool(const PlayedStep&)>& on_step) {
  // A greedy policy may go in circles for ever where nothing ends an episode.
  auto world = SyncVectorEnv::waiting(env, plan.max_episode_steps, kEndlessEpisodeSteps);
  int64_t steps = 0;
  const auto used_up = [&](int64_t finished) {
    return plan.max_env_steps > 0 && steps >= plan.max_env_steps && finished > 0;
  };
  for (int64_t episode = 0; episode < plan.episodes && !used_up(episode); ++episode) {
    Random exploration = plan.streams.exploration(episode);
    world.begin_episode(0, plan.streams.world_seed(episode, world.spec().seed_width));
    while (!world.ended(0) && !used_up(episode)) {
      PlayedStep step{.episode = episode + 1, .q_values = q_values(world.observations())};
      step.action = epsilon_greedy_action(step.q_values, plan.epsilon, exploration);
      world.step(std::array{step.action});
      ++steps;
      step.step = world.episode_length(0);
      step.reward = world.rewards()[0];
      step.episode_return = world.episode_return(0);
      step.observation = world.next_observations();
      step.terminated = world.terminated(0);
      step.truncated = world.truncated(0);
      if (!on_step(step)) return world.spec().id;
    }
  }
  return world.spec().id;
}

std::optional<EvaluationRecord> evaluate(const QFunction& q_values, const EnvFactory& env, const EvaluationPlan& plan,
                                         const EvaluationWatch& watch) {
  std::vector<double> returns;
  EvaluationProgress progress{.planned_episodes = plan.episodes, .max_env_steps = plan.max_env_steps};
  int64_t finished_steps = 0;
  bool stopped = false;
  const std::string world = play(q_values, env, plan, [&](const PlayedStep& step) {
    ++progress.env_steps;
    if (step.terminated || step.truncated) {
      returns.push_back(step.episode_return);
      progress.episodes = step.episode;
      finished_steps = progress.env_steps;
    }
    stopped = !watch(progress) && progress.episodes < plan.episodes;
    return !stopped;
  });
  if (stopped && (returns.empty() || !plan.counts_if_stopped)) return {};
  EvaluationRecord record{.world = world};
  record.episodes = progress.episodes;
  record.planned_episodes = plan.episodes;
  record.max_env_steps = plan.max_env_steps;
  record.epsilon = plan.epsilon;
  record.max_episode_steps = plan.max_episode_steps;
  record.streams = plan.streams;
  const auto count = static_cast<double>(returns.size());
  record.mean_return = std::accumulate(returns.begin(), returns.end(), 0.0) / count;  // 500 if all are
  for (const double value : returns) record.std_return += (value - record.mean_return) * (value - record.mean_return);
  record.std_return = std::sqrt(record.std_return / count);
  record.min_return = *std::min_element(returns.begin(), returns.end());
  record.max_return = *std::max_element(returns.begin(), returns.end());
  record.mean_length = static_cast<double>(finished_steps) / count;
  return record;
}

EvaluationRecord evaluate(const QFunction& q_values, const EnvFactory& env, const EvaluationPlan& plan) {
  return *evaluate(q_values, env, plan, [](const EvaluationProgress&) { return true; });
}

}  // namespace deepq
