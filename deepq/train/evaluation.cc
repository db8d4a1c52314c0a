#include "deepq/train/evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "deepq/env/sync_vector_env.h"

namespace deepq {

int64_t final_evaluation_bound(const RunConfig& config, int64_t env_steps) {
  constexpr int64_t kLeastBound = 100'000;
  if (config.eval.final_max_env_steps > 0) return config.eval.final_max_env_steps;
  return std::max(kLeastBound, env_steps / 10);
}

EvaluationPlan evaluation_plan(const RunConfig& config, int64_t env_steps, const EvaluationChoice& choice) {
  constexpr int64_t kUsualEpisodes = 100;
  // A seed that was chosen gives other episodes than any evaluation of the run has.
  EpisodeStreams streams{.run_seed = static_cast<uint64_t>(config.train.seed)};
  if (choice.seed) {
    streams.purpose = Stream::kChosenEvaluation;
    streams.number = *choice.seed;
  }
  const int64_t usual = config.eval.final_episodes > 0 ? config.eval.final_episodes : kUsualEpisodes;
  return {.episodes = choice.episodes.value_or(usual),
          // Whoever asks for a number of episodes gets them all, however long they take.
          .max_env_steps = choice.episodes ? 0 : final_evaluation_bound(config, env_steps),
          .streams = streams,
          .epsilon = choice.epsilon.value_or(config.eval.epsilon),
          .max_episode_steps = config.evaluation_limit(),
          .counts_if_stopped = choice.counts_if_stopped};
}

namespace {

// The episodes that a plan plays, by their numbers from 0. Played side by side they end in any order; which of them
// count is what it is when they are played one after the other.
class Episodes {
 public:
  explicit Episodes(const EvaluationPlan& plan) : plan_(plan) {}

  // Whether no step of `episode` counts any more: it and those before have taken all that are allowed. What they have
  // taken only grows, so one that is given up here would not have counted.
  bool used_up(size_t episode) const {
    if (plan_.max_env_steps == 0 || episode == 0) return false;
    const auto last = lengths_.begin() + static_cast<int64_t>(std::min(episode + 1, lengths_.size()));
    return std::accumulate(lengths_.begin(), last, int64_t{0}) >= plan_.max_env_steps;
  }
  bool may_begin() const { return lengths_.size() < static_cast<size_t>(plan_.episodes) && !used_up(lengths_.size()); }
  size_t begin() {
    lengths_.push_back(0);
    return lengths_.size() - 1;
  }
  void add_step(size_t episode) { ++lengths_[episode]; }

