#include "deepq/nn/ops/to_channels_last.h"

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

int64_t ToChannelsLast::cost(const NetworkLayout& layout) const { return layout.activations[to].columns; }

void ToChannelsLast::forward(const Pass& pass) const {
  const Activation& image = pass.activation(to);
  const float* const input = pass.value(from) + from_column;
  const int64_t stride = pass.activation(from).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    for (int64_t r = first; r < first + count; ++r)
      pass.kernels->to_channels_last(channels, image.columns / channels, scale, input + r * stride,
                                     pass.value(to) + r * image.stride);
  });
}

void ToChannelsLast::lower(Lowering& lowering) const {
  lowering.add(graph::ToChannelsLast{from, to, from_column, channels, scale});
}

size_t add_to_channels_last(LayoutBuilder& builder, size_t from, int64_t from_column, int64_t columns, int64_t channels,
                            float scale) {
  const Activation image{.columns = columns, .stride = padded_size(columns), .needs_gradient = false};
  const ToChannelsLast operation{from, builder.add_activation(image), from_column, channels, scale};
  builder.layout.operations.push_back(operation);
  return operation.to;
}

}  // namespace deepq
