// Whether a run is finished, read from its folder. The one place that decides it: compare, report, plot and whoever
// else reads run folders asks here, so that what belongs to an earlier state of a run is never taken for its result.
#pragma once

#include <optional>
#include <string>

#include "deepq/record/summary.h"

namespace deepq {

enum class RunState {
  kFinished,
  kGoingOn,  // a process trains in the folder now
  kStopped,  // by a signal, or by a callback; to be resumed
  kKilled,   // ended without a summary, or went on after it
  kFailed,   // by an error, which the reason tells
  kLonger,   // made longer since its summary
  kChanged,  // config.toml says something else than what was run
};

struct RunStatus {
  RunState state = RunState::kKilled;
  std::string reason = {};                 // why it is not finished, as a phrase; "" when it is
  std::optional<RunSummary> summary = {};  // of a run that is finished or stopped; never an earlier one
  ConfigHistory history = {};              // of the configuration, by the newest checkpoint or the summary
  std::string trained_config = {};         // TOML of what was run, where config.toml says something else by now
  bool finished() const { return state == RunState::kFinished; }
};

// Throws deepq::Error for a folder without a config.toml that is TOML. A summary.json that cannot be read is none.
RunStatus run_status(const std::string& folder);

}  // namespace deepq
