#include "deepq/nn/ops/dense.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

LayerShape shape_of(const Pass& pass, const Dense& layer) {
  return {pass.rows_of(layer.to), layer.in, layer.out, pass.activation(layer.from).stride,
          pass.activation(layer.to).stride};
}

// Calls visit(first output, outputs, noise of inputs, noise of those outputs) for each of the layer's blocks, or the
// part of it that is among the `count` outputs from `begin` on.
template <class Visit>
void for_each_block(const Dense& layer, const float* noise, int64_t begin, int64_t count, const Visit& visit) {
  const int64_t size = layer.out / layer.blocks;
  for (int64_t first = begin; first < begin + count;) {
    // A block has noise of its own for all inputs, then that of its outputs.
    const int64_t block = first / size, end = std::min(begin + count, (block + 1) * size);
    const float* const in = noise + layer.noise + block * (layer.in + size);
    visit(first, end - first, in, in + layer.in + first - block * size);
    first = end;
  }
}

// mu + sigma * noise for the weights and biases of some of the layer's outputs; without noise, mu.
void apply_noise(const Preparation& p, const Dense& layer, int64_t first_output, int64_t outputs) {
  const auto begin = [&](size_t tensor) { return p.layout->tensors[tensor].begin; };
  // Tensors in this order: weight, bias, weight_sigma, bias_sigma.
  const float* const weight = p.parameters + begin(layer.weight);
  const float* const weight_sigma = p.parameters + begin(layer.bias + 1);
  const float* const bias = p.parameters + begin(layer.bias);
  const float* const bias_sigma = p.parameters + begin(layer.bias + 2);
  const auto part = [&](int64_t first, int64_t size, const float* in, const float* out) {
    const int64_t at = first * layer.in;
    p.kernels->scale_by_noise({size, layer.in}, in, out, weight_sigma + at, weight + at,
                              p.effective + begin(layer.weight) + at);
    for (int64_t o = first; o < first + size; ++o)
      p.effective[begin(layer.bias) + o] = bias[o] + bias_sigma[o] * out[o - first];
  };
  for_each_block(layer, p.noise, first_output, outputs, part);
}

// dsigma = dmu * noise: mu and sigma enter only through mu + sigma * noise.
void noise_gradients(const Pass& pass, const Dense& layer) {
  const float* const dweight = pass.parameter_gradient(layer.weight);
  const float* const dbias = pass.parameter_gradient(layer.bias);
  float* const dweight_sigma = pass.parameter_gradient(layer.bias + 1);
  float* const dbias_sigma = pass.parameter_gradient(layer.bias + 2);
  for_each_block(layer, pass.noise, 0, layer.out, [&](int64_t first, int64_t size, const float* in, const float* out) {
    const int64_t at = first * layer.in;
    pass.kernels->scale_by_noise({size, layer.in}, in, out, dweight + at, nullptr, dweight_sigma + at);
    for (int64_t o = 0; o < size; ++o) dbias_sigma[first + o] = dbias[first + o] * out[o];
  });
}

}  // namespace

float noise_factor(double normal) { return static_cast<float>(std::copysign(std::sqrt(std::abs(normal)), normal)); }

// A panel's noise is put on just before, so that it is still in the cache: 25,000 steps of minatar-rainbow take 5.8
// s, 6.2 with a layer's noise at once. Threads share the panels; some tens of thousands of floats are worth waking one.
void Dense::prepare(const Preparation& p) const {
  if (!noisy) p.keep(weight), p.keep(bias);
  const float* const weights = p.effective + p.layout->tensors[weight].begin;
  float* const to_panels = p.transposed + transposed;
  constexpr int64_t kFloatsPerThread = 1 << 16;
  const int64_t panels = 1 + kFloatsPerThread / (kPanel * in);
  p.team->split(out, panels * kPanel, [&](int64_t begin, int64_t count) {
    for (int64_t first = begin; first < begin + count; first += kPanel) {
      const int64_t outputs = std::min(kPanel, begin + count - first), at = first * in;
      if (noisy) apply_noise(p, *this, first, outputs);
      p.kernels->transpose(outputs, in, weights + at, to_panels + at);
    }
  });
}

LayerWeights Dense::weights(const Pass& pass, int64_t first_output) const {
  const int64_t at = first_output * in;
  return {pass.parameter(weight) + at, pass.transposed + transposed + at, pass.parameter(bias) + first_output};
}

