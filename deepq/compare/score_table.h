// A published table of scores: one CSV row for each run, with the columns algorithm, task, seed and score.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/compare/run_files.h"

namespace deepq::compare {

// One group for each algorithm, in the order of the table; its runs have a score and no episodes. Names of columns in
// any case and order, also agent or method, game or environment, run, return; without seeds each row is a run of its
// own. Throws deepq::Error with file and line.
std::vector<Group> read_score_table(std::string_view text, const std::string& source);

}  // namespace deepq::compare
