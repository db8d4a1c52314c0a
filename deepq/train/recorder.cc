#include "deepq/train/recorder.h"

#include <algorithm>
#include <exception>

#include "deepq/config/active_keys.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/run_folder.h"
#include "deepq/report/report.h"

namespace deepq {

Recorder::Recorder(std::string folder, std::string config_toml, LogStart start)
    : folder_(std::move(folder)),
      config_toml_(std::move(config_toml)),
      csv_(folder_, start),
      tensorboard_(folder_, config_toml_, start) {}

void Recorder::observe(Trainer& trainer) {
  trainer.add_observer(csv_);
  tensorboard_.set_names(trainer.config().log.tensorboard_tags);
  trainer.add_observer(tensorboard_);
}

void Recorder::checkpoint(Trainer& trainer) {
  require_finite(trainer);
  Archive archive;
  trainer.serialize(archive);
  serialize_logs(archive);
  // Serializing the logs has synced them: the lengths that the checkpoint names are on the disk before it is.
  write_checkpoint(checkpoint_folder(folder_), trainer.env_steps(), archive, run_metadata(trainer, config_toml_),
                   trainer.config().checkpoint.keep);
  note_saved(trainer);
  renew_page();
}

// The page of a long run takes seconds; it is made so seldom that training is not slower by more than a fiftieth.
void Recorder::renew_page() {
  constexpr int kRest = 50;  // a page took 1 of them: 2% of the time at most
  const Clock::time_point begin = Clock::now();
  // A page that took a second is not made again for fifty.
  if (begin - page_made_ < std::max(page_age, kRest * page_took_)) return;
  try {
    write_file_atomically(report_path(folder_), make_report({folder_}, {.path = report_path(folder_)}));
  } catch (const std::exception&) {  // a full disk, a damaged log, too little memory: training goes on without it
  }
  page_made_ = Clock::now();
  page_took_ = page_made_ - begin;
}

void Recorder::note_saved(const Trainer& trainer) {
  saved_at_ = trainer.env_steps();
  saved_updates_ = trainer.algorithm().updates();
}

// Before the first step there may be updates.
void Recorder::checkpoint_if_new(Trainer& trainer) {
  if (trainer.env_steps() != saved_at_ || trainer.algorithm().updates() != saved_updates_) checkpoint(trainer);
}

namespace {

// From the checkpoint's configuration to the trainer's.
ConfigHistory changes_since(const CheckpointFile& checkpoint, const Trainer& trainer) {
  const auto config = checkpoint.metadata().find("config");
  if (config == checkpoint.metadata().end()) return {};
  Archive archive(checkpoint.tensors());
  int64_t env_steps = 0;
  archive.value("trainer/env_steps", env_steps, kCount);
  return changes_of(config->second, trainer.config(), env_steps, archive.contains("trainer/best/env_steps"));
}

}  // namespace

std::vector<std::string> Recorder::restore(const CheckpointFile& checkpoint, Trainer& trainer) {
  Archive archive(checkpoint.tensors());
  try {
    // Before the state is looked at: what was changed in config.toml has a key to be named.
    const ConfigHistory changes = changes_since(checkpoint, trainer);
    trainer.set_history(history_in(checkpoint.metadata()));
    trainer.serialize(archive);
    trainer.add_to_history(changes);
    if (asks_again_whether_to_stop(changes)) trainer.forget_early_stop();
  } catch (const Error& error) {  // from a config.toml that was changed
    throw Error::of(checkpoint.path(), " does not fit ", config_path(folder_), ": ", error.what());
  }
  note_saved(trainer);
  return restore_logs(checkpoint);
}

std::vector<std::string> Recorder::restore_logs(const CheckpointFile& checkpoint) {
  Archive archive(checkpoint.tensors());
  if (!archive.contains("csv/episodes/length")) return {};  // saved without a folder: what the logs hold stays
  serialize_logs(archive);
  std::vector<std::string> notices;
  csv_.take_notices(notices);
  if (std::string notice = tensorboard_.take_notice(); !notice.empty()) notices.push_back(std::move(notice));
  return notices;
}

void Recorder::finish(const RunSummary& summary, const std::function<void(const std::string&)>& notice) {
  // The summary before the report: a run without a page is whole, a page without a summary is not.
  csv_.flush();
  tensorboard_.flush();
  // What an earlier session failed by is no longer so.
  remove_file(failure_path(folder_));
  write_file_atomically(summary_path(folder_), summary.to_json());
  std::string report;
  try {
    report = make_report({folder_}, {.path = report_path(folder_)});
  } catch (const Error& error) {  // damaged logs: the run has its summary, and needs no report
    return notice("no report: " + std::string(error.what()));
  }
  write_file_atomically(report_path(folder_), report);
}

void Recorder::begin_session() {
  remove_file(summary_path(folder_));
  remove_file(failure_path(folder_));
}

void Recorder::note_failure(const std::string& message) {
  try {
    write_file_atomically(failure_path(folder_), message + "\n");
  } catch (const Error&) {  // the disk may be what failed
  }
}

void Recorder::serialize_logs(Archive& archive) {
  csv_.serialize(archive);
  tensorboard_.serialize(archive);
}

namespace {

// The trainer heeds the stop flag no longer than the session lasts.
class EvaluationStop {
 public:
  EvaluationStop(Trainer& trainer, const std::atomic<bool>* stop) : trainer_(trainer) {
    trainer_.stop_evaluations_on(stop);
  }
  ~EvaluationStop() { trainer_.stop_evaluations_on(nullptr); }
  EvaluationStop(const EvaluationStop&) = delete;
  EvaluationStop& operator=(const EvaluationStop&) = delete;

 private:
  Trainer& trainer_;
};

// Steps until the end or the stop flag. Returns whether it was stopped.
bool train(Trainer& trainer, Recorder* recorder, const RunOptions& options) {
  const int64_t every = trainer.config().checkpoint.every_env_steps;
  trainer.note_fresh_episodes();
  trainer.resume_clock();
  bool stopped = false;
  while (!trainer.done() && !stopped) {
    const int64_t before = trainer.env_steps();
    trainer.step();
    // Asked between steps: the state is whole there.
    stopped = options.stop && options.stop->load(std::memory_order_relaxed);
    // At the first step past each multiple: several copies may step over it.
    if (recorder && every > 0 && trainer.env_steps() / every > before / every) {
      trainer.pause_clock();
      recorder->checkpoint(trainer);
      trainer.resume_clock();
    }
  }
  trainer.pause_clock();
  // A signal during the last step stops nothing: the run is at its end.
  return stopped && !trainer.done();
}

}  // namespace

RunSummary train_to_end(Trainer& trainer, Recorder* recorder, const RunOptions& options) try {
  const EvaluationStop guard(trainer, options.stop);
  bool stopped = train(trainer, recorder, options);
  // A checkpoint before the evaluation, which may be long: a run that is killed in it has trained to its end.
  if (!stopped && !trainer.finally_evaluated()) {
    if (recorder) recorder->checkpoint_if_new(trainer);
    trainer.run_final_evaluation();
    stopped = !trainer.finally_evaluated();
  }
  if (recorder && stopped) recorder->checkpoint_if_new(trainer);  // the next signal is not waited for
  if (recorder && !stopped) recorder->checkpoint(trainer);
  const RunSummary summary = summarize(trainer, stopped);
  if (recorder) recorder->finish(summary, options.notice);
  return summary;
} catch (const Error& error) {
  if (recorder) recorder->note_failure(error.what());
  throw;
}

}  // namespace deepq
