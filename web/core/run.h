// A run in a page: made of TOML or of a checkpoint's bytes, stepped call by call, looked at in between. It opens no
// file and starts no thread, and is the trainer of `deepq train`: with the same configuration the same weights,
// episodes and summary. Everything that the page shows is asked of it here, as JSON. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "deepq/record/observer.h"
#include "deepq/train/trainer.h"
#include "web/core/faults.h"

namespace deepq::web {

class Run : private Observer {
 public:
  // `toml` as of --config: a preset that it names lies below. Its arithmetic is strict where the text does not say, so
  // that it is the same run on every machine, and a checkpoint goes on as such. Throws deepq::Error as `deepq train`
  // does.
  static std::unique_ptr<Run> of_toml(const std::string& toml, Fault fault = Fault::kNone);

  // Goes on where a checkpoint of the page or of the program ended. Throws deepq::Error for one that does not fit.
  static std::unique_ptr<Run> of_checkpoint(std::span<const std::byte> file);

  // Takes `env_steps` more steps (each moves every copy of the world), or fewer where the run ends. Evaluations that
  // are due are played within. Then where the run ends it is evaluated.
  void step(int64_t env_steps);
  // Until the next episode ends, `most` steps at most.
  void step_episode(int64_t most);
  bool done() const { return trainer_.done(); }

  // summary.json of the run as it is now; once it is done it is what the program writes, `seconds` excepted.
  std::string summary();
  std::string checkpoint();  // the bytes of a checkpoint file; throws deepq::Error where a fault is planted
  std::string config_toml() const { return readable_toml(trainer_.config()); }

  // {"episodes": [...], "metrics": [...], "evaluations": [...]}: the records since the last call, as the CSV files have
  // them.
  std::string news();

  // {"env_steps", ..., "observation": [numbers], "q": [...], "action"}: the first copy of the world and what the agent
  // makes of it, now.
  std::string look();

  // The world as it does not change while it runs: id, actions, thresholds, of grids walls and goals, of tables the
  // exact action values "q_star" [states, actions] for the run's gamma.
  std::string world() const;

  // As look(), of a game that is played greedily beside the training, in a world of its own: each call is one step of
  // it. "ended": this is its last state, and the next call begins another.
  std::string show();

  // Action values [rows, actions] of observations [rows, observation size], and the greedy action of one.
  std::vector<double> values(std::span<const float> observations);
  int64_t act(std::span<const float> observation) { return trainer_.policy().act(observation); }
  // By the target network; empty where there is none.
  std::vector<double> target_values(std::span<const float> observations);

  // Of what the replay holds, `count` transitions (or as many as there are) evenly spread over the newest `window` (0:
  // over all), the oldest first: rows of the observation's numbers, the action, the reward and the discount of what
  // follows. Empty where nothing is kept.
  std::vector<float> replay(int64_t count, int64_t window) const;

  // [batch]: what the last update's samples missed their targets by; empty before, and where nothing is told.
  std::span<const float> td_errors() const { return trainer_.algorithm().td_errors(); }

 private:
  Run(const RunConfig& config, Fault fault);

  void on_episode(const EpisodeRecord& record) override { episodes_.push_back(record); }
  void on_metrics(const MetricsRecord& record) override { metrics_.push_back(record); }
  void on_evaluation(const EvaluationRecord& record) override { evaluations_.push_back(record); }
  template <class Enough>
  void step_until(const Enough& enough);

  Fault fault_;
  Trainer trainer_;
  std::optional<Policy> target_;      // made when it is first asked for
  std::unique_ptr<VectorEnv> shown_;  // the game of show(), and what is done next in it: nothing before a first state
  std::optional<int64_t> shown_action_;
  // Since news() was last asked for.
  std::vector<EpisodeRecord> episodes_;
  std::vector<MetricsRecord> metrics_;
  std::vector<EvaluationRecord> evaluations_;
};

// Of any number of observations, as many at a time as the policy takes. Throws deepq::Error for a part of one.
std::vector<double> values_by(Policy& policy, std::span<const float> observations);

}  // namespace deepq::web
