#include "deepq/nn/ops/layer_norm.h"

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

NormShape shape_of(const Pass& pass, const LayerNorm& norm) {
  const Activation& to = pass.activation(norm.to);
  return {pass.rows_of(norm.to), to.columns / norm.blocks, norm.blocks, to.stride, kLayerNormEpsilon};
}

}  // namespace

void LayerNorm::prepare(const Preparation& p) const { p.keep(gain), p.keep(bias); }

void LayerNorm::forward(const Pass& pass) const {
  pass.kernels->normalize(shape_of(pass, *this), pass.value(from), pass.parameter(gain), pass.parameter(bias),
                          pass.statistics + statistics, pass.value(to));
}

void LayerNorm::backward(const Pass& pass) const {
  pass.kernels->normalize_backward(shape_of(pass, *this), pass.value(from), pass.parameter(gain),
                                   pass.statistics + statistics, pass.gradient(to),
                                   {pass.parameter_gradient(gain), pass.parameter_gradient(bias), pass.gradient(from)});
}

// The square of each number's distance, its normal value, and the gain.
int64_t LayerNorm::cost(const NetworkLayout& layout) const { return 3 * layout.activations[to].columns; }

void LayerNorm::lower(Lowering& lowering) const {
  lowering.add(graph::LayerNorm{from, to, blocks, kLayerNormEpsilon, lowering.tensor(gain), lowering.tensor(bias)});
}

size_t add_layer_norm(LayoutBuilder& builder, size_t from, int64_t blocks) {
  NetworkLayout& layout = builder.layout;
  Activation normalized = layout.activations[from];
  // The kernel ends in max(0, y).
  normalized.rectified = true;
  const int64_t columns = normalized.columns, units = columns / blocks;
  const LayerNorm norm{.from = from,
                       .to = builder.add_activation(normalized),
                       .blocks = blocks,
                       .gain = builder.add_tensor(builder.last_name() + "/norm_weight", {columns}, Init::kOne, units),
                       .bias = builder.add_tensor(builder.last_name() + "/norm_bias", {columns}, Init::kZero, units),
                       .statistics = layout.statistics};
  // Mean and inverse deviation.
  layout.statistics += 2 * blocks * builder.max_rows * (normalized.per_fraction ? builder.shape.max_fractions : 1);
  layout.operations.push_back(norm);
  return norm.to;
}

}  // namespace deepq
