// The sentence that a report opens with: what came out.
#pragma once

#include <string>
#include <vector>

#include "deepq/record/run_data.h"

namespace deepq::report {

// "500.0 ± 0.0 over 100 greedy episodes after 154,912 steps; solved at episode 165." As plain text. `not_begun` seeds
// of a group have no run yet.
std::string result_sentence(const std::vector<RunData>& runs, size_t not_begun = 0);

}  // namespace deepq::report
