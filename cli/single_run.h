// A run, or a group of them, and what people see of it: what `deepq train` and `deepq resume` have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cli/seeds.h"
#include "deepq/train/run.h"

namespace deepq::cli {

// What is said before training, once nothing is refused any more: a refusal is one line.
struct Head {
  std::string memory = {};              // what check_plan() returns
  std::string kernels = {};             // what kernels_text() returns; empty where nothing is computed with them
  std::vector<std::string> notes = {};  // after it
  std::string folder;                   // of the run, or of the group
};

void show_head(Screen& screen, const Head& head);

struct SingleRun {
  Head head;
  const RunConfig& config;
  OutputOptions output;
  std::vector<double> earlier_returns = {};  // of a resumed run, see Console
};

// What a run will hold in memory, in words; refuses what the machine cannot hold, and a run without an update.
std::string check_plan(const RunConfig& config, int64_t at_a_time);

// Of the episodes up to the newest checkpoint and perhaps beyond, for averages on the console alone; none where the run
// was killed before its first checkpoint, perhaps before it had tables.
std::vector<double> earlier_returns(const std::string& folder);

// Trains a group, and shows its end. Returns the exit status.
int show_group(Screen& screen, const SeedPlan& plan, const OutputOptions& output);

// Calls `start` with what the console needs, until the run's end or a signal; shows the summary, for people on `screen`
// and as JSON. Returns the exit status.
int show_run(Screen& screen, const SingleRun& run, const std::function<RunSummary(const RunOptions&)>& start);

}  // namespace deepq::cli
