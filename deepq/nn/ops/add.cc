#include "deepq/nn/ops/add.h"

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

int64_t Add::cost(const NetworkLayout& layout) const { return layout.activations[to].columns; }

void Add::forward(const Pass& pass) const {
  const int64_t size = pass.activation(to).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    const float* __restrict const a = pass.value(around) + first * size;
    const float* __restrict const b = pass.value(through) + first * size;
    float* __restrict const y = pass.value(to) + first * size;
    for (int64_t i = 0; i < count * size; ++i) y[i] = a[i] + b[i];
  });
}

void Add::backward(const Pass& pass) const {
  const int64_t size = pass.activation(to).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    for (const size_t summand : {around, through})
      std::copy_n(pass.gradient(to) + first * size, count * size, pass.gradient(summand) + first * size);
  });
}

void Add::lower(Lowering& lowering) const {
  lowering.result.values[to].channels = lowering.result.values[around].channels;
  lowering.add(graph::Add{around, through, to});
}

size_t add_add(LayoutBuilder& builder, size_t around, size_t through) {
  const Activation same = builder.layout.activations[around];
  DEEPQ_ASSERT(!same.rectified && !builder.layout.activations[through].rectified);  // no mask is applied here
  const Add operation{around, through, builder.add_activation(same)};
  builder.layout.operations.push_back(operation);
  return operation.to;
}

}  // namespace deepq
