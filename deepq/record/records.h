// Records of a training run: an episode, the updates since the last such record, an evaluation. Each
// describes its fields (core/record_field.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "deepq/core/learn_stats.h"
#include "deepq/core/streams.h"

namespace deepq {

struct EpisodeRecord {
  int64_t episode = 0, env_steps = 0;
  double episode_return = 0;
  int64_t length = 0;
  double epsilon = 0, seconds = 0;
};

template <RecordOf<EpisodeRecord> Record, class Visit>
void visit_fields(Record& r, Visit&& visit) {
  visit(RecordField{.name = "episode", .doc = "its number, from 1, in the order of ending"}, r.episode);
  visit(RecordField{.name = "env_steps", .doc = "environment steps taken, in all copies of the world, when it ended"},
        r.env_steps);
  visit(RecordField{.name = "return",
                    .doc = "sum of its rewards, not discounted",
                    .tags = {"train/return", "", "charts/episodic_return"}},
        r.episode_return);
  visit(
      RecordField{
          .name = "length", .doc = "its environment steps", .tags = {"train/length", "", "charts/episodic_length"}},
      r.length);
  visit(RecordField{.name = "epsilon",
                    .doc = "probability of a random action when it ended",
                    .tags = {"train/epsilon", "rollout/exploration_rate", "charts/epsilon"}},
        r.epsilon);
  visit(RecordField{.name = "seconds", .doc = "wall time of training so far, earlier sessions included"}, r.seconds);
}

// Means over the updates since the last record, unless a field says otherwise.
struct MetricsRecord : LearnStats {
  double td_error_median = 0, td_error_p90 = 0;
  int64_t env_steps = 0, updates = 0;
  double epsilon = 0, learning_rate = 0, seconds = 0;
  double env_steps_per_second = 0, updates_per_second = 0;
};

template <RecordOf<MetricsRecord> Record, class Visit>
void visit_fields(Record& r, Visit&& visit) {
  visit(RecordField{.name = "env_steps", .doc = "environment steps so far"}, r.env_steps);
  visit(RecordField{.name = "updates", .doc = "updates so far", .tags = {"", "train/n_updates", ""}}, r.updates);
  if constexpr (std::is_const_v<Record>)
    visit_fields(static_cast<const LearnStats&>(r), visit);
  else
    visit_fields(static_cast<LearnStats&>(r), visit);
  visit(
      RecordField{.name = "td_error_median",
                  .doc = "median over the last batch of the distance between target and Q(s, a); with distributions of "
                         "returns, of the loss between them",
                  .tags = {"train/td_error_median", "train/td_error_median", "losses/td_error_median"},
                  .chart = "TD error",
                  .later = true},
      r.td_error_median);
  visit(RecordField{.name = "td_error_p90",
                    .doc = "90% quantile of the same distance or loss",
                    .tags = {"train/td_error_p90", "train/td_error_p90", "losses/td_error_p90"},
                    .chart = "TD error",
                    .later = true},
        r.td_error_p90);
  visit(RecordField{.name = "epsilon", .doc = "probability of a random action now"}, r.epsilon);
  visit(RecordField{.name = "learning_rate",
                    .doc = "the optimizer's step size now",
                    .tags = {"train/learning_rate", "train/learning_rate", "charts/learning_rate"}},
        r.learning_rate);
  visit(RecordField{.name = "seconds", .doc = "wall time of training so far, earlier sessions included"}, r.seconds);
  visit(RecordField{.name = "env_steps_per_second",
                    .doc = "environment steps a second since the record before, or the beginning of the session",
                    .tags = {"time/steps_per_second", "time/fps", "charts/SPS"},
                    .later = true},
        r.env_steps_per_second);
  visit(RecordField{.name = "updates_per_second",
                    .doc = "updates a second since the record before, or the beginning of the session",
                    .tags = {"time/updates_per_second", "time/updates_per_second", "charts/updates_per_second"},
                    .chart = "Updates per second",
                    .later = true},
        r.updates_per_second);
}

struct EvaluationRecord {
  int64_t env_steps = 0, episodes = 0;
  double mean_return = 0, std_return = 0, min_return = 0, max_return = 0, mean_length = 0;
  bool final = false;
  // How it came about.
  std::string world = {};
  double epsilon = 0;
  int64_t max_episode_steps = 0;
  EpisodeStreams streams = {};  // of the episodes
  int64_t planned_episodes = 0, max_env_steps = 0;
  bool best_agent = false;
  int64_t agent_env_steps = 0;

  bool was_cut() const { return episodes < planned_episodes; }
};

template <RecordOf<EvaluationRecord> Record, class Visit>
void visit_fields(Record& r, Visit&& visit) {
  visit(RecordField{.name = "env_steps", .doc = "environment steps of training so far"}, r.env_steps);
  visit(RecordField{.name = "episodes", .doc = "episodes that were finished"}, r.episodes);
  visit(RecordField{.name = "planned_episodes",
                    .doc = "episodes that were to be; fewer were finished where the steps ended them",
                    .only_in_callbacks = true},
        r.planned_episodes);
  visit(RecordField{.name = "max_env_steps",
                    .doc = "steps of all its episodes together at which it ends; 0: no bound",
                    .only_in_callbacks = true},
        r.max_env_steps);
  visit(RecordField{.name = "mean_return",
                    .doc = "mean of their returns, not discounted",
                    .tags = {"eval/mean_return", "eval/mean_reward", "eval/episodic_return"}},
        r.mean_return);
  visit(RecordField{.name = "std_return",
                    .doc = "standard deviation of their returns (divided by their number, not by one less)",
                    .tags = {"eval/std_return", "eval/std_reward", "eval/std_return"}},
        r.std_return);
  visit(RecordField{.name = "min_return",
                    .doc = "lowest of their returns",
                    .tags = {"eval/min_return", "eval/min_reward", "eval/min_return"}},
        r.min_return);
  visit(RecordField{.name = "max_return",
                    .doc = "highest of their returns",
                    .tags = {"eval/max_return", "eval/max_reward", "eval/max_return"}},
        r.max_return);
  visit(RecordField{.name = "mean_length",
                    .doc = "mean of their lengths in environment steps",
                    .tags = {"eval/mean_length", "eval/mean_ep_length", "eval/episodic_length"}},
        r.mean_length);
  visit(RecordField{.name = "final", .doc = "1 (in Python True): the evaluation after training"}, r.final);
  visit(RecordField{.name = "world", .doc = "id of the environment", .only_in_callbacks = true}, r.world);
  visit(RecordField{.name = "epsilon", .doc = "probability of a random action in it", .later = true}, r.epsilon);
  visit(
      RecordField{
          .name = "agent_env_steps", .doc = "environment steps at which this agent was what it is", .later = true},
      r.agent_env_steps);
  visit(
      RecordField{
          .name = "max_episode_steps", .doc = "its time limit in steps; 0: the environment's own", .later = true},
      r.max_episode_steps);
  visit(RecordField{.name = "seed", .doc = "the run's seed, from which its episodes' seeds are derived", .later = true},
        r.streams.run_seed);
  visit(
      RecordField{
          .name = "first_episode", .doc = "number of its first episode in the stream of evaluations", .later = true},
      r.streams.first_episode);
  visit(RecordField{.name = "agent", .doc = "`last`, or `best` (`eval.keep_best`)", .only_in_callbacks = true},
        std::string_view(r.best_agent ? "best" : "last"));
}

}  // namespace deepq
