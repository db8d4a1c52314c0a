// The files of a run while it goes on, and the sitting that writes them: what start_run, resume_run and Session share.
#pragma once

#include <string>

#include "deepq/train/checkpoint.h"
#include "deepq/train/csv_log.h"
#include "deepq/train/run.h"
#include "deepq/train/tensorboard.h"
#include "deepq/train/trainer.h"

namespace deepq {

inline std::string config_path(const std::string& folder) { return folder + "/config.toml"; }
inline std::string summary_path(const std::string& folder) { return folder + "/summary.json"; }
inline std::string checkpoint_folder(const std::string& folder) { return folder + "/checkpoints"; }

class Recorder {
 public:
  Recorder(std::string folder, std::string config_toml, LogStart start);

  // The run goes on with another config.
  void set_config(std::string config_toml) { config_toml_ = std::move(config_toml); }

  void observe(Trainer& trainer);

  // Throws deepq::Error for weights that are not finite: they are never saved over good ones.
  void checkpoint(Trainer& trainer);

  // Cuts the logs back to the checkpoint, if the trainer can be what it was then.
  void restore(const CheckpointFile& checkpoint, Trainer& trainer);
  void restore_logs(const CheckpointFile& checkpoint);

  void finish(const RunSummary& summary);

 private:
  void serialize_logs(Archive& archive);

  std::string folder_, config_toml_;
  CsvLog csv_;
  TensorBoardLog tensorboard_;
};

// Throws deepq::Error for weights that are not finite.
void require_finite(const Trainer& trainer);

// Steps until the end or the stop flag, evaluates, checkpoints, and writes the summary. `recorder` may be null.
RunSummary train_to_end(Trainer& trainer, Recorder* recorder, const RunOptions& options);

}  // namespace deepq
