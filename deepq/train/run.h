// A whole run: trainer, run folder, logs, checkpoints and final evaluation. `deepq train` and `deepq resume` are thin
// layers over start_run and resume_run.
#pragma once

#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deepq/config/config_history.h"
#include "deepq/config/run_config.h"
#include "deepq/env/env.h"
#include "deepq/record/observer.h"
#include "deepq/record/summary.h"
#include "deepq/train/evaluation.h"

namespace deepq {

class Policy;

struct RunOptions {
  std::string folder = {};                  // "" writes nothing
  const std::atomic<bool>* stop = nullptr;  // when it turns true, a checkpoint is written and the run returns
  std::vector<Observer*> observers = {};    // beside the folder's own logs
  std::function<void(const std::string&)> notice = [](const std::string&) {};  // one line about something unusual
  int64_t env_steps = 0;  // resume_run: the run's new length, what it has taken included; 0: as config.toml has it
  std::function<void()> ready = [] {};  // called once, when nothing more is refused and training is next
};

// Trains from the beginning. `env` overrides config.env.id (a user's own environment). Throws deepq::Error when the
// folder already holds a run, or when another process is about to make it one.
RunSummary start_run(const RunConfig& config, const RunOptions& options, const EnvFactory& env = {});

// Goes on from the newest valid checkpoint in options.folder to the end that the folder's config.toml sets. A run that
// was killed before its first checkpoint begins anew, with a notice; one whose checkpoints are all damaged or lost is
// an error, and so is one that another process is training. A finished run returns its summary at once. The result
// equals the unbroken run's, bit for bit, wall times excepted. With options.env_steps config.toml is changed to end the
// run there, one that was solved (eval.stop_when_solved) goes on to its next such evaluation; throws deepq::Error where
// the run is further already. What falls or rises over the whole run (the step
// size, the importance weights' beta) then follows the new length.
RunSummary resume_run(const RunOptions& options, const EnvFactory& env = {});

// Makes `folder` the folder of a run that was ended at this checkpoint file, which a page or Python saved by itself:
// the file's own settings and a copy of it, for resume_run. The logs begin there. Throws deepq::Error for a file that
// is no whole checkpoint, and for a folder as start_run does.
void make_run_of(const std::string& checkpoint, const std::string& folder);

// Plays whole episodes with the run's agent in `folder` (Policy::load) and its epsilon-greedy policy: those of the
// evaluation after its training, again, unless `choice` says otherwise.
EvaluationRecord evaluate_run(const std::string& folder, const EvaluationChoice& choice = {},
                              const EnvFactory& env = {});
// The same; its observers and its notice are told. Nothing when options.stop ended it, but see EvaluationChoice.
std::optional<EvaluationRecord> evaluate_run(const RunOptions& options, const EvaluationChoice& choice,
                                             const EnvFactory& env = {});

// The same with an agent that was loaded. An environment in which it cannot act is refused.
std::optional<EvaluationRecord> evaluate_agent(Policy& agent, const EvaluationChoice& choice, const EnvFactory& env,
                                               const EvaluationWatch& watch);

// What the run will hold in memory at most, part by part, in bytes; "program" is the process without the run.
struct MemoryPlan {
  std::vector<std::pair<std::string, int64_t>> parts;
  int64_t total() const;
  std::string text() const;  // one line: "memory: 12.3 MB (replay 10.0 MB, ...)"
};
MemoryPlan plan_memory(const RunConfig& config, const EnvSpec& env);

// The largest replay.capacity with which the plan's total is at most `bytes`; 0 where none is.
int64_t largest_capacity(const RunConfig& config, const EnvSpec& env, int64_t bytes);

}  // namespace deepq
