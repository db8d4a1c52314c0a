// What a reader must know of runs before believing their numbers: the one list of notes for reports and comparisons.
// Runs of one group should differ in the seed alone, and must be of one world.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deepq/config/config_history.h"

namespace deepq {

// Everything that decides what an episode of the run is: env.id, the time limit, and what the environment's section of
// the settings says; a key that is left out has its default. How it is stepped (copies, threads, time outs) is no part.
FlatToml world_of(const FlatToml& config);

// How long the run was to train, and how it is evaluated.
FlatToml protocol_of(const FlatToml& config);

// "FrozenLake-v1", and in brackets what is not at its default: "FrozenLake-v1 (frozen_lake.is_slippery = false)". Equal
// for equal worlds only.
std::string world_name(const FlatToml& config);

// "frozen_lake.is_slippery is true in A, false in B; ..."; "" when both are the same. A key that is left out of one has
// its default there.
std::string setting_differences(const FlatToml& a, const FlatToml& b, const std::string& name_a,
                                const std::string& name_b);

// A run as notes see it.
struct RunFacts {
  std::string source;    // its folder or file
  FlatToml config = {};  // empty: not known
  bool finished = true;
  std::string reason = {};     // why it is not finished (run_status.h), where it is known
  int64_t first_episode = 1;   // that its episodes.csv tells of: a later one where the file was lost meanwhile
  ConfigHistory history = {};  // what was changed while it went on
};

// For each run the place in `runs` of the one that counts for it: its own, or that of another with the same seed and
// the same settings but for what changes no episode (length, evaluation, logs, checkpoints, threads): the first that
// finished, else the first. Copies of one seed are no independent runs. Runs whose config is not known stand for
// themselves.
std::vector<size_t> originals(const std::vector<RunFacts>& runs);

// `group` is named where there are several; "" where there is one.
std::vector<std::string> notes_on(const std::vector<RunFacts>& runs, const std::string& group);

}  // namespace deepq
