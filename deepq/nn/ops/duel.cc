#include "deepq/nn/ops/duel.h"

#include <algorithm>

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

void Duel::forward(const Pass& pass) const {
  const int64_t rows = pass.rows_of(to);
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict const v = pass.value(value) + r * pass.activation(value).stride;
    const float* __restrict const a = pass.value(advantage) + r * pass.activation(advantage).stride;
    float* __restrict const y = pass.value(to) + r * pass.activation(to).stride;
    float* __restrict const shift = y + (actions - 1) * width;  // where the last action's values come in the end
    std::copy_n(a, width, shift);
    for (int64_t i = 1; i < actions; ++i)
      for (int64_t w = 0; w < width; ++w) shift[w] += a[i * width + w];
    // value - mean advantage, which is added to every advantage (Wang et al. 2016, equation 9).
    for (int64_t w = 0; w < width; ++w) shift[w] = v[w] - shift[w] / static_cast<float>(actions);
    for (int64_t i = 0; i < actions; ++i)
      for (int64_t w = 0; w < width; ++w) y[i * width + w] = a[i * width + w] + shift[w];
  }
}

void Duel::backward(const Pass& pass) const {
  const int64_t rows = pass.rows_of(to);
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict const dy = pass.gradient(to) + r * pass.activation(to).stride;
    float* __restrict const dv = pass.gradient(value) + r * pass.activation(value).stride;
    float* __restrict const da = pass.gradient(advantage) + r * pass.activation(advantage).stride;
    // The value is in every action's sum: its gradient is the sum of theirs; an advantage's is its own less their mean.
    std::copy_n(dy, width, dv);
    for (int64_t i = 1; i < actions; ++i)
      for (int64_t w = 0; w < width; ++w) dv[w] += dy[i * width + w];
    for (int64_t i = 0; i < actions; ++i)
      for (int64_t w = 0; w < width; ++w) da[i * width + w] = dy[i * width + w] - dv[w] / static_cast<float>(actions);
  }
}

void Duel::lower(Lowering& lowering) const { lowering.add(graph::Duel{value, advantage, to, actions, width}); }

size_t add_duel(LayoutBuilder& builder, size_t value, size_t advantage) {
  const Activation same = builder.layout.activations[advantage];
  const Duel duel{value, advantage, builder.add_activation(same), builder.shape.actions, builder.shape.width};
  builder.layout.operations.push_back(duel);
  return duel.to;
}

}  // namespace deepq
