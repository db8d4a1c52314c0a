// The same configuration over several seeds, some at a time in threads: DIR/seed-0, DIR/seed-1, ... Each run is the one
// that its seed gives alone; they share nothing but the screen.
#pragma once

#include <atomic>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/screen.h"
#include "deepq/train/run.h"

namespace deepq::cli {

struct SeedPlan {
  RunConfig config;  // train.seed is the first seed
  std::string folder;
  int64_t count = 1, jobs = 1;
};

struct SeedFailure {
  int64_t seed = 0;
  std::string message;
  bool users_error = false;  // a deepq::Error
};

struct SeedResults {
  std::vector<RunSummary> summaries;  // of the runs that ended or were stopped, by seed
  std::vector<SeedFailure> failures;  // by seed; they count as not solved
  bool stopped = false;               // by `stop`, before all seeds were done
  std::vector<int64_t> not_begun;
};

// Blocks until all seeds are done, or until `stop` and their checkpoints are written. A seed that fails ends only
// itself. Shows a table, a row as each seed ends, and writes folder/report.html over all seeds that the folder holds,
// those of earlier calls included. Throws deepq::Error before
// anything starts when one of the folders holds a run already.
SeedResults run_seeds(const SeedPlan& plan, Screen& screen, const std::atomic<bool>& stop);

nlohmann::ordered_json seeds_json(const SeedResults& results, const std::string& folder);

}  // namespace deepq::cli
