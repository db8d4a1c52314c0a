// A batch of observations on its way into a network. Discrete ones (one whole number each) become one-hot rows here,
// and nowhere else; all others are gathered straight into the network's input.
#pragma once

#include <vector>

#include "deepq/nn/network.h"

namespace deepq {

struct ObservationShape {
  std::vector<int64_t> dimensions;
  int64_t state_count = 0;      // above 0: one number each, 0 ... state_count - 1
  int64_t frame_stack = 0;      // above 0: bytes, a stack of so many frames, {frame_stack, height, width}
  bool channels_first = false;  // of pictures: {channels, height, width}, as stacks of frames are; else channels last

  int64_t size() const {
    int64_t size = 1;
    for (const int64_t dimension : dimensions) size *= dimension;
    return size;
  }
  bool has_channels_first() const { return channels_first || frame_stack > 0; }
  // Of a network that takes such observations and gives one number for each action.
  NetworkShape network(int64_t actions) const {
    return {.input = state_count > 0 ? std::vector<int64_t>{state_count} : dimensions,
            .actions = actions,
            .channels_first = has_channels_first()};
  }
};

class ObservationBatch {
 public:
  ObservationBatch(const ObservationShape& shape, int64_t rows)
      : states_(shape.state_count),
        input_(rows, states_ > 0 ? states_ : shape.size()),
        numbers_(states_ > 0 ? rows : 0, 1),
        hot_(states_ > 0 ? static_cast<size_t>(rows) : 0) {}

  // Where observations are put, `size` numbers a row.
  Rows rows() { return states_ > 0 ? numbers_.rows() : input_.rows(); }

  // The network's input, made of the first `count` rows.
  Rows encoded(int64_t count);

  static int64_t bytes(const ObservationShape& shape, int64_t rows) {
    const int64_t states = shape.state_count;
    return states > 0 ? InputBuffer::bytes(rows, states) + InputBuffer::bytes(rows, 1)
                      : InputBuffer::bytes(rows, shape.size());
  }

 private:
  int64_t states_;
  InputBuffer input_, numbers_;
  std::vector<int64_t> hot_;  // the column that is 1 in each row
};

}  // namespace deepq
