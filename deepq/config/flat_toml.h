// A configuration as texts by their keys, "agent.gamma" -> "0.99", whatever the keys are: for those who compare or show
// settings, also of runs of other versions, whose keys have the names of now (renamed_keys.h).
#pragma once

#include <map>
#include <string>

namespace deepq {

using FlatToml = std::map<std::string, std::string>;

// Throws deepq::Error that names `source` and the line for a text that is not TOML.
FlatToml flat_toml(const std::string& text, const std::string& source);

}  // namespace deepq
