// One run and what people see of it: what `deepq train` and `deepq resume` have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/output.h"
#include "deepq/train/run.h"

namespace deepq::cli {

struct SingleRun {
  std::string folder;
  const RunConfig& config;
  OutputOptions output;
  std::vector<double> earlier_returns = {};  // of a resumed run, see Console
};

// Calls `start` with what the console needs, until the run's end or a signal; shows the summary, for people on `screen`
// and as JSON. Returns the exit status.
int show_run(Screen& screen, const SingleRun& run, const std::function<RunSummary(const RunOptions&)>& start);

}  // namespace deepq::cli
