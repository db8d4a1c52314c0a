#include "deepq/nn/layers.h"

#include <algorithm>
#include <cmath>

namespace deepq {
namespace {

LayerShape shape_of(const Pass& pass, const Dense& layer) {
  return {pass.rows_of(layer.to), layer.in, layer.out, pass.slot(layer.from).stride, pass.slot(layer.to).stride};
}

void run_forward(const Pass& pass, const Dense& layer) {
  const LayerWeights weights{pass.parameter(layer.weight), pass.transposed + layer.transposed,
                             pass.parameter(layer.bias)};
  pass.kernels->forward(shape_of(pass, layer), pass.value(layer.from) + layer.from_column, weights, layer.relu,
                        pass.value(layer.to));
}

// Calls visit(first output, noise of inputs, noise of outputs) for each of the layer's blocks of `size` outputs.
template <class Visit>
void for_each_block(const Dense& layer, const float* noise, const Visit& visit) {
  const int64_t size = layer.out / layer.blocks;
  for (int64_t b = 0; b < layer.blocks; ++b) {
    const float* const in = noise + layer.noise + b * (layer.in + size);
    visit(b * size, in, in + layer.in);
  }
}

// dsigma = dmu * noise: mu and sigma enter only through mu + sigma * noise.
void noise_gradients(const Pass& pass, const Dense& layer) {
  const float* const dweight = pass.parameter_gradient(layer.weight);
  const float* const dbias = pass.parameter_gradient(layer.bias);
  float* const dweight_sigma = pass.parameter_gradient(layer.bias + 1);
  float* const dbias_sigma = pass.parameter_gradient(layer.bias + 2);
  const int64_t size = layer.out / layer.blocks;
  for_each_block(layer, pass.noise, [&](int64_t first, const float* in, const float* out) {
    const int64_t at = first * layer.in;
    pass.kernels->scale_by_noise({size, layer.in}, in, out, dweight + at, nullptr, dweight_sigma + at);
    for (int64_t o = 0; o < size; ++o) dbias_sigma[first + o] = dbias[first + o] * out[o];
  });
}

void run_backward(const Pass& pass, const Dense& layer) {
  const LayerShape shape = shape_of(pass, layer);
  const float* const x = pass.value(layer.from) + layer.from_column;
  pass.kernels->backward_weights(shape, pass.gradient(layer.to), x, pass.parameter_gradient(layer.weight),
                                 pass.parameter_gradient(layer.bias));
  if (layer.noisy) noise_gradients(pass, layer);
  if (pass.slot(layer.from).needs_gradient)
    pass.kernels->backward_input(shape, pass.gradient(layer.to), pass.parameter(layer.weight),
                                 pass.slot(layer.from).rectified ? x : nullptr,
                                 pass.gradient(layer.from) + layer.from_column);
}

void run_forward(const Pass& pass, const Norm& norm) {
  const Slot& slot = pass.slot(norm.to);
  pass.kernels->normalize({pass.rows_of(norm.to), slot.columns / norm.blocks, norm.blocks, slot.stride, kNormEpsilon},
                          pass.value(norm.from), pass.parameter(norm.gain), pass.parameter(norm.bias),
                          pass.statistics + norm.statistics, pass.value(norm.to));
}

void run_backward(const Pass& pass, const Norm& norm) {
  const Slot& slot = pass.slot(norm.to);
  pass.kernels->normalize_backward(
      {pass.rows_of(norm.to), slot.columns / norm.blocks, norm.blocks, slot.stride, kNormEpsilon},
      pass.value(norm.from), pass.parameter(norm.gain), pass.statistics + norm.statistics, pass.gradient(norm.to),
      {pass.parameter_gradient(norm.gain), pass.parameter_gradient(norm.bias), pass.gradient(norm.from)});
}

void run_forward(const Pass& pass, const Convolution& layer) {
  const Dense& dense = layer.dense;
  const LayerWeights weights{pass.parameter(dense.weight), pass.transposed + dense.transposed,
                             pass.parameter(dense.bias)};
  pass.kernels->convolve(pass.rows, layer.shape, pass.value(dense.from), weights, dense.relu, pass.value(dense.to));
}

// The image's gradient is a product, that of its patches, whose numbers are then added where they come from; a few
// images at a time, so that the patches stay in the cache.
void run_backward(const Pass& pass, const Convolution& layer) {
  const Dense& dense = layer.dense;
  const Slot& image = pass.slot(dense.from);
  pass.kernels->convolve_weights(pass.rows, layer.shape, pass.gradient(dense.to), pass.value(dense.from),
                                 pass.parameter_gradient(dense.weight), pass.parameter_gradient(dense.bias));
  if (!image.needs_gradient) return;
  const int64_t positions = pass.slot(dense.to).positions, patch_stride = padded_size(dense.in);
  for (int64_t first = 0; first < pass.rows; first += layer.images) {
    const int64_t images = std::min(layer.images, pass.rows - first);
    pass.kernels->backward_input({images * positions, dense.in, dense.out, patch_stride, dense.out},
                                 pass.gradient(dense.to) + first * positions * dense.out, pass.parameter(dense.weight),
                                 nullptr, pass.patches);
    pass.kernels->add_patches(images, layer.shape, pass.patches, patch_stride,
                              image.rectified ? pass.value(dense.from) + first * image.stride : nullptr,
                              pass.gradient(dense.from) + first * image.stride);
  }
}

void run_forward(const Pass& pass, const Interleave& operation) {
  const Slot& slot = pass.slot(operation.to);
  for (int64_t r = 0; r < pass.rows; ++r)
    pass.kernels->interleave(operation.channels, slot.columns / operation.channels, operation.scale,
                             pass.value(operation.from) + r * slot.stride, pass.value(operation.to) + r * slot.stride);
}

void run_backward(const Pass&, const Interleave&) {}

void run_forward(const Pass& pass, const Duel& duel) {
  const int64_t rows = pass.rows_of(duel.to), width = duel.width, actions = duel.actions;
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict const value = pass.value(duel.value) + r * pass.slot(duel.value).stride;
    const float* __restrict const advantage = pass.value(duel.advantage) + r * pass.slot(duel.advantage).stride;
    float* __restrict const to = pass.value(duel.to) + r * pass.slot(duel.to).stride;
    float* __restrict const shift = to + (actions - 1) * width;  // where the last action's values come in the end
    std::copy_n(advantage, width, shift);
    for (int64_t a = 1; a < actions; ++a)
      for (int64_t w = 0; w < width; ++w) shift[w] += advantage[a * width + w];
    for (int64_t w = 0; w < width; ++w) shift[w] = value[w] - shift[w] / static_cast<float>(actions);
    for (int64_t a = 0; a < actions; ++a)
      for (int64_t w = 0; w < width; ++w) to[a * width + w] = advantage[a * width + w] + shift[w];
  }
}

void run_backward(const Pass& pass, const Duel& duel) {
  const int64_t rows = pass.rows_of(duel.to), width = duel.width, actions = duel.actions;
  for (int64_t r = 0; r < rows; ++r) {
    const float* __restrict const from = pass.gradient(duel.to) + r * pass.slot(duel.to).stride;
    float* __restrict const value = pass.gradient(duel.value) + r * pass.slot(duel.value).stride;
    float* __restrict const advantage = pass.gradient(duel.advantage) + r * pass.slot(duel.advantage).stride;
    std::copy_n(from, width, value);
    for (int64_t a = 1; a < actions; ++a)
      for (int64_t w = 0; w < width; ++w) value[w] += from[a * width + w];
    for (int64_t a = 0; a < actions; ++a)
      for (int64_t w = 0; w < width; ++w)
        advantage[a * width + w] = from[a * width + w] - value[w] / static_cast<float>(actions);
  }
}

void run_forward(const Pass& pass, const Cosines& cosines) {
  const Slot& slot = pass.slot(cosines.to);
  pass.kernels->cosines(static_cast<int64_t>(pass.taus.size()), slot.columns, slot.stride, pass.taus.data(),
                        pass.value(cosines.to));
}

void run_backward(const Pass&, const Cosines&) {}

MergeShape shape_of(const Pass& pass, const Merge& merge) {
  const Slot& slot = pass.slot(merge.to);
  return {pass.rows, pass.taus_per_row(), slot.columns, pass.slot(merge.features).stride, slot.stride};
}

void run_forward(const Pass& pass, const Merge& merge) {
  pass.kernels->merge(shape_of(pass, merge), pass.value(merge.features), pass.value(merge.embedding),
                      pass.value(merge.to));
}

// Features that are the network's input need no gradient.
void run_backward(const Pass& pass, const Merge& merge) {
  const bool inner = pass.slot(merge.features).needs_gradient;
  pass.kernels->merge_backward(shape_of(pass, merge), pass.value(merge.features), pass.value(merge.embedding),
                               pass.gradient(merge.to), inner ? pass.gradient(merge.features) : nullptr,
                               pass.gradient(merge.embedding));
}

}  // namespace

