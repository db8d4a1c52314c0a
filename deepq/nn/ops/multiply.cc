#include "deepq/nn/ops/multiply.h"

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

MultiplyShape shape_of(const Pass& pass, const Multiply& operation) {
  const Activation& to = pass.activation(operation.to);
  return {pass.rows,  pass.fractions_per_row(),
          to.columns, pass.activation(operation.features).stride,
          to.stride,  pass.activation(operation.features).rectified};
}

}  // namespace

int64_t Multiply::cost(const NetworkLayout& layout) const { return layout.activations[to].columns; }

void Multiply::forward(const Pass& pass) const {
  pass.kernels->multiply_rows(shape_of(pass, *this), pass.value(features), pass.value(embedding), pass.value(to));
}

void Multiply::backward(const Pass& pass) const {
  pass.kernels->multiply_rows_backward(
      shape_of(pass, *this), pass.value(features), pass.value(embedding), pass.gradient(to),
      pass.activation(features).needs_gradient ? pass.gradient(features) : nullptr, pass.gradient(embedding));
}

void Multiply::lower(Lowering& lowering) const { lowering.add(graph::Multiply{features, embedding, to}); }

size_t add_multiply(LayoutBuilder& builder, size_t features, size_t embedding) {
  const int64_t columns = builder.layout.activations[features].columns;
  const size_t to = builder.add_activation({.columns = columns, .stride = padded_size(columns), .per_fraction = true});
  builder.layout.operations.push_back(Multiply{features, embedding, to});
  return to;
}

}  // namespace deepq
