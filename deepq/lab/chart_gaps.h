// What a chart does not show of the lines that its legend names, said in its caption.
#pragma once

#include "deepq/page/chart.h"

namespace deepq::lab {

// Adds a sentence to the caption for lines without any point, for lines that begin late and for lines that end early,
// each with the reason: no run has a value there, or all values are 0 or below, which a log scale cannot show.
void explain_gaps(page::Chart& chart);

}  // namespace deepq::lab
