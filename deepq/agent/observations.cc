#include "deepq/agent/observations.h"

#include "deepq/core/error.h"

namespace deepq {

NetworkShape network_for(const ObservationSpace& space, int64_t actions) {
  constexpr int64_t kMostInputs = int64_t{1} << 28;  // as of all other observations
  if (space.states() > kMostInputs)
    throw Error::of("the number of states is ", space.states(),
                    "; allowed with a network, which has an input for each: up to ", kMostInputs);
  return {.input = space.states() > 0 ? std::vector<int64_t>{space.states()} : space.shape(),
          .actions = actions,
          .channels_first = space.has_channels_first()};
}

}  // namespace deepq
