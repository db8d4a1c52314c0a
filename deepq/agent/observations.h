// A batch of observations on its way into a network. Discrete ones (one whole number each) become one-hot rows here,
// and nowhere else; all others are gathered straight into the network's input.
#pragma once

#include <vector>

#include "deepq/core/observation_space.h"
#include "deepq/nn/network.h"

namespace deepq {

// Of a network that takes such observations and gives one number for each action.
inline NetworkShape network_for(const ObservationSpace& space, int64_t actions) {
  return {.input = space.states() > 0 ? std::vector<int64_t>{space.states()} : space.shape(),
          .actions = actions,
          .channels_first = space.has_channels_first()};
}

class ObservationBatch {
 public:
  ObservationBatch(const ObservationSpace& space, int64_t rows)
      : states_(space.states()),
        input_(rows, states_ > 0 ? states_ : space.size()),
        numbers_(states_ > 0 ? rows : 0, 1),
        hot_(states_ > 0 ? static_cast<size_t>(rows) : 0) {}

  // Where observations are put, `size` numbers a row.
  Rows rows() { return states_ > 0 ? numbers_.rows() : input_.rows(); }

  // The network's input, made of the first `count` rows.
  Rows encoded(int64_t count);

  static int64_t bytes(const ObservationSpace& space, int64_t rows) {
    const int64_t states = space.states();
    return states > 0 ? InputBuffer::bytes(rows, states) + InputBuffer::bytes(rows, 1)
                      : InputBuffer::bytes(rows, space.size());
  }

 private:
  int64_t states_;
  InputBuffer input_, numbers_;
  std::vector<int64_t> hot_;  // the column that is 1 in each row
};

}  // namespace deepq
