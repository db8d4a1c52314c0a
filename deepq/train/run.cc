#include "deepq/train/run.h"

#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/policy.h"
#include "deepq/train/recorder.h"
#include "deepq/train/start_from.h"
#include "deepq/train/worlds.h"

namespace deepq {
namespace {

void add_observers(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  if (recorder) recorder->observe(trainer);
  for (Observer* observer : options.observers) trainer.add_observer(*observer);
}

// From the first step on. `recorder` is null for a run that writes nothing.
RunSummary begin(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  if (recorder) recorder->begin_session();
  if (recorder) recorder->checkpoint(trainer);  // so that the run can be resumed from its first moment
  add_observers(trainer, recorder, options);
  options.ready();
  return train_to_end(trainer, recorder, options);
}

Trainer make_trainer(const RunConfig& config, const EnvFactory& env, decltype(find_env)& find) {
  if (env) return Trainer(config, env);
  const VectorPlan plan{config.env.count, static_cast<uint64_t>(config.train.seed), config.env.max_episode_steps,
                        config.network.arithmetic};
  const EnvFactory found = find(config.env.id, config.env_options);
  // Worlds that step together by themselves (Atari in Python) come as one vector; of others it is null.
  return Trainer(config, found, make_vector_env(config.env.id, config.env_options, plan));
}

void set_length(Trainer& trainer, Recorder& recorder, const RunOptions& options) {
  if (options.env_steps == 0) return;
  const int64_t taken = trainer.env_steps();
  // Copies step together, so a run may be up to env.count - 1 steps past the length that was asked for.
  if (options.env_steps < taken && !trainer.config().ends_after(taken, options.env_steps))
    throw Error::of("the run in ", options.folder, " has taken ", taken, " steps; its new length is ",
                    options.env_steps, ", which is to be all of them and more");
  ConfigHistory changes = length_changes(trainer.config().train, options.env_steps, taken);
  // set_length() forgets what ended it; the history says so.
  if (const std::string_view by = trainer.early_stop(); !by.empty())
    changes.push_back({taken,
                       by == "solved"        ? "eval.stop_when_solved"
                       : by == "mean_return" ? "train.stop_at_mean_return"
                                             : "eval.stop_without_improvement",
                       "reached", "asked again"});
  trainer.add_to_history(changes);
  trainer.set_length(options.env_steps);
  const std::string toml = readable_toml(trainer.config());
  write_file_atomically(config_path(options.folder), toml);
  recorder.set_config(toml);
}

// Killed before its first checkpoint. A summary is written after one: where it lies, checkpoints have been lost.
bool was_never_saved(const std::string& folder) {
  return !has_checkpoint(checkpoint_folder(folder)) && !path_exists(summary_path(folder));
}

}  // namespace

RunSummary start_run(const RunConfig& config, const RunOptions& options, const EnvFactory& env) {
  validate_run(config);
  Trainer trainer = make_trainer(config, env, find_env);
  start_from(trainer, options.notice);
  const std::string toml = readable_toml(trainer.config());  // with what the trainer has noted in it
  // Only now is the environment's own limit of steps known.
  require_updates(config, trainer.env_spec().max_episode_steps);
  if (options.folder.empty()) return begin(trainer, nullptr, options);
  const RunLock lock = create_run_folder(options.folder);
  // Before the recorder opens logs: a folder with logs always has the settings that they are of.
  write_file_atomically(config_path(options.folder), toml);
  Recorder recorder(options.folder, toml, LogStart::kGoOn);
  return begin(trainer, &recorder, options);
}

RunSummary resume_run(const RunOptions& options, const EnvFactory& env) {
  require_run_folder(options.folder);
  const RunLock lock(options.folder);
  const std::string toml = read_file(config_path(options.folder));
  const RunConfig config = from_toml(toml, config_path(options.folder));
  Trainer trainer = make_trainer(config, env, find_run_env);
  if (was_never_saved(options.folder)) {
    options.notice("the run was ended before its first checkpoint: it begins anew");
    start_from(trainer, options.notice);
    Recorder recorder(options.folder, toml, LogStart::kAnew);
    set_length(trainer, recorder, options);
    return begin(trainer, &recorder, options);
  }
  std::vector<std::string> set_aside;
  const CheckpointFile checkpoint = newest_checkpoint(checkpoint_folder(options.folder), set_aside);
  for (const std::string& line : set_aside) options.notice(line);
  Recorder recorder(options.folder, toml, LogStart::kGoOn);
  for (const std::string& line : recorder.restore(checkpoint, trainer)) options.notice(line);
  set_length(trainer, recorder, options);
  if (!trainer.restored_exactly())
    options.notice(config.env.id + " cannot save its state: the run goes on with fresh episodes");
  // config.toml was changed before, so that at no instant a summary of before looks like the run's.
  if (!trainer.done() || !trainer.finally_evaluated()) recorder.begin_session();
  add_observers(trainer, &recorder, options);
  options.ready();
  return train_to_end(trainer, &recorder, options);
}

void make_run_of(const std::string& checkpoint, const std::string& folder) {
  const CheckpointFile file(checkpoint);
  const auto config = file.metadata().find("config");
  if (config == file.metadata().end()) throw Error::of(checkpoint, " does not say with which settings it was made");
  from_toml(config->second, checkpoint);  // refused before there is a folder
  Archive archive(file.tensors());
  int64_t env_steps = 0;
  archive.value("trainer/env_steps", env_steps, kCount);
  const RunLock lock = create_run_folder(folder);
  // The settings last: without them it is no run yet, and with them none that has lost its training.
  copy_checkpoint_file(checkpoint, checkpoint_path(folder, env_steps));
  write_file_atomically(config_path(folder), config->second);
}

std::optional<EvaluationRecord> evaluate_run(const RunOptions& options, const EvaluationChoice& choice,
                                             const EnvFactory& env) {
  Policy agent = Policy::load(options.folder, options.notice);
  const RunConfig& config = agent.config();
  return evaluate_agent(agent, choice, env ? env : find_run_env(config.env.id, config.env_options),
                        [&](const EvaluationProgress& progress) {
                          for (Observer* observer : options.observers) observer->on_evaluation_step(progress);
                          return !options.stop || !options.stop->load(std::memory_order_relaxed);
                        });
}

std::optional<EvaluationRecord> evaluate_agent(Policy& agent, const EvaluationChoice& choice, const EnvFactory& env,
                                               const EvaluationWatch& watch) {
  auto record = evaluate(agent, worlds_for(agent.trained_in(), worlds_of(agent.config(), env)),
                         evaluation_plan(agent.config(), agent.run_env_steps(), choice), watch);
  if (!record) return record;
  record->env_steps = record->agent_env_steps = agent.env_steps();
  record->best_agent = agent.is_best();
  return record;
}

EvaluationRecord evaluate_run(const std::string& folder, const EvaluationChoice& choice, const EnvFactory& env) {
  return *evaluate_run(RunOptions{.folder = folder}, choice, env);
}

}  // namespace deepq
