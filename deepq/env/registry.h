// The environments that come with the library, by their Gymnasium names: one explicit table in registry.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/env/env.h"
#include "deepq/env/env_options.h"

namespace deepq {

std::vector<std::string> env_ids();

// Throws deepq::Error that names the nearest id when `id` is unknown, and for options that the environment refuses.
EnvFactory find_env(std::string_view id, const EnvOptions& options = {});

}  // namespace deepq
