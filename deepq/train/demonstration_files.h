// Files of recorded transitions (docs/algorithms/demonstrations.md): NumPy archives with an array for each of
//   observations       [steps, ...], what was acted on; of several parts observations/NAME for each
//   actions            [steps] or [steps, axes], as the environment's own users number them
//   rewards            [steps]
//   terminations       [steps], and truncations [steps], which may be missing (terminals and timeouts in D4RL's files)
//   next_observations  as observations; without it the next row is what followed
//   legal_actions, next_legal_actions  [steps, actions], where the environment says which actions are legal
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "deepq/env/env.h"
#include "deepq/replay/demonstrations.h"
#include "deepq/replay/replay_config.h"

namespace deepq {

class DemonstrationFiles final : public Demonstrations {
 public:
  // Of transitions of the environment `env`, whose `observation_space` is the agent's. `paths`: with commas between
  // them. Throws deepq::Error for files that are missing, damaged, or of other spaces.
  DemonstrationFiles(const std::string& paths, const EnvSpec& env);
  ~DemonstrationFiles() override;

  int64_t steps() const override { return steps_; }
  int64_t episodes() const override { return episodes_; }
  // Also throws for numbers that are not finite, actions out of range or illegal, and so on, with file and step.
  void visit(const Visit& visit) const override;

  // Of the file, or of several files of their sums one after another.
  std::string sha256() const;

 private:
  class File;
  std::vector<std::unique_ptr<File>> files_;
  int64_t steps_ = 0, episodes_ = 0;
};

// Of the run's files; null where it has none. Throws deepq::Error that names the key.
std::unique_ptr<const DemonstrationFiles> open_demonstrations(const ReplayConfig& replay, const EnvSpec& env);

}  // namespace deepq
