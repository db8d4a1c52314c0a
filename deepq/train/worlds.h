// The worlds of a run as its agent sees them: in the run's arithmetic, with the history that its settings ask for.
// Whatever acts or learns by a RunConfig has its environments from here; what makes them knows nothing of it.
#pragma once

#include "deepq/config/run_config.h"
#include "deepq/env/history.h"

namespace deepq {

HistoryOptions history_of(const EnvConfig& config);

// Empty if `make` is.
EnvFactory worlds_of(const RunConfig& config, EnvFactory make);

// Of copies that are in the run's arithmetic already.
std::unique_ptr<VectorEnv> worlds_of(const RunConfig& config, std::unique_ptr<VectorEnv> env);

// What such a world is to the agent.
EnvSpec spec_seen(const RunConfig& config, const EnvSpec& world);

}  // namespace deepq
