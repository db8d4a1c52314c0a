#include "deepq/nn/ops/relu.h"

#include <algorithm>

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

int64_t Relu::cost(const NetworkLayout& layout) const { return layout.activations[to].columns; }

void Relu::forward(const Pass& pass) const {
  const int64_t size = pass.activation(to).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    const float* __restrict const x = pass.value(from) + first * size;
    float* __restrict const y = pass.value(to) + first * size;
    for (int64_t i = 0; i < count * size; ++i) y[i] = x[i] < 0 ? 0 : x[i];  // a NaN stays one
  });
}

// What reads `to` has left its gradient at zero where it is zero.
void Relu::backward(const Pass& pass) const {
  const int64_t size = pass.activation(to).stride;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    const float* __restrict const dy = pass.gradient(to) + first * size;
    float* __restrict const dx = pass.gradient(from) + first * size;
    if (!joins) std::copy_n(dy, count * size, dx);
    for (int64_t i = 0; joins && i < count * size; ++i) dx[i] += dy[i];
  });
}

void Relu::lower(Lowering& lowering) const {
  lowering.result.values[to].channels = lowering.result.values[from].channels;
  lowering.add(graph::Relu{from, to});
}

size_t add_relu(LayoutBuilder& builder, size_t from, bool joins) {
  Activation rectified = builder.layout.activations[from];
  rectified.rectified = true;
  const Relu operation{from, builder.add_activation(rectified), joins};
  builder.layout.operations.push_back(operation);
  return operation.to;
}

}  // namespace deepq
