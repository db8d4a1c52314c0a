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

// Calls visit(floats of the image, floats of the patch, count) for every run of floats that a patch takes.
template <class Visit>
void for_each_run(const Pass& pass, const Patches& patches, const Visit& visit) {
  const Slot& image = pass.slot(patches.from);
  const Slot& rows = pass.slot(patches.to);
  const int64_t run = patches.kernel * patches.channels, line = patches.width * patches.channels;
  for (int64_t r = 0; r < pass.rows; ++r) {
    int64_t to = r * rows.positions * rows.stride;
    for (int64_t y = 0; y < patches.out_height; ++y)
      for (int64_t x = 0; x < patches.out_width; ++x, to += rows.stride) {
        const int64_t from = r * image.stride + y * patches.stride * line + x * patches.stride * patches.channels;
        for (int64_t k = 0; k < patches.kernel; ++k) visit(from + k * line, to + k * run, run);
      }
  }
}

void run_forward(const Pass& pass, const Patches& patches) {
  const float* const image = pass.value(patches.from);
  float* const rows = pass.value(patches.to);
  for_each_run(pass, patches,
               [&](int64_t from, int64_t to, int64_t count) { std::copy_n(image + from, count, rows + to); });
}

void run_backward(const Pass& pass, const Patches& patches) {
  const Slot& slot = pass.slot(patches.from);
  if (!slot.needs_gradient) return;
  float* const image = pass.gradient(patches.from);
  const float* const rows = pass.gradient(patches.to);
  const float* const value = pass.value(patches.from);
  std::fill_n(image, pass.rows * slot.stride, 0.0f);
  for_each_run(pass, patches, [&](int64_t from, int64_t to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) image[from + i] += rows[to + i];
  });
  for (int64_t i = 0; slot.rectified && i < pass.rows * slot.stride; ++i) image[i] = value[i] > 0 ? image[i] : 0;
}

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
