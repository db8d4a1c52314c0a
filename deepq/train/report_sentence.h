// The sentence that a report opens with: what came out.
#pragma once

#include <string>
#include <vector>

#include "deepq/train/report_data.h"

namespace deepq::report {

// "500.0 ± 0.0 over 100 greedy episodes after 154,912 steps; solved at episode 165." As plain text.
std::string result_sentence(const std::vector<RunData>& runs);

}  // namespace deepq::report
