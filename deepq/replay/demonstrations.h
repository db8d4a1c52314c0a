// Transitions that someone recorded, to be learnt from beside what the agent does itself, or in place of it (Hester et
// al. 2018). Where they come from is its implementation's: files are read above (train/demonstration_files.h).
#pragma once

#include <cstdint>
#include <functional>

#include "deepq/replay/n_step.h"

namespace deepq {

class Demonstrations {
 public:
  virtual ~Demonstrations() = default;

  virtual int64_t steps() const = 0;
  virtual int64_t episodes() const = 0;

  // Calls visit(step) for each, episode after episode, whose last step is terminated or truncated; rewards are the
  // environment's own. A step's observations are rows of the environment's space, valid during the call only. Throws
  // deepq::Error for what the environment cannot have given.
  using Visit = std::function<void(const StepRecord&)>;
  virtual void visit(const Visit& visit) const = 0;
};

}  // namespace deepq
