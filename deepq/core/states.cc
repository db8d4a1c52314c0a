#include "deepq/core/states.h"

#include <cmath>

#include "deepq/core/error.h"

namespace deepq {

void throw_no_state(double observation, int64_t states) {
  const bool whole = observation == std::floor(observation);
  // number_text() would bring 130 KB of tables (std::to_chars) into the library that only acts.
  const bool is_int = whole && std::abs(observation) < 0x1p63;
  const std::string text = is_int ? std::to_string(static_cast<int64_t>(observation)) : short_number_text(observation);
  throw Error::of("the observation is ", text, "; allowed: 0 to ", states - 1, whole ? "" : ", whole numbers");
}

}  // namespace deepq
