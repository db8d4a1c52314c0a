// The files of a run while it goes on, and the session that writes them: what start_run, resume_run and Session share.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "deepq/record/checkpoint.h"
#include "deepq/record/csv_log.h"
#include "deepq/record/run_folder.h"
#include "deepq/record/tensorboard.h"
#include "deepq/train/run.h"
#include "deepq/train/summarize.h"
#include "deepq/train/trainer.h"

namespace deepq {

class Recorder {
  using Clock = std::chrono::steady_clock;

 public:
  Recorder(std::string folder, std::string config_toml, LogStart start);

  // The run goes on with another config.
  void set_config(std::string config_toml) { config_toml_ = std::move(config_toml); }

  void observe(Trainer& trainer);

  // Throws deepq::Error for weights that are not finite: they are never saved over good ones. Makes the run's page anew
  // where the last one is `page_age` old, so that whoever follows a long run sees it, and a short one pays nothing.
  void checkpoint(Trainer& trainer);
  void checkpoint_if_new(Trainer& trainer);  // nothing where the newest is of this step; before what may take long

  // Cuts the logs back to the checkpoint, if the trainer can be what it was then and the config is one that its run can
  // go on with. Returns lines about logs that were lost.
  std::vector<std::string> restore(const CheckpointFile& checkpoint, Trainer& trainer);
  std::vector<std::string> restore_logs(const CheckpointFile& checkpoint);

  // Training goes on, so there is no summary of the run until it ends again.
  void begin_session();
  // `notice` is told why there is no report, where there is none.
  void finish(const RunSummary& summary, const std::function<void(const std::string&)>& notice);
  void note_failure(const std::string& message);  // as well as it can; run_status() tells it

  Clock::duration page_age = std::chrono::seconds(15);

 private:
  void serialize_logs(Archive& archive);
  void note_saved(const Trainer& trainer);
  void renew_page();

  std::string folder_, config_toml_;
  int64_t saved_at_ = -1, saved_updates_ = 0;   // of the newest checkpoint that this object has written or read
  Clock::time_point page_made_ = Clock::now();  // or when it could first have been
  Clock::duration page_took_{};
  CsvLog csv_;
  TensorBoardLog tensorboard_;
};

// Steps until the end or the stop flag, evaluates, checkpoints, and writes the summary. All of the training is on disk
// before the evaluation after it begins. `recorder` may be null.
RunSummary train_to_end(Trainer& trainer, Recorder* recorder, const RunOptions& options);

}  // namespace deepq
