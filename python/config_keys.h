// The settings as Python sees them: names for keywords, values for reading back.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq::python {

// (key, what is allowed, meaning) of every field, by a visit of RunConfig.
std::vector<std::tuple<std::string, std::string, std::string>> config_keys();

// The value of one key as TOML writes it. Throws deepq::Error for an unknown key.
std::string field_text(RunConfig& config, const std::string& key);

// The newest whole checkpoint of a run folder, and lines about newer ones that are damaged; or the file itself.
std::tuple<std::string, std::vector<std::string>> newest_checkpoint_path(const std::string& path);

}  // namespace deepq::python
