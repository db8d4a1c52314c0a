#include "deepq/core/finite.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"

namespace deepq {

std::string not_finite_text(std::span<const float> observation) {
  const auto bad = std::ranges::find_if(observation, [](float value) { return !std::isfinite(value); });
  return "observation[" + std::to_string(bad - observation.begin()) + "] is " +
         short_number_text(static_cast<double>(*bad)) + "; allowed: finite numbers";
}

}  // namespace deepq
