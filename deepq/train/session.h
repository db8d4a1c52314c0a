// A trainer in its owner's hands, call by call: it acts, learns on for as many steps as it is told, is saved and
// restored. Python's DQN is one. start_run and resume_run (run.h) are for whole runs. Not thread-safe.
#pragma once

#include <optional>
#include <string>

#include "deepq/train/recorder.h"
#include "deepq/train/start_from.h"

namespace deepq {

class Session {
 public:
  // As Trainer. How long training lasts is learn()'s to say, whatever the config has.
  Session(const RunConfig& config, EnvFactory env, std::unique_ptr<VectorEnv> vector_env = nullptr);

  // Becomes what a checkpoint holds; before learn(). Throws deepq::Error for one that does not fit.
  void restore(const CheckpointFile& checkpoint);

  // Begins with what config.train.start_from names; where nothing is restored.
  void start() {
    start_from(trainer_, [](const std::string&) {});
  }

  // Takes over the replay of a checkpoint, of this run or another. Throws deepq::Error for one that does not fit.
  void take_replay(const CheckpointFile& checkpoint);

  // Takes `env_steps` more steps. With options.folder the run is recorded there: in a new folder, from now on; in the
  // folder of the last call or of the restored checkpoint, after what is there. Without a folder it writes nothing.
  // After an error in an environment or in restore() the session only acts; learn() says so.
  RunSummary learn(int64_t env_steps, const RunOptions& options);

  // One checkpoint file with everything, in a folder that exists.
  void save(const std::string& path);

  Trainer& trainer() { return trainer_; }

 private:
  void open_folder(const std::string& folder, const std::string& config_toml);

  Trainer trainer_;
  std::optional<Recorder> recorder_;
  std::string folder_;                           // of the recorder
  std::optional<CheckpointFile> restored_from_;  // until the first learn()
  std::string broken_;                           // by what; "": it is whole
};

}  // namespace deepq
