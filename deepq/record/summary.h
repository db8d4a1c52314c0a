// What came out of a run: summary.json, whose keys visit_fields names.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "deepq/config/config_history.h"
#include "deepq/core/finite.h"
#include "deepq/core/record_field.h"
#include "deepq/record/observer.h"

namespace deepq {

struct RunSummary {
  std::string version = {};  // "": this deepq
  std::string env, preset;
  int64_t seed = 0, env_steps = 0, episodes = 0, updates = 0;
  double seconds = 0;
  double env_steps_per_second = 0;
  double best_100_mean_return = 0, last_100_mean_return = 0;
  double solved_return = kNaN;       // NaN: the environment has none
  int64_t first_episode_solved = 0;  // 0: never
  // Of the evaluation after training; without one eval_episodes is 0, and the others NaN or "".
  double eval_mean_return = kNaN;
  int64_t eval_episodes = 0;
  int64_t eval_planned_episodes = 0;
  int64_t eval_max_env_steps = 0;  // 0 also in older files
  int64_t eval_env_steps = 0;
  double eval_epsilon = kNaN;
  std::string eval_agent = {};  // "" also in older files
  int64_t eval_max_episode_steps = 0;
  uint64_t eval_seed = 0;
  int64_t parameter_count = 0;
  std::string weights_sha256;
  ConfigHistory changes = {};
  std::string stopped_by;

  // Of eval_mean_return, between random play (0) and a human tester (1): env/atari_scores.h. NaN for environments that
  // are no Atari game and without a final evaluation.
  double human_normalized_score() const;

  std::string eval_episodes_text() const {
    return episodes_text(eval_episodes, eval_planned_episodes, eval_max_env_steps);
  }
  bool can_be_solved() const { return first_episode_solved > 0 || !std::isnan(solved_return); }

  std::string to_json() const;
  // Throws deepq::Error that names `source` and the key.
  static RunSummary from_json(const std::string& text, const std::string& source);
};

// visit(field, value, applies): where it does not apply, the key is null.
template <RecordOf<RunSummary> Summary, class Visit>
void visit_fields(Summary& s, Visit&& visit) {
  const bool evaluated = s.eval_episodes > 0, told_how = evaluated && !s.eval_agent.empty();
  visit(RecordField{.name = "deepq_version", .doc = "of the deepq that wrote it", .later = true}, s.version, true);
  visit(RecordField{.name = "env", .doc = "id of the environment"}, s.env, true);
  visit(
      RecordField{.name = "preset",
                  .doc = "\"rainbow\", or \"rainbow with 3 settings changed\" where keys have other values than there; "
                         "the environment, the seed, the length of training, evaluations, logs, files and threads are "
                         "not counted"},
      s.preset, true);
  visit(RecordField{.name = "seed", .doc = "of the run: `train.seed`"}, s.seed, true);
  visit(RecordField{.name = "env_steps", .doc = "environment steps of training"}, s.env_steps, true);
  visit(RecordField{.name = "episodes", .doc = "episodes that ended in training"}, s.episodes, true);
  visit(RecordField{.name = "updates", .doc = "updates of the network or table"}, s.updates, true);
  visit(
      RecordField{.name = "seconds",
                  .doc = "wall time of training, evaluations and checkpoints left out; over all sessions of a resumed "
                         "run"},
      s.seconds, true);
  visit(RecordField{.name = "env_steps_per_second", .doc = "`env_steps / seconds`"}, s.env_steps_per_second, true);
  visit(RecordField{.name = "best_100_mean_return",
                    .doc = "highest mean training return over 100 episodes, or over all while there are fewer"},
        s.best_100_mean_return, true);
  visit(RecordField{.name = "last_100_mean_return", .doc = "the same of the last 100 episodes"}, s.last_100_mean_return,
        true);
  visit(RecordField{.name = "solved_return",
                    .doc = "the environment's threshold (CartPole: 195); null: it has none",
                    .later = true},
        s.solved_return, true);
  visit(
      RecordField{.name = "first_episode_solved",
                  .doc = "first episode at which the mean of the last 100 returns passed the environment's threshold; "
                         "null: never",
                  .nullable = true},
      s.first_episode_solved, s.first_episode_solved > 0);
  visit(RecordField{.name = "eval_mean_return",
                    .doc = "mean return of the evaluation after training, on an environment and random stream of its "
                           "own; null: there was none of the run as it is now"},
        s.eval_mean_return, true);
  visit(RecordField{.name = "eval_episodes", .doc = "episodes of it that were finished; 0: there was none"},
        s.eval_episodes, true);
  visit(
      RecordField{
          .name = "eval_planned_episodes",
          .doc =
              "episodes of it that were to be played; some are not finished where `eval.final_max_env_steps` ended it",
          .later = true,
          .nullable = true},
      s.eval_planned_episodes, evaluated);
  visit(RecordField{.name = "eval_max_env_steps",
                    .doc = "steps of all its episodes together at which it would end (`eval.final_max_env_steps`)",
                    .later = true,
                    .nullable = true},
        s.eval_max_env_steps, evaluated);
  visit(
      RecordField{.name = "eval_env_steps",
                  .doc = "the step at which the network that was evaluated was what it is: `env_steps`, or an earlier "
                         "one with `eval.keep_best`",
                  .later = true,
                  .nullable = true},
      s.eval_env_steps, evaluated);
  visit(RecordField{.name = "eval_epsilon", .doc = "probability of a random action in it", .later = true},
        s.eval_epsilon, true);
  visit(RecordField{.name = "eval_agent",
                    .doc = "whether it was of the `last` agent or the `best` (`eval.keep_best`)",
                    .later = true,
                    .nullable = true},
        s.eval_agent, told_how);
  visit(RecordField{.name = "eval_max_episode_steps",
                    .doc = "its time limit in steps; 0: the environment's own",
                    .later = true,
                    .nullable = true},
        s.eval_max_episode_steps, told_how);
  visit(
      RecordField{
          .name = "eval_seed", .doc = "from which its episodes' seeds are derived", .later = true, .nullable = true},
      s.eval_seed, told_how);
  visit(RecordField{.name = "human_normalized_score",
                    .doc =
                        "Atari games: `eval_mean_return` between random play (0) and a human tester (1), by the scores "
                        "of Wang et al. 2016; null for others",
                    .later = true},
        s.human_normalized_score(), true);
  visit(RecordField{.name = "parameter_count", .doc = "numbers that are learnt"}, s.parameter_count, true);
  visit(RecordField{.name = "weights_sha256",
                    .doc = "of the online network's parameters as little-endian float32 (tables: float64), tensors in "
                           "order of their names"},
        s.weights_sha256, true);
  visit(RecordField{.name = "changes",
                    .doc = "how the configuration was changed while the run went on: at which step which key from what "
                           "to what",
                    .later = true},
        s.changes, true);
  visit(RecordField{.name = "stopped_by",
                    .doc = "`env_steps`, `episodes`, `solved` (`eval.stop_when_solved`), `mean_return` "
                           "(`train.stop_at_mean_return`), `no_improvement` (`eval.stop_without_improvement`) or "
                           "`signal` (in Python also: the callback said so)"},
        s.stopped_by, true);
}

}  // namespace deepq
