// The report's summary tiles and tables, as HTML.
#pragma once

#include <string>
#include <vector>

#include "deepq/record/run_data.h"

namespace deepq::report {

// The main numbers, over runs with their interval; `not_begun` seeds of the group have no run yet.
std::string tiles_html(const std::vector<RunData>& runs, size_t not_begun = 0);
std::string phases_html(const std::vector<RunData>& runs);  // the chapter's three phases, measured
// One row per run, with a link to its page from the one at `page_path`.
std::string runs_html(const std::vector<RunData>& runs, const std::string& page_path);

}  // namespace deepq::report
