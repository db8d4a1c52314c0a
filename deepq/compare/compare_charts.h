// The charts of a comparison's page: sample efficiency and performance profile.
#pragma once

#include <string>
#include <vector>

#include "deepq/compare/comparison.h"
#include "deepq/page/chart.h"

namespace deepq::compare {

struct Charts {
  std::vector<page::Chart> charts;  // for the page's data
  std::string html;                 // their figures
};

Charts charts_of(const Comparison& comparison);

}  // namespace deepq::compare
