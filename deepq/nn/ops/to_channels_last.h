// to[pixels, channels] = scale * from[channels, pixels], for each row, of the columns from `from_column` on; with one
// channel, scaling alone. First in its network: no gradient goes through it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct ToChannelsLast {
  size_t from, to;
  int64_t from_column, channels;
  float scale;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass&) const {}
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

// Of `columns` of `from`, as wide as the image.
size_t add_to_channels_last(LayoutBuilder& builder, size_t from, int64_t from_column, int64_t columns, int64_t channels,
                            float scale);

}  // namespace deepq
