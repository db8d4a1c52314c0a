#include "deepq/nn/layers.h"

#include <algorithm>
#include <cmath>

namespace deepq {
namespace {

constexpr float kNormEpsilon = 1e-5f;  // PyTorch's default

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

// Calls visit(floats of the image, floats of the patch, count) for every run of floats that a patch takes, image by
// image.
template <class Visit>
void for_each_run(const Pass& pass, const Convolution& layer, int64_t images, const Visit& visit) {
  const int64_t image_stride = pass.slot(layer.dense.from).stride, patch_stride = padded_size(layer.dense.in);
  const int64_t side = layer.channels_first ? 1 : layer.channels;  // floats from a pixel to its neighbour
  const int64_t run = layer.kernel * side, line = layer.width * side, runs = layer.dense.in / run;
  for (int64_t i = 0, to = 0; i < images; ++i)
    for (int64_t y = 0; y < layer.out_height; ++y)
      for (int64_t x = 0; x < layer.out_width; ++x, to += patch_stride) {
        const int64_t from = i * image_stride + layer.stride * (y * line + x * side);
        for (int64_t k = 0; k < runs; ++k)
          visit(from + (k / layer.kernel * layer.height + k % layer.kernel) * line, to + k * run, run);
      }
}

LayerShape patch_shape(const Convolution& layer, int64_t images) {
  return {images * layer.positions(), layer.dense.in, layer.dense.out, padded_size(layer.dense.in), layer.dense.out};
}

void fill_patches(const Pass& pass, const Convolution& layer, int64_t first, int64_t images) {
  const float* const image = pass.value(layer.dense.from) + first * pass.slot(layer.dense.from).stride;
  for_each_run(pass, layer, images, [&](int64_t from, int64_t to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) pass.patches[to + i] = layer.scale * image[from + i];
  });
}

// Calls work(first image, number of images) until all have been there.
template <class Work>
void in_turns(const Pass& pass, const Convolution& layer, const Work& work) {
  for (int64_t first = 0; first < pass.rows; first += layer.images)
    work(first, std::min(layer.images, pass.rows - first));
}

void run_forward(const Pass& pass, const Convolution& layer) {
  const Dense& dense = layer.dense;
  const LayerWeights weights{pass.parameter(dense.weight), pass.transposed + dense.transposed,
                             pass.parameter(dense.bias)};
  in_turns(pass, layer, [&](int64_t first, int64_t images) {
    fill_patches(pass, layer, first, images);
    pass.kernels->forward(patch_shape(layer, images), pass.patches, weights, dense.relu,
                          pass.value(dense.to) + first * layer.positions() * dense.out);
  });
}

// The image's gradient from that of its patches, with the derivative of the ReLU that it came out of.
void add_patches(const Pass& pass, const Convolution& layer, int64_t first, int64_t images) {
  const Slot& slot = pass.slot(layer.dense.from);
  float* const image = pass.gradient(layer.dense.from) + first * slot.stride;
  const float* const value = pass.value(layer.dense.from) + first * slot.stride;
  std::fill_n(image, images * slot.stride, 0.0f);
  for_each_run(pass, layer, images, [&](int64_t from, int64_t to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) image[from + i] += pass.patch_gradients[to + i];
  });
  for (int64_t i = 0; slot.rectified && i < images * slot.stride; ++i) image[i] = value[i] > 0 ? image[i] : 0;
}

void run_backward(const Pass& pass, const Convolution& layer) {
  const Dense& dense = layer.dense;
  float* const dweight = pass.parameter_gradient(dense.weight);
  float* const dbias = pass.parameter_gradient(dense.bias);
  const int64_t weights = dense.out * dense.in;
  in_turns(pass, layer, [&](int64_t first, int64_t images) {
    const LayerShape shape = patch_shape(layer, images);
    const float* const dy = pass.gradient(dense.to) + first * layer.positions() * dense.out;
    fill_patches(pass, layer, first, images);
    float* const turn = first == 0 ? dweight : pass.weight_gradients;
    float* const turn_bias = first == 0 ? dbias : pass.weight_gradients + weights;
    pass.kernels->backward_weights(shape, dy, pass.patches, turn, turn_bias);
    for (int64_t i = 0; first > 0 && i < weights; ++i) dweight[i] += turn[i];
    for (int64_t i = 0; first > 0 && i < dense.out; ++i) dbias[i] += turn_bias[i];
    if (!pass.slot(dense.from).needs_gradient) return;
    pass.kernels->backward_input(shape, dy, pass.parameter(dense.weight), nullptr, pass.patch_gradients);
    add_patches(pass, layer, first, images);
  });
}

void run_forward(const Pass& pass, const Scale& scale) {
  const int64_t floats = pass.rows * pass.slot(scale.to).stride;
  for (int64_t i = 0; i < floats; ++i) pass.value(scale.to)[i] = scale.scale * pass.value(scale.from)[i];
}

void run_backward(const Pass&, const Scale&) {}

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
