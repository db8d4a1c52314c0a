// The report's charts: what each draws, its caption and its text alternative, from the data of one or several runs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "deepq/page/chart.h"
#include "deepq/record/run_data.h"

namespace deepq::report {

// The chapter's three phases of the learning curve.
struct Phase {
  size_t first, last;  // episodes, from 1, both included; last 0: to the end
  const char* name;
};
constexpr std::array<Phase, 3> kPhases = {{{1, 50, "exploration"}, {51, 200, "learning"}, {201, 0, "refinement"}}};

// Whether the runs are of the chapter's agent, whose phases these are.
bool is_chapters(const std::vector<RunData>& runs);

constexpr size_t kReturnWindow = 100;  // episodes behind "mean of the last 100"

// How many records a point of the metrics' charts stands for; "": each for one.
std::string thinning_note(const std::vector<RunData>& runs);

// In the order of the page; the first is the learning curve.
std::vector<page::Chart> make_charts(const std::vector<RunData>& runs);

}  // namespace deepq::report
