// The environments that come with the library, by their Gymnasium names: one explicit table in registry.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/env/env.h"

namespace deepq {

std::vector<std::string> env_ids();

// Throws deepq::Error that names the nearest id when `id` is unknown.
EnvFactory find_env(std::string_view id);

}  // namespace deepq
