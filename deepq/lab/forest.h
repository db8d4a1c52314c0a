// An experiment's statements as a forest plot: one row each, on a scale for each quantity, the claimed side shaded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "deepq/lab/check.h"

namespace deepq::lab {

// How an answer is shown: "✓", "○", "✗" and the name of its colour in lab.css. Empty: nothing is decided.
struct Sign {
  const char *text, *style;
};
Sign sign_of(std::optional<Answer> answer);

// `decided`: with answers, signs and p; a quick version has none.
std::string forest_html(const std::vector<Check>& checks, bool decided);

// What an index needs of a statement.
struct Outcome {
  double value, low, high, threshold;
  bool above;
  std::optional<Answer> answer;
};

// The same in a glance: a row for each, without words, the claimed side on the right of the line, each row on a scale
// of its own. An SVG of at most 120 x 72 pixels.
std::string thumbnail_svg(const std::vector<Outcome>& outcomes);

}  // namespace deepq::lab
