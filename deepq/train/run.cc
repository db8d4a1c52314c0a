#include "deepq/train/run.h"

#include <filesystem>
#include <limits>

#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/train/agent.h"
#include "deepq/train/checkpoint.h"
#include "deepq/train/csv_log.h"
#include "deepq/train/report.h"
#include "deepq/train/run_folder.h"
#include "deepq/train/tensorboard.h"
#include "deepq/train/trainer.h"

namespace deepq {
namespace {

std::string config_path(const std::string& folder) { return folder + "/config.toml"; }
std::string summary_path(const std::string& folder) { return folder + "/summary.json"; }
std::string checkpoint_folder(const std::string& folder) { return folder + "/checkpoints"; }

// The files of a run while it goes on.
class Recorder {
 public:
  Recorder(std::string folder, const std::string& config_toml, LogStart start)
      : folder_(std::move(folder)),
        config_toml_(config_toml),
        csv_(folder_, start),
        tensorboard_(folder_, config_toml, start) {}

  void observe(Trainer& trainer) {
    trainer.add_observer(csv_);
    trainer.add_observer(tensorboard_);
  }

  // Weights that are not finite are never saved over good ones.
  void checkpoint(Trainer& trainer) {
    if (!trainer.algorithm().parameters_are_finite())
      throw Error::of("environment step ", trainer.env_steps(),
                      ": the weights are no longer finite; no checkpoint is written");
    Archive archive;
    trainer.serialize(archive);
    serialize_logs(archive);
    write_checkpoint(checkpoint_folder(folder_), trainer.env_steps(), archive, {{"config", config_toml_}},
                     trainer.config().checkpoint.keep);
  }

  // Cuts the logs back to the checkpoint, if the trainer can be what it was then.
  void restore(const CheckpointFile& checkpoint, Trainer& trainer) {
    Archive archive(checkpoint.tensors());
    try {
      trainer.serialize(archive);
    } catch (const Error& error) {  // from a config.toml that was changed
      throw Error::of(checkpoint.path(), " does not fit ", config_path(folder_), ": ", error.what());
    }
    serialize_logs(archive);
  }

  void finish(const RunSummary& summary) {
    csv_.flush();
    tensorboard_.flush();
    write_file_atomically(summary_path(folder_), summary.to_json());
    write_file_atomically(folder_ + "/report.html", make_report({folder_}));
  }

 private:
  void serialize_logs(Archive& archive) {
    csv_.serialize(archive);
    tensorboard_.serialize(archive);
  }

