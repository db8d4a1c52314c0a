// The environments that come with the library, by their Gymnasium names: one explicit table in registry.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/env/env.h"
#include "deepq/env/env_options.h"

namespace deepq {

std::vector<std::string> env_ids();

// The section of EnvOptions that the environment reads, by its name in visit_fields ("frozen_lake"); "" for none.
// Throws deepq::Error as find_env does.
std::string_view env_section(std::string_view id);

// Throws deepq::Error that names the nearest id when `id` is unknown, and for options that the environment refuses.
EnvFactory find_env(std::string_view id, const EnvOptions& options = {});

}  // namespace deepq
