// The same configuration over several seeds, some at a time in threads: DIR/seed-0, DIR/seed-1, ... Each run is the one
// that its seed gives alone; they share nothing but the screen. `deepq train --seeds` begins them, `deepq resume` goes
// on with those that are not finished.
#pragma once

#include <atomic>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/screen.h"
#include "deepq/train/run.h"

namespace deepq::cli {

struct SeedJob {
  RunConfig config;
  std::string folder;
  bool resumes = false;   // goes on with what lies in its folder
  int64_t env_steps = 0;  // its new length, see RunOptions
};

struct SeedPlan {
  std::string folder;
  std::vector<SeedJob> jobs = {};         // by seed
  std::vector<RunSummary> finished = {};  // of runs that have nothing left to do
  std::vector<std::string> notes = {};    // of what is left out
  int64_t at_a_time = 1;
};

// Throws deepq::Error where one of the folders, or the group's, holds a run already.
SeedPlan plan_seeds(const std::string& folder, const RunConfig& config, int64_t count);

// What is left to do in a group's folder, those included that were never begun; with `env_steps` up to that length. Of
// several runs of one seed (copies) the first counts, as in compare and report.
// Throws deepq::Error where another process trains one of them.
SeedPlan plan_rest(const std::string& folder, int64_t env_steps);

struct SeedFailure {
  int64_t seed = 0;
  std::string message;
  bool user_error = false;  // a deepq::Error
};

struct SeedResults {
  std::vector<RunSummary> summaries;  // of the runs that ended or were stopped, by seed
  std::vector<SeedFailure> failures;  // by seed; they count as not solved
  bool stopped = false;               // by `stop`, before all seeds were done
  std::vector<int64_t> not_begun;     // this time: of a resumed group also those that were begun before
};

// Blocks until all seeds are done, or until `stop` and their checkpoints are written. A seed that fails ends only
// itself. Shows a table, a row as each seed ends, and writes folder/report.html over all seeds that the folder holds,
// those of earlier calls included.
SeedResults run_seeds(const SeedPlan& plan, Screen& screen, const std::atomic<bool>& stop);

nlohmann::ordered_json seeds_json(const SeedResults& results, const std::string& folder);

}  // namespace deepq::cli
