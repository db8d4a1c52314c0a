// The training loop: act, step, store, learn, synchronise, tell the observers. One call of step() moves every
// environment once. All state is here and in what it owns, so serialize() is the whole of a checkpoint. step()
// allocates no memory.
#pragma once

#include <array>
#include <chrono>
#include <vector>

#include "deepq/agent/learner.h"
#include "deepq/env/vector_env.h"
#include "deepq/replay/replay_store.h"
#include "deepq/replay/sampler.h"
#include "deepq/train/evaluation.h"
#include "deepq/train/observer.h"
#include "deepq/train/run_config.h"

namespace deepq {

// Mean return of the last 100 episodes, its best, and when it first passed the environment's threshold.
class ReturnWindow {
 public:
  static constexpr size_t kEpisodes = 100;

  void add(double episode_return, int64_t episode, const EnvSpec& env);
  double last_mean() const { return last_mean_; }
  double best_mean() const { return best_mean_; }
  int64_t first_episode_solved() const { return first_episode_solved_; }  // 0: not yet
  void serialize(Archive& archive);

 private:
  std::array<double, kEpisodes> returns_{};
  int64_t count_ = 0;
  double last_mean_ = 0, best_mean_ = 0;
  int64_t first_episode_solved_ = 0;
};

class Trainer {
 public:
  // Throws deepq::Error for a config that does not fit itself or the environment.
  Trainer(const RunConfig& config, EnvFactory env);

  void add_observer(Observer& observer) { observers_.push_back(&observer); }

  bool done() const;
  void step();

  // Plays eval.final_episodes with the greedy policy (eval.epsilon), tells the observers, and keeps the result.
  void evaluate_finally();
  bool solved() const { return solved_; }  // see eval.stop_when_solved
  bool finally_evaluated() const { return finally_evaluated_; }
  double final_mean_return() const { return final_mean_return_; }

  const RunConfig& config() const { return config_; }
  const EnvSpec& env_spec() const { return env_.spec(); }
  const Learner& learner() const { return learner_; }
  Learner& learner() { return learner_; }
  const ReturnWindow& returns() const { return returns_; }
  int64_t env_steps() const { return env_steps_; }
  int64_t episodes() const { return episodes_; }
  double epsilon() const;
  double learning_rate() const;
  double seconds()
      const;  // of training: evaluations left out, and what happens between resume_clock and pause_clock only
  bool restored_exactly() const { return env_.restored_exactly(); }

  // The clock runs during step() only while resumed; the run loop pauses it to write checkpoints.
  void resume_clock();
  void pause_clock();

  void serialize(Archive& archive);

 private:
  void act();
  void store();
  void learn();
  void update();
  void report_metrics();
  void report_episodes();
  void evaluate_if_due();
  EvaluationRecord evaluate_now(int64_t episodes);
  // How many multiples of `period` lie among the environment steps of the last step().
  int64_t periods_passed(int64_t period) const;

  RunConfig config_;
  EnvFactory make_env_;
  Random initialisation_, exploration_, sampling_;
  VectorEnv env_;
  ReplayStore replay_;
  UniformSampler sampler_;
  Learner learner_;
  std::vector<Observer*> observers_;

  std::vector<int64_t> actions_, indices_;
  std::vector<float> weights_;
  InputBuffer act_input_;
  int64_t env_steps_ = 0, episodes_ = 0;
  int64_t learning_started_at_ = -1;  // environment steps; -1: not yet
  ReturnWindow returns_;

  struct MetricsSum {
    int64_t updates = 0;
    double loss = 0, mean_q = 0, max_abs_q = 0, grad_norm = 0;
  } metrics_;
  bool solved_ = false, finally_evaluated_ = false;
  double final_mean_return_ = 0;

  using Clock = std::chrono::steady_clock;
  double seconds_before_ = 0;
  bool clock_runs_ = false;
  Clock::time_point clock_started_{};
};

}  // namespace deepq
