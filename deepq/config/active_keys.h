// Which keys act in which run, from one table: what is refused, the columns of docs/configuration.md and the comments
// in config.toml all come from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq {

// The section of keys that an environment reads: of one of the library's environments, or else of what Python brings.
std::string_view section_read_by(const std::string& env_id);

// What `key` takes to act where it does nothing in a run of `config`: "replay.prioritized true (all are drawn alike
// otherwise)". "" where it acts.
std::string what_is_missing(const RunConfig& config, std::string_view key, std::string_view env_section);

// What `key` changes: "time"; "" for what is learnt.
std::string_view changes(std::string_view key);

// Both for people, as two tables.
std::string active_keys_markdown();

// Refuses the first key that was set and does nothing, by its name: those of `given`, and those whose value is neither
// the default nor that of config.preset. For what a user asks for, on the command line, in files and in Python; code
// that fills a RunConfig may fill more of it than acts.
void require_effect(const RunConfig& config, const std::vector<GivenKey>& given, std::string_view env_section);

// "rainbow", or "rainbow with 3 settings changed": the preset's name, and how many keys have another value than there.
// What does not change how is learnt (the environment, the seed, lengths, evaluations, logs, threads) is not counted.
std::string preset_label(const RunConfig& config);

}  // namespace deepq
