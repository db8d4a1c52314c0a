#include "deepq/nn/ops/duel.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

void Duel::forward(const Pass& pass) const {
  const int64_t rows = pass.rows_of(to);
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict const v = pass.value(value) + r * pass.activation(value).stride;
    const float* __restrict a = pass.value(advantage) + r * pass.activation(advantage).stride;
    float* __restrict y = pass.value(to) + r * pass.activation(to).stride;
    for (const int64_t actions : axes) {
      float* __restrict const shift = y + (actions - 1) * width;  // where the last action's values come in the end
      std::copy_n(a, width, shift);
      for (int64_t i = 1; i < actions; ++i)
        for (int64_t w = 0; w < width; ++w) shift[w] += a[i * width + w];
      // value - mean advantage, which is added to every advantage (Wang et al. 2016, equation 9).
      for (int64_t w = 0; w < width; ++w) shift[w] = v[w] - shift[w] / static_cast<float>(actions);
      for (int64_t i = 0; i < actions; ++i)
        for (int64_t w = 0; w < width; ++w) y[i * width + w] = a[i * width + w] + shift[w];
      a += actions * width;
      y += actions * width;
    }
  }
}

void Duel::backward(const Pass& pass) const {
  const int64_t rows = pass.rows_of(to);
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict dy = pass.gradient(to) + r * pass.activation(to).stride;
    float* __restrict const dv = pass.gradient(value) + r * pass.activation(value).stride;
    float* da = pass.gradient(advantage) + r * pass.activation(advantage).stride;
    // The value is in every action's sum: its gradient is the sum of theirs; an advantage's is its own less the mean of
    // its axis.
    for (size_t axis = 0; axis < axes.size(); ++axis) {
      const int64_t actions = axes[axis];
      float* const sum = da + (actions - 1) * width;  // where the last action's gradient comes in the end
      std::copy_n(dy, width, sum);
      for (int64_t i = 1; i < actions; ++i)
        for (int64_t w = 0; w < width; ++w) sum[w] += dy[i * width + w];
      if (axis == 0) std::copy_n(sum, width, dv);
      for (int64_t w = 0; axis > 0 && w < width; ++w) dv[w] += sum[w];
      for (int64_t i = 0; i < actions; ++i)
        for (int64_t w = 0; w < width; ++w)
          da[i * width + w] = dy[i * width + w] - sum[w] / static_cast<float>(actions);
      dy += actions * width;
      da += actions * width;
    }
  }
}

int64_t Duel::cost(const NetworkLayout&) const { return std::accumulate(axes.begin(), axes.end(), int64_t{0}) * width; }

void Duel::lower(Lowering& lowering) const { lowering.add(graph::Duel{value, advantage, to, axes, width}); }

size_t add_duel(LayoutBuilder& builder, size_t value, size_t advantage) {
  const Activation same = builder.layout.activations[advantage];
  const NetworkShape& shape = builder.shape;
  std::vector<int64_t> axes = shape.action_axes.empty() ? std::vector{shape.actions} : shape.action_axes;
  const size_t to = builder.add_activation(same);
  builder.layout.operations.push_back(Duel{value, advantage, to, std::move(axes), shape.width});
  return to;
}

}  // namespace deepq
