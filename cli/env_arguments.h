// `--env-arg KEY=VALUE`: what an environment is made with, by the names of its own arguments.
#pragma once

#include <string>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq::cli {

// Of the library's own environments they are settings of its section; of others gymnasium.make's arguments, kept as
// gymnasium.kwargs, to which they are added. Adds the keys that were set. Throws deepq::Error for what no such argument
// can be.
void set_env_arguments(RunConfig& config, const std::vector<std::string>& arguments, std::vector<GivenKey>& given);

}  // namespace deepq::cli
