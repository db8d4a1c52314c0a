// A group: the runs of `deepq train --seeds` in one folder, DIR/seed-0, DIR/seed-1, ... DIR/group.json tells what was
// to be trained there, so that `deepq resume DIR` also begins what an interruption left unbegun.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq::cli {

// Whether the folder is one of a group, and not of a run.
bool is_group(const std::string& folder);

// Notes that seeds from config.train.seed on, `count` of them, are to be trained into the folder, beside those noted by
// earlier calls.
void note_plan(const std::string& folder, const RunConfig& config, int64_t count);

// Notes that these seeds are to be made so many environment steps long: whatever interrupts that, they are not finished
// before.
void note_length(const std::string& folder, const std::vector<int64_t>& seeds, int64_t env_steps);

struct GroupPlan {
  std::vector<RunConfig> runs;         // of each seed that was noted, by seed; where one was noted twice, the last
  std::map<int64_t, int64_t> lengths;  // of seeds that were to be made longer: environment steps, by seed
};

// Empty for a group of an older deepq.
GroupPlan read_plan(const std::string& folder);

// Writes the page of all the group's runs, and of the seeds that were not begun, to `page`; where the
// plan cannot be read, a note on the page says so instead.
void write_group_report(const std::string& folder, const std::string& page);

}  // namespace deepq::cli