 private:
  const EvaluationPlan& plan_;
  std::vector<int64_t> lengths_;  // so far, of those that have begun
};

// One of the games that are played side by side.
struct Game {
  SyncVectorEnv world;
  std::optional<size_t> episode = {};  // that it is in
};

// How many are played at a time: as many as the policy takes at once, where each has a world of its own.
int64_t game_count(const Policy& policy, const EnvSpec& world, const EvaluationPlan& plan) {
  return world.side_by_side ? std::max<int64_t>(1, std::min(plan.episodes, policy.most_rows())) : 1;
}

// Plays the plan's episodes, at most `most` at a time; `on_step` as in play(). An episode's world and random actions
// depend on its number alone, a row of the policy's batch on nothing beside it: so the episodes are the same for any
// `most`.
std::string play_side_by_side(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan, int64_t most,
                              const std::function<bool(const PlayedStep&)>& on_step) {
  std::vector<Game> games;
  // A greedy policy may go in circles for ever where nothing ends an episode.
  const auto add_game = [&] {
    games.push_back({SyncVectorEnv::waiting(env, plan.max_episode_steps, kEndlessEpisodeSteps)});
  };
  add_game();
  const EnvSpec spec = games[0].world.spec();
  // The first world says whether there may be more of them.
  for (int64_t i = std::min(most, game_count(policy, spec, plan)); i > 1; --i) add_game();
  const auto values = static_cast<size_t>(policy.learnt().values());
  Episodes episodes(plan);
  std::vector<int64_t> rows, actions;
  std::vector<std::byte> observations;
  const ObservationLayout layout(spec.observation_space);
  while (true) {
    rows.clear();
    observations.clear();
    // First every game is brought to where it needs an action: an ended episode makes room for the next.
    for (size_t i = 0; i < games.size(); ++i) {
      auto& [world, episode] = games[i];
      if (episode && (world.ended(0) || episodes.used_up(*episode))) episode.reset();
      if (!episode && episodes.may_begin()) {
        episode = episodes.begin();
        policy.begin_episode(static_cast<int64_t>(i), plan.streams.exploration(static_cast<int64_t>(*episode)));
        world.begin_episode(0, plan.streams.world_seed(static_cast<int64_t>(*episode), spec.seed_width));
      }
      if (!episode) continue;
      rows.push_back(static_cast<int64_t>(i));
      const std::span<const std::byte> observation = world.observations().bytes();
      observations.insert(observations.end(), observation.begin(), observation.end());
    }
    // No game is in an episode and none may begin: the plan is played.
    if (rows.empty()) return spec.id;
    actions.resize(rows.size());
    // One pass of the network for all games that go on.
    const std::span<const double> q = policy.act({layout, observations}, rows, plan.epsilon, actions);
    for (size_t i = 0; i < rows.size(); ++i) {
      auto& [world, episode] = games[static_cast<size_t>(rows[i])];
      world.step(std::array{actions[i]});
      episodes.add_step(*episode);
      if (!on_step({.episode = static_cast<int64_t>(*episode) + 1,
                    .step = world.episode_length(0),
                    .q_values = q.subspan(i * values, values),
                    .action = actions[i],
                    .reward = world.rewards()[0],
                    .episode_return = world.episode_return(0),
                    .acted_on = ObservationRows(layout, observations)[static_cast<int64_t>(i)],
                    .observation = world.next_observations(),
                    .terminated = world.terminated(0),
                    .truncated = world.truncated(0)}))
        return spec.id;
    }
  }
}

// What came of an episode, once it has ended.
struct Outcome {
  double episode_return;
  int64_t length;
};

// The returns of the episodes that count, in order, and the steps that they took: up to the first that has not ended,
// or that ended beyond the bound; the first one counts in any case.
std::vector<double> counted_returns(const std::vector<std::optional<Outcome>>& outcomes, int64_t max_env_steps,
                                    int64_t& env_steps) {
  std::vector<double> returns;
  for (const std::optional<Outcome>& outcome : outcomes) {
    // In the order of their numbers: short episodes, which end first, must not count more often.
    const bool in_bound =
        max_env_steps == 0 || returns.empty() || (outcome && env_steps + outcome->length <= max_env_steps);
    if (!outcome || !in_bound) break;
    returns.push_back(outcome->episode_return);
    env_steps += outcome->length;
  }
  return returns;
}

}  // namespace

std::string play(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan,
                 const std::function<bool(const PlayedStep&)>& on_step) {
  return play_side_by_side(policy, env, plan, 1, on_step);
}

std::optional<EvaluationRecord> evaluate(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan,
                                         const EvaluationWatch& watch) {
  std::vector<std::optional<Outcome>> outcomes;
  EvaluationProgress progress{.planned_episodes = plan.episodes, .max_env_steps = plan.max_env_steps};
  bool stopped = false;
  const auto on_step = [&](const PlayedStep& step) {
    ++progress.env_steps;
    if (step.terminated || step.truncated) {
      const auto number = static_cast<size_t>(step.episode);
      if (outcomes.size() < number) outcomes.resize(number);
      outcomes[number - 1] = {step.episode_return, step.step};
      ++progress.episodes;
    }
    // What stops after the last episode has ended stops nothing.
    stopped = !watch(progress) && progress.episodes < plan.episodes;
    return !stopped;
  };
  const std::string world = play_side_by_side(policy, env, plan, plan.most_side_by_side, on_step);
  int64_t env_steps = 0;
  const std::vector<double> returns = counted_returns(outcomes, plan.max_env_steps, env_steps);
  if (stopped && (returns.empty() || !plan.counts_if_stopped)) return {};
  EvaluationRecord record{.world = world};
  record.episodes = static_cast<int64_t>(returns.size());
  record.planned_episodes = plan.episodes;
  record.max_env_steps = plan.max_env_steps;
  record.epsilon = plan.epsilon;
  record.max_episode_steps = plan.max_episode_steps;
  record.streams = plan.streams;
  const auto count = static_cast<double>(returns.size());
  record.mean_return = std::accumulate(returns.begin(), returns.end(), 0.0) / count;  // 500 if all are
  // The mean is known, so squares of differences can be summed; dividing by n is the spread of these episodes.
  for (const double value : returns) record.std_return += (value - record.mean_return) * (value - record.mean_return);
  record.std_return = std::sqrt(record.std_return / count);
  record.min_return = *std::min_element(returns.begin(), returns.end());
  record.max_return = *std::max_element(returns.begin(), returns.end());
  record.mean_length = static_cast<double>(env_steps) / count;
  return record;
}

EvaluationRecord evaluate(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan) {
  return *evaluate(policy, env, plan, [](const EvaluationProgress&) { return true; });
}

}  // namespace deepq
