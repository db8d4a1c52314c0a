#include "deepq/core/states.h"

#include <cmath>

#include "deepq/core/error.h"

namespace deepq {

void throw_no_state(double observation, int64_t states) {
  const bool whole = observation == std::floor(observation);
  throw Error::of("the observation is ", number_text(observation), "; allowed: 0 to ", states - 1,
                  whole ? "" : ", whole numbers");
}

}  // namespace deepq
