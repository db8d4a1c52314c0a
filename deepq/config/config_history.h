// How the configuration of a run was changed while it went on. What was used already cannot change and is refused on
// resume; what may (lengths, logs, evaluations, step size, epsilon) becomes part of the run: checkpoints, summary and
// report tell it, because config.toml alone may not repeat such a run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/config/flat_toml.h"
#include "deepq/config/run_config.h"

namespace deepq {

struct ConfigChange {
  int64_t env_steps = 0;  // of the run, when it was changed
  std::string key, from, to;
};
using ConfigHistory = std::vector<ConfigChange>;

// As JSON; reading takes what is no history for an empty one.
std::string history_text(const ConfigHistory& history);
ConfigHistory history_of(const std::string& text);

// From the configuration of a checkpoint, as TOML, to the one that a run goes on with. Throws deepq::Error that names
// the first key that cannot change. `best_agent`: evaluations have picked an agent, so how they are made is in use too.
ConfigHistory changes_of(const std::string& checkpoint_toml, const RunConfig& now, int64_t env_steps, bool best_agent);

// Whether the numbers of a run do not depend on the key: logs, checkpoints, threads, time-outs.
bool is_outside_the_run(std::string_view key);

// Of TrainConfig::set_length(env_steps).
ConfigHistory length_changes(const TrainConfig& before, int64_t length, int64_t env_steps);

// Whether what happens at a step depends on how long the run is to be.
bool depends_on_the_length(const RunConfig& config);

// Whether what ended a run early is asked again: its keys or the run's length were changed.
bool asks_again_whether_to_stop(const ConfigHistory& changes);

// Whether a new run with the last configuration is the same run, bit for bit, as one with this history.
bool config_repeats(const FlatToml& config, const ConfigHistory& history);

// "at step 2000 train.env_steps from 2000 to 60000"
std::string describe(const ConfigChange& change);

}  // namespace deepq