// Threads share the outputs where there are panels of them for each, so that a weight is read once; else the rows.
void Dense::forward(const Pass& pass) const {
  const LayerShape shape = shape_of(pass, *this);
  const float* const x = pass.value(from) + from_column;
  float* const y = pass.value(to);
  if (out >= pass.team->size() * kPanel) {
    pass.team->split(out, grain_of(shape.rows * shape.in, kPanel), [&](int64_t first, int64_t count) {
      LayerShape part = shape;
      part.out = count;
      pass.kernels->forward(part, x, weights(pass, first), relu, y + first);
    });
  } else {
    pass.team->split(shape.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
      LayerShape part = shape;
      part.rows = count;
      pass.kernels->forward(part, x + first * shape.in_stride, weights(pass), relu, y + first * shape.out_stride);
    });
  }
}

void Dense::backward(const Pass& pass) const {
  const LayerShape shape = shape_of(pass, *this);
  const float* const x = pass.value(from) + from_column;
  const float* const dy = pass.gradient(to);
  pass.team->split(shape.out, grain_of(shape.rows * shape.in), [&](int64_t first, int64_t count) {
    LayerShape part = shape;
    part.out = count;
    pass.kernels->backward_weights(part, dy + first, x, pass.parameter_gradient(weight) + first * shape.in,
                                   pass.parameter_gradient(bias) + first);
  });
  // From the gradients of the weights, which are complete now.
  if (noisy) noise_gradients(pass, *this);
  // The network's own input needs none.
  if (!pass.activation(from).needs_gradient) return;
  float* const dx = pass.gradient(from) + from_column;
  pass.team->split(shape.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    LayerShape part = shape;
    part.rows = count;
    // The mask of the ReLU before this layer is applied on the way.
    pass.kernels->backward_input(part, dy + first * shape.out_stride, pass.parameter(weight),
                                 pass.activation(from).rectified ? x + first * shape.in_stride : nullptr,
                                 dx + first * shape.in_stride);
  });
}

void Dense::lower(Lowering& lowering) const {
  graph::Linear linear{.from = from,
                       .to = to,
                       .from_column = from_column,
                       .in = in,
                       .out = out,
                       .blocks = blocks,
                       .relu = relu,
                       .weight = lowering.tensor(weight),
                       .bias = lowering.tensor(bias),
                       .weight_sigma = {},
                       .bias_sigma = {}};
  if (noisy) linear.weight_sigma = lowering.tensor(bias + 1), linear.bias_sigma = lowering.tensor(bias + 2);
  lowering.add(std::move(linear));
}

Dense make_dense(LayoutBuilder& builder, size_t from, const DenseSpec& spec) {
  NetworkLayout& layout = builder.layout;
  const Activation input = layout.activations[from];
  const int64_t in = spec.in > 0 ? spec.in : input.columns;
  const std::string& name = builder.name_layer(spec.name);
  // Rows of a convolution, its positions, lie without gaps: together they can be read as one row.
  Dense layer{.from = from,
              .to = builder.add_activation({.columns = spec.out,
                                            .stride = spec.convolution ? spec.out : padded_size(spec.out),
                                            .positions = spec.positions > 0 ? spec.positions : input.positions,
                                            .per_fraction = input.per_fraction,
                                            .rectified = spec.relu}),
              .from_column = spec.from_column,
              .in = in,
              .out = spec.out,
              .weight = builder.add_tensor(name + "/weight", {spec.out, in}, Init::kUniform, in),
              .bias = builder.add_tensor(name + "/bias", {spec.out}, Init::kUniform, in),
              .transposed = layout.transposed,
              .relu = spec.relu,
              .noisy = builder.config.noisy && !spec.convolution && !spec.never_noisy,
              .blocks = spec.blocks,
              .noise = layout.noise};
  layout.transposed += transposed_size(in, spec.out);
  if (layer.noisy) {
    builder.add_tensor(name + "/weight_sigma", {spec.out, in}, Init::kSigma, in);
    builder.add_tensor(name + "/bias_sigma", {spec.out}, Init::kSigma, in);
    layout.noise += spec.blocks * in + spec.out;
  }
  return layer;
}

size_t add_dense(LayoutBuilder& builder, size_t from, const DenseSpec& spec) {
  const Dense layer = make_dense(builder, from, spec);
  builder.layout.operations.push_back(layer);
  return layer.to;
}

}  // namespace deepq
