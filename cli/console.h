// What people see of training: every few episodes one line, as the chapter's loop prints it, and on a terminal a
// progress line with rate, time left, mean return and epsilon. Several runs side by side share one progress line.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "cli/screen.h"
#include "deepq/config/run_config.h"
#include "deepq/record/observer.h"

namespace deepq::cli {

using Clock = std::function<double()>;  // seconds since any moment

// The progress line over one or more runs, redrawn at most ten times a second. Thread-safe.
class Progress {
 public:
  struct Run {
    int64_t env_steps = 0;
    double fraction_done = 0;  // 0 to 1
    double mean_return = 0;    // over the last 100 episodes
    double epsilon = 1;
    std::string evaluation = {};  // how far the one that is played now has come; "": none is
  };
  static constexpr double kSecondsBetweenDraws = 0.1;

  Progress(Screen& screen, size_t run_count, Clock clock);

  void update(size_t run, const Run& now);
  void finish(size_t run);  // the run has ended

  Screen& screen() { return screen_; }
  double now() const { return clock_(); }

 private:
  struct Slot {
    Run first, now;
    bool seen = false, finished = false;
  };
  std::string text(double elapsed) const;

  Screen& screen_;
  const Clock clock_;
  const double started_;
  std::mutex mutex_;
  double drawn_ = -1;
  std::vector<Slot> slots_;
};

// One run's observer. A run among several prints no episode lines.
class Console : public Observer {
 public:
  // `earlier_returns`: of the episodes before a resumed run's checkpoint; more of them do no harm.
  Console(Progress& progress, size_t run, const RunConfig& config, std::vector<double> earlier_returns = {});

  // As log.console_every_episodes says; for a run among several, never.
  void print_episodes(bool on) { print_episodes_ = on; }

  void on_step(int64_t env_steps) override;
  void on_episode(const EpisodeRecord& record) override;
  void on_metrics(const MetricsRecord& record) override { epsilon_ = record.epsilon; }
  void on_evaluation_step(const EvaluationProgress& evaluation) override;
  void on_evaluation(const EvaluationRecord& record) override;

 private:
  bool is_drawn_now();
  double mean_of_last(int64_t count) const;
  double fraction_done(int64_t env_steps) const;

  Progress& progress_;
  const size_t run_;
  const int64_t total_env_steps_, total_episodes_, every_episodes_;  // 0: no such limit, never
  const bool is_chapters_;          // whose lines are as the chapter's program prints them
  const bool lines_are_asked_for_;  // by their number; otherwise there is one a second at most
  double printed_ = -1;             // when the last one was
  std::vector<double> returns_;     // of the episodes up to the last one
  int64_t episodes_;
  double epsilon_;
  double updated_ = -1;
  Progress::Run shown_;
  bool print_episodes_ = true;
};

}  // namespace deepq::cli
