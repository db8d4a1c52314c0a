// The charts of a report that follow episodes: returns and epsilon over the environment steps.
#pragma once

#include <vector>

#include "deepq/page/chart.h"
#include "deepq/record/run_data.h"

namespace deepq::report {

// A run that was stopped because it had learnt enough would go on as it was; one that ended for another reason is not
// known to.
bool is_carried_on(const RunData& run);

page::Chart learning_curve(const std::vector<RunData>& runs);
page::Chart epsilon_chart(const std::vector<RunData>& runs);

}  // namespace deepq::report
