#include "deepq/nn/ops/join.h"

#include <algorithm>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

// Calls visit(part, its numbers there, those in the joined row) for each row and part; `values` and `joined` are of
// activations, or of their gradients.
template <class Values, class Visit>
void over_rows(const Pass& pass, const Join& join, const Values& values, float* joined, const Visit& visit) {
  const int64_t stride = pass.activation(join.to).stride;
  pass.team->split(pass.rows, grain_of(join.cost(*pass.layout)), [&](int64_t first, int64_t count) {
    for (int64_t row = first; row < first + count; ++row) {
      float* to = joined + row * stride;
      for (const Join::Part& part : join.parts) {
        visit(part, row, values(part.from) + row * pass.activation(part.from).stride + part.from_column, to);
        to += part.columns;
      }
    }
  });
}

}  // namespace

int64_t Join::cost(const NetworkLayout& layout) const { return layout.activations[to].columns; }

void Join::forward(const Pass& pass) const {
  over_rows(
      pass, *this, [&](size_t i) { return pass.value(i); }, pass.value(to),
      [](const Part& part, int64_t, const float* __restrict from, float* __restrict joined) {
        for (int64_t i = 0; i < part.columns; ++i) joined[i] = part.scale * from[i];
      });
}

void Join::backward(const Pass& pass) const {
  const auto gradient = [&](size_t i) { return pass.activation(i).needs_gradient ? pass.gradient(i) : pass.value(i); };
  over_rows(pass, *this, gradient, pass.gradient(to),
            [&](const Part& part, int64_t row, float* __restrict of_part, const float* __restrict of_joined) {
              const Activation& from = pass.activation(part.from);
              if (!from.needs_gradient) return;
              const float* const value = pass.value(part.from) + row * from.stride + part.from_column;
              for (int64_t i = 0; i < part.columns; ++i)
                of_part[i] = !from.rectified || value[i] > 0 ? of_joined[i] : 0;
            });
}

void Join::lower(Lowering& lowering) const {
  graph::Join node{.parts = {}, .to = to};
  for (const Part& part : parts) node.parts.push_back({part.from, part.from_column, part.columns, part.scale});
  lowering.add(std::move(node));
}

size_t add_join(LayoutBuilder& builder, std::vector<Join::Part> parts) {
  int64_t columns = 0;
  bool needs_gradient = false;
  for (const Join::Part& part : parts) {
    const Activation& from = builder.layout.activations[part.from];
    DEEPQ_ASSERT(!from.needs_gradient || (part.scale == 1 && part.columns == from.columns));
    columns += part.columns;
    needs_gradient = needs_gradient || from.needs_gradient;
  }
  const size_t to =
      builder.add_activation({.columns = columns, .stride = padded_size(columns), .needs_gradient = needs_gradient});
  builder.layout.operations.push_back(Join{std::move(parts), to});
  return to;
}

}  // namespace deepq
