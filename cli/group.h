// A group: the runs of `deepq train --seeds` in one folder, DIR/seed-0, DIR/seed-1, ... DIR/group.json tells what was
// to be trained there, so that `deepq resume DIR` also begins what an interruption left unbegun.
#pragma once

#include <string>
#include <vector>

#include "deepq/train/run_config.h"

namespace deepq::cli {

std::string seed_folder(const std::string& folder, int64_t seed);

// Whether the folder is one of a group, and not of a run.
bool is_group(const std::string& folder);

// Notes that seeds from config.train.seed on, `count` of them, are to be trained into the folder, beside those noted by
// earlier calls.
void note_plan(const std::string& folder, const RunConfig& config, int64_t count);

// The configuration of each seed that was noted, by seed; where one was noted twice, the last. Empty for a group of an
// older deepq.
std::vector<RunConfig> planned_runs(const std::string& folder);

}  // namespace deepq::cli