  std::string folder_, config_toml_;
  CsvLog csv_;
  TensorBoardLog tensorboard_;
};

RunSummary summarise(Trainer& trainer, bool stopped) {
  const RunConfig& config = trainer.config();
  const bool evaluated = trainer.finally_evaluated() && config.eval.final_episodes > 0;
  const bool by_episodes = config.train.episodes > 0 && trainer.episodes() >= config.train.episodes;
  const double seconds = trainer.seconds();
  return {.env = trainer.env_spec().id,
          .preset = config.preset,
          .seed = config.train.seed,
          .env_steps = trainer.env_steps(),
          .episodes = trainer.episodes(),
          .updates = trainer.algorithm().updates(),
          .seconds = seconds,
          .env_steps_per_second = seconds > 0 ? static_cast<double>(trainer.env_steps()) / seconds : 0,
          .best_100_mean_return = trainer.returns().best_mean(),
          .last_100_mean_return = trainer.returns().last_mean(),
          .first_episode_solved = trainer.returns().first_episode_solved(),
          .eval_mean_return = evaluated ? trainer.final_mean_return() : std::numeric_limits<double>::quiet_NaN(),
          .eval_episodes = evaluated ? config.eval.final_episodes : 0,
          .parameter_count = trainer.algorithm().parameter_count(),
          .weights_sha256 = trainer.algorithm().weights_sha256(),
          .stopped_by = stopped            ? "signal"
                        : trainer.solved() ? "solved"
                        : by_episodes      ? "episodes"
                                           : "env_steps"};
}

// Steps until the end or the stop flag. Returns whether it was stopped.
bool train(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  const int64_t every = trainer.config().checkpoint.every_env_steps;
  trainer.resume_clock();
  bool stopped = false;
  while (!trainer.done() && !stopped) {
    const int64_t before = trainer.env_steps();
    trainer.step();
    stopped = options.stop && options.stop->load(std::memory_order_relaxed);
    if (recorder && every > 0 && trainer.env_steps() / every > before / every) {
      trainer.pause_clock();
      recorder->checkpoint(trainer);
      trainer.resume_clock();
    }
  }
  trainer.pause_clock();
  return stopped && !trainer.done();
}

RunSummary train_to_end(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  const bool stopped = train(trainer, recorder, options);
  if (!stopped && !trainer.finally_evaluated()) trainer.evaluate_finally();
  if (recorder) recorder->checkpoint(trainer);
  const RunSummary summary = summarise(trainer, stopped);
  if (recorder) recorder->finish(summary);
  return summary;
}

void add_observers(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  if (recorder) recorder->observe(trainer);
  for (Observer* observer : options.observers) trainer.add_observer(*observer);
}

// From the first step on. `recorder` is null for a run that writes nothing.
RunSummary begin(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  if (recorder) recorder->checkpoint(trainer);  // so that the run can be resumed from its first moment
  add_observers(trainer, recorder, options);
  return train_to_end(trainer, recorder, options);
}

Trainer make_trainer(const RunConfig& config, const RunOptions& options, const EnvFactory& env) {
  return Trainer(config, env ? env : find_env(config.env.id, config.env_options),
                 options.vector_env ? options.vector_env(config) : nullptr);
}

// Killed before its first checkpoint. A summary is written after one: where it lies, checkpoints have been lost.
bool was_never_saved(const std::string& folder) {
  return !has_checkpoint(checkpoint_folder(folder)) && !std::filesystem::exists(summary_path(folder));
}

}  // namespace

RunSummary start_run(const RunConfig& config, const RunOptions& options, const EnvFactory& env) {
  Trainer trainer = make_trainer(config, options, env);
  if (options.folder.empty()) return begin(trainer, nullptr, options);
  const RunLock lock = create_run_folder(options.folder);
  const std::string toml = to_toml(config);
  write_file_atomically(config_path(options.folder), toml);
  Recorder recorder(options.folder, toml, LogStart::kGoOn);
  return begin(trainer, &recorder, options);
}

RunSummary resume_run(const RunOptions& options, const EnvFactory& env) {
  require_run_folder(options.folder);
  const RunLock lock(options.folder);
  const std::string toml = read_file(config_path(options.folder));
  const RunConfig config = from_toml(toml, config_path(options.folder));
  Trainer trainer = make_trainer(config, options, env);
  if (was_never_saved(options.folder)) {
    options.notice("the run was ended before its first checkpoint: it begins anew");
    Recorder recorder(options.folder, toml, LogStart::kAnew);
    return begin(trainer, &recorder, options);
  }
  std::vector<std::string> set_aside;
  const CheckpointFile checkpoint = newest_checkpoint(checkpoint_folder(options.folder), set_aside);
  for (const std::string& line : set_aside) options.notice(line);
  Recorder recorder(options.folder, toml, LogStart::kGoOn);
  recorder.restore(checkpoint, trainer);
  if (!trainer.restored_exactly())
    options.notice(config.env.id + " cannot save its state: the run goes on with fresh episodes");
  add_observers(trainer, &recorder, options);
  return train_to_end(trainer, &recorder, options);
}

EvaluationRecord evaluate_run(const std::string& folder, int64_t episodes, uint64_t seed, double epsilon,
                              const EnvFactory& env) {
  Agent agent = Agent::load(folder);
  const auto q_values = [&](std::span<const float> observation) { return agent.q_values(observation); };
  const RunConfig& config = agent.config();
  return evaluate(
      q_values, env ? env : find_env(config.env.id, config.env_options),
      {.episodes = episodes, .seed = seed, .epsilon = epsilon, .max_episode_steps = config.env.max_episode_steps});
}

}  // namespace deepq
