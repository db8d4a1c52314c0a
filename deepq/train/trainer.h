// The training loop: act, step, learn, tell the observers. One call of step() moves every environment once; what
// acting and learning mean is the Algorithm's. All state is here and in what it owns, so serialize() is the whole of a
// checkpoint. step() allocates no memory.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "deepq/agent/algorithm.h"
#include "deepq/config/config_history.h"
#include "deepq/config/run_config.h"
#include "deepq/env/vector_env.h"
#include "deepq/record/metrics_window.h"
#include "deepq/record/observer.h"
#include "deepq/train/best_agent.h"
#include "deepq/train/evaluation.h"
#include "deepq/train/return_window.h"

namespace deepq {

class Trainer : private UpdateListener {
 public:
  // Throws deepq::Error for a config that does not fit itself or the environment. `env` makes the environments to train
  // on, env.count of them, unless `vector_env` is given, and the one to evaluate on, which may be another world whose
  // observations and actions are as in training (asked when it is made).
  Trainer(const RunConfig& config, EnvFactory env, std::unique_ptr<VectorEnv> vector_env = nullptr);

  void add_observer(Observer& observer) { observers_.push_back(&observer); }
  void clear_observers() { observers_.clear(); }

  // Training goes on, or ends earlier, until so many environment steps in all, with no limit on episodes. Throws
  // deepq::Error as the constructor.
  void set_length(int64_t env_steps);

  // How the configuration was changed while the run went on.
  const ConfigHistory& history() const { return history_; }
  void set_history(ConfigHistory history) { history_ = std::move(history); }
  void add_to_history(const ConfigHistory& changes) {
    if (env_steps_ > 0) history_.insert(history_.end(), changes.begin(), changes.end());
  }

  // Before the first step after serialize() has loaded: that environments which cannot save their state begin anew is
  // part of the history of a run that goes on, and of no other.
  void note_fresh_episodes();

  bool done() const;
  // Where an evaluation is due that was stopped, it is played in place of the step.
  void step();

  // Evaluations end after the present step when `stop` is true; null: they never do.
  void stop_evaluations_on(const std::atomic<bool>* stop) { stop_ = stop; }

  // Plays eval.final_episodes with the run's agent, greedily (eval.epsilon), as far as eval.final_max_env_steps lets
  // it, tells the observers, and keeps the result, unless it was stopped; nothing where final_evaluation() is that
  // already. These episodes are never among those of evaluations during training, which may have picked the agent.
  void run_final_evaluation();
  // Plays episodes with the run's agent; `watch` may end it, then there is nothing. The observers are not told.
  std::optional<EvaluationRecord> evaluate_agent(
      const EvaluationPlan& plan, const EvaluationWatch& watch = [](const EvaluationProgress&) { return true; });
  // What run_final_evaluation() measured, if it is what the config asks for now, of the agent as it is now; or null.
  const EvaluationRecord* final_evaluation() const;
  bool finally_evaluated() const { return config_.eval.final_episodes == 0 || final_evaluation() != nullptr; }
  // What ended training before its length: "solved" (eval.stop_when_solved), "mean_return" (train.stop_at_mean_return),
  // "no_improvement" (eval.stop_without_improvement); "": nothing.
  std::string_view early_stop() const;
  void forget_early_stop();

  const RunConfig& config() const { return config_; }
  const EnvSpec& env_spec() const { return env_->spec(); }
  const VectorEnv& worlds() const { return *env_; }  // that it trains on
  const EnvFactory& evaluation_env() const { return make_env_; }
  const std::string& loaded_env() const { return env_->loaded_id(); }  // the environment of the run that was loaded
  const Algorithm& algorithm() const { return *algorithm_; }
  Algorithm& algorithm() { return *algorithm_; }
  // What acts: by what the algorithm has learnt at the time of each call; and as the run's agent, which with
  // eval.keep_best is the one that did best so far. Neither lives longer than the trainer.
  Policy& policy() { return policy_; }
  Policy& agent_policy() { return keeps_best() ? best_->policy() : policy_; }
  bool agent_is_best() const { return keeps_best(); }
  int64_t agent_env_steps() const { return keeps_best() ? best_->env_steps() : env_steps_; }  // at which it was that
  const ReturnWindow& returns() const { return returns_; }
  int64_t env_steps() const { return env_steps_; }
  int64_t episodes() const { return episodes_; }
  double epsilon() const { return algorithm_->epsilon(progress()); }
  double learning_rate() const { return algorithm_->learning_rate(progress()); }
  double seconds()
      const;  // of training: evaluations left out, and what happens between resume_clock and pause_clock only
  bool restored_exactly() const { return env_->restored_exactly(); }
  // What serialize() loads may be a run in another environment; see VectorEnv.
  void take_any_environments_state() { env_->take_any_environments_state(); }

  // The clock runs during step() only while resumed; the run loop pauses it to write checkpoints.
  void resume_clock();
  void pause_clock();

  void serialize(Archive& archive);
  // Of a saved trainer; all else stays as it is.
  void take_statistics(Archive& archive);
  void take_replay(Archive& archive);

 private:
  Progress progress() const;
  bool keeps_best() const { return best_ && best_->kept(); }
  bool pretrain();
  void move();
  int64_t steps_taken() const;
  void update();
  template <class Call>
  void with_step_context(const Call& call) const;
  void on_update(const LearnStats& stats) override;
  void report_episodes();
  bool evaluation_became_due() const;
  void evaluate_in_training();
  void serialize_final_evaluation(Archive& archive);
  void serialize_facts(Archive& archive);
  std::optional<EvaluationRecord> evaluate_now(Policy& policy, const EvaluationPlan& plan,
                                               const EvaluationWatch& watch);
  EvaluationWatch watch(bool final);  // tells the observers, and heeds stop_

  RunConfig config_;
  ConfigHistory history_;
  EnvFactory make_env_;
  std::unique_ptr<VectorEnv> env_;
  std::unique_ptr<Algorithm> algorithm_;
  Policy policy_;
  std::vector<Observer*> observers_;

  std::vector<int64_t> actions_;
  int64_t env_steps_before_ = 0, env_steps_ = 0, episodes_ = 0;  // the first: before the last step()
  ReturnWindow returns_;

  MetricsWindow metrics_;
  bool solved_ = false, mean_reached_ = false;
  double best_evaluation_ = 0;           // of those during training
  int64_t evaluations_since_best_ = -1;  // -1: there was none
  bool fresh_episodes_ = false;          // see note_fresh_episodes()
  std::optional<EvaluationRecord> final_evaluation_;

  int64_t evaluation_episodes_ = 0;  // played during training
  bool evaluation_due_ = false;      // after the last step; still so when it was stopped
  const std::atomic<bool>* stop_ = nullptr;

  std::optional<BestAgent> best_;  // with eval.keep_best

  using Clock = std::chrono::steady_clock;
  double seconds_before_ = 0;
  bool clock_runs_ = false;
  Clock::time_point clock_started_{};
};

}  // namespace deepq
