// Records transitions into a file that DemonstrationFiles reads (demonstration_files.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "deepq/env/env.h"
#include "deepq/replay/n_step.h"
#include "deepq/train/evaluation.h"

namespace deepq {

class DemonstrationWriter {
 public:
  explicit DemonstrationWriter(const EnvSpec& env);

  // Its observations are rows of the environment's space.
  void add(const StepRecord& step);
  int64_t steps() const { return static_cast<int64_t>(actions_.size() / axes_); }

  // Throws deepq::Error where there is no step, or the disk is full.
  void write(const std::string& path) const;

 private:
  struct Arrays;
  void add_leaf(Arrays& arrays, const std::string& name, size_t leaf_index, std::span<const std::byte> rows) const;
  void add_legal_actions(Arrays& arrays, const std::string& name, std::span<const std::byte> rows) const;

  EnvSpec env_;
  ActionSpace space_;
  ObservationLayout layout_;
  size_t axes_;
  std::vector<std::byte> observations_, next_observations_;
  std::vector<int64_t> actions_;
  std::vector<double> rewards_;
  std::vector<uint8_t> terminations_, truncations_;
};

struct Recording {
  int64_t episodes = 0, steps = 0;
  double mean_return = 0;
};

// Plays the plan's episodes, as play(), and writes every step of them to `path`. Nothing, and no file, where go_on()
// said no before the last episode ended.
std::optional<Recording> record_demonstrations(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan,
                                               const std::string& path, const std::function<bool()>& go_on);

}  // namespace deepq
