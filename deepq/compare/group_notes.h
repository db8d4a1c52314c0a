// What a reader must know of groups of runs before believing the numbers: copies, other lengths, other protocols, runs
// that are not whole, too few runs.
#pragma once

#include <string>
#include <vector>

#include "deepq/compare/comparison.h"

namespace deepq::compare {

// One run for each seed: copies are no independent runs.
std::vector<Group> without_copies(std::vector<Group> groups);

// False where a run is of a table of scores.
bool have_episodes(const std::vector<Group>& groups);

// Of each task the step where its first run ends, where runs end at other steps; otherwise infinity. Areas under curves
// of other lengths say nothing of each other.
std::vector<double> auc_ends(const std::vector<Group>& groups);

// In the order of importance: of files, of groups, of the comparison.
std::vector<std::string> notes_for(const Comparison& comparison, const std::vector<Group>& groups,
                                   const CompareOptions& options);

}  // namespace deepq::compare
