#include "deepq/nn/ops/max_pool.h"

#include "deepq/core/error.h"
#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

// Comparisons, counted as multiplications are.
int64_t MaxPool::cost(const NetworkLayout& layout) const {
  return layout.activations[to].columns * shape.kernel * shape.kernel;
}

void MaxPool::forward(const Pass& pass) const {
  const int64_t in = pass.activation(from).stride, out = pass.activation(to).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    pass.kernels->max_pool(count, shape, pass.value(from) + first * in, pass.value(to) + first * out);
  });
}

void MaxPool::backward(const Pass& pass) const {
  const int64_t in = pass.activation(from).stride, out = pass.activation(to).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    pass.kernels->max_pool_backward(count, shape, pass.value(from) + first * in, pass.value(to) + first * out,
                                    pass.gradient(to) + first * out, pass.gradient(from) + first * in);
  });
}

void MaxPool::lower(Lowering& lowering) const {
  lowering.result.values[to].channels = shape.channels;
  lowering.add(graph::MaxPool{from, to, shape});
}

// Of what comes out of a ReLU the largest does too: where it is zero, so are all.
Image add_max_pool(LayoutBuilder& builder, const Image& from, const MaxPoolSpec& spec) {
  const auto size = [&](int64_t length) { return (length + 2 * spec.padding - spec.kernel) / spec.stride + 1; };
  Activation pooled = builder.layout.activations[from.activation];
  DEEPQ_ASSERT(pooled.needs_gradient && pooled.stride == pooled.columns);  // images without gaps between them
  const PoolShape shape{.height = from.height,
                        .width = from.width,
                        .channels = pooled.columns / (from.height * from.width),
                        .kernel = spec.kernel,
                        .stride = spec.stride,
                        .padding = spec.padding,
                        .out_height = size(from.height),
                        .out_width = size(from.width)};
  pooled.columns = pooled.stride = shape.out_height * shape.out_width * shape.channels;
  const MaxPool operation{from.activation, builder.add_activation(pooled), shape};
  builder.layout.operations.push_back(operation);
  return {operation.to, shape.out_height, shape.out_width};
}

}  // namespace deepq