void forward(const Pass& pass, const Operation& operation) {
  std::visit([&](const auto& kind) { run_forward(pass, kind); }, operation);
}

void backward(const Pass& pass, const Operation& operation) {
  std::visit([&](const auto& kind) { run_backward(pass, kind); }, operation);
}

float noise_factor(double normal) { return static_cast<float>(std::copysign(std::sqrt(std::abs(normal)), normal)); }

void apply_noise(const Kernels& kernels, const Dense& layer, const NetworkLayout& layout, const float* parameters,
                 const float* noise, float* effective) {
  const auto begin = [&](size_t tensor) { return layout.tensors[tensor].begin; };
  const float* const weight = parameters + begin(layer.weight);
  const float* const weight_sigma = parameters + begin(layer.bias + 1);
  const float* const bias = parameters + begin(layer.bias);
  const float* const bias_sigma = parameters + begin(layer.bias + 2);
  const int64_t size = layer.out / layer.blocks;
  for_each_block(layer, noise, [&](int64_t first, const float* in, const float* out) {
    const int64_t at = first * layer.in;
    kernels.scale_by_noise({size, layer.in}, in, out, weight_sigma + at, weight + at,
                           effective + begin(layer.weight) + at);
    for (int64_t o = first; o < first + size; ++o)
      effective[begin(layer.bias) + o] = bias[o] + bias_sigma[o] * out[o - first];
  });
}

}  // namespace deepq
