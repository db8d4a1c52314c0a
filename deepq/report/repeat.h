// What a report says of how to have the same runs again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deepq/record/run_data.h"

namespace deepq::report {

// HTML with the commands that repeat the run, or the group with the seeds that it was to have and that were not begun;
// where none do, why. Of runs that are no seeds of one setting in one folder: of the first of them.
std::string repeat_html(const std::vector<RunData>& runs, const std::vector<int64_t>& not_begun);

}  // namespace deepq::report
