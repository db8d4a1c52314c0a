// The flags of `deepq train` and the configuration they make: preset < config file < --set < flags of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "deepq/config/run_config.h"

namespace deepq::cli {

struct TrainOptions {
  std::string preset, config_file, env, folder, from;
  std::vector<std::string> demonstrations;
  bool offline = false;
  std::vector<std::string> assignments, env_arguments;  // "key=value"
  std::optional<int64_t> seed, episodes, env_steps, seeds, jobs;
  OutputOptions output;
};

void add_train_options(CLI::App& command, TrainOptions& options);

// Throws deepq::Error for whatever is unknown, out of range or does not fit together.
// Adds to `notes` what it has fitted to a shorter run.
RunConfig resolve_config(const TrainOptions& options, std::vector<std::string>& notes);

// An error's message with the flags that say the keys in it: "...; train.env_steps is --steps".
std::string with_flags(const std::string& message);

// --out, or a folder under runs/ that does not exist yet.
std::string resolve_folder(const TrainOptions& options, const RunConfig& config);

}  // namespace deepq::cli
