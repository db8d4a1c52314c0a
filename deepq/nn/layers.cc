#include "deepq/nn/layers.h"

#include <algorithm>
#include <cmath>

namespace deepq {
namespace {

LayerShape shape_of(const Pass& pass, const Dense& layer) {
  return {pass.rows_of(layer.to), layer.in, layer.out, pass.slot(layer.from).stride, pass.slot(layer.to).stride};
}

// Waking a thread takes as long as some hundred thousand multiplications.
constexpr int64_t kThreadWork = 1 << 18;

// The least number of items, each of so many multiplications, that are worth a thread: a multiple of `step`.
int64_t grain_of(int64_t work, int64_t step = 1) {
  const int64_t items = (kThreadWork + work - 1) / work;
  return (items + step - 1) / step * step;
}

LayerWeights weights_of(const Pass& pass, const Dense& layer, int64_t first_output = 0) {
  const int64_t at = first_output * layer.in;
  return {pass.parameter(layer.weight) + at, pass.transposed + layer.transposed + at,
          pass.parameter(layer.bias) + first_output};
}

// Threads share the outputs where there are panels of them for each, so that a weight is read once; else the rows.
void run_forward(const Pass& pass, const Dense& layer) {
  const LayerShape shape = shape_of(pass, layer);
  const float* const x = pass.value(layer.from) + layer.from_column;
  float* const y = pass.value(layer.to);
  if (layer.out >= pass.team->size() * kPanel) {
    pass.team->split(layer.out, grain_of(shape.rows * shape.in, kPanel), [&](int64_t first, int64_t count) {
      LayerShape part = shape;
      part.out = count;
      pass.kernels->forward(part, x, weights_of(pass, layer, first), layer.relu, y + first);
    });
  } else {
    pass.team->split(shape.rows, grain_of(shape.in * shape.out), [&](int64_t first, int64_t count) {
      LayerShape part = shape;
      part.rows = count;
      pass.kernels->forward(part, x + first * shape.in_stride, weights_of(pass, layer), layer.relu,
                            y + first * shape.out_stride);
    });
  }
}

// Calls visit(first output, outputs, noise of inputs, noise of those outputs) for each of the layer's blocks, or the
// part of it that is among the `count` outputs from `begin` on.
template <class Visit>
void for_each_block(const Dense& layer, const float* noise, int64_t begin, int64_t count, const Visit& visit) {
  const int64_t size = layer.out / layer.blocks;
  for (int64_t first = begin; first < begin + count;) {
    const int64_t block = first / size, end = std::min(begin + count, (block + 1) * size);
    const float* const in = noise + layer.noise + block * (layer.in + size);
    visit(first, end - first, in, in + layer.in + first - block * size);
    first = end;
  }
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

void run_backward(const Pass& pass, const Dense& layer) {
  const LayerShape shape = shape_of(pass, layer);
  const float* const x = pass.value(layer.from) + layer.from_column;
  const float* const dy = pass.gradient(layer.to);
  pass.team->split(shape.out, grain_of(shape.rows * shape.in), [&](int64_t first, int64_t count) {
    LayerShape part = shape;
    part.out = count;
    pass.kernels->backward_weights(part, dy + first, x, pass.parameter_gradient(layer.weight) + first * shape.in,
                                   pass.parameter_gradient(layer.bias) + first);
  });
  if (layer.noisy) noise_gradients(pass, layer);
  if (!pass.slot(layer.from).needs_gradient) return;
  float* const dx = pass.gradient(layer.from) + layer.from_column;
  pass.team->split(shape.rows, grain_of(shape.in * shape.out), [&](int64_t first, int64_t count) {
    LayerShape part = shape;
    part.rows = count;
    pass.kernels->backward_input(part, dy + first * shape.out_stride, pass.parameter(layer.weight),
                                 pass.slot(layer.from).rectified ? x + first * shape.in_stride : nullptr,
                                 dx + first * shape.in_stride);
  });
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
  const int64_t outputs = pass.slot(dense.to).positions * dense.out;
  pass.team->split(pass.rows, grain_of(outputs * dense.in), [&](int64_t first, int64_t count) {
    pass.kernels->convolve(count, layer.shape, pass.value(dense.from) + first * layer.shape.image_stride,
                           weights_of(pass, dense), dense.relu, pass.value(dense.to) + first * outputs);
  });
}

// Of some images; their patches' gradients are computed in the memory given, `layer.images` at a time.
void image_gradients(const Pass& pass, const Convolution& layer, int64_t begin, int64_t count, float* patches) {
  const Dense& dense = layer.dense;
  const Slot& image = pass.slot(dense.from);
  const int64_t positions = pass.slot(dense.to).positions, patch_stride = padded_size(dense.in);
  for (int64_t first = begin; first < begin + count; first += layer.images) {
    const int64_t images = std::min(layer.images, begin + count - first);
    pass.kernels->backward_input({images * positions, dense.in, dense.out, patch_stride, dense.out},
                                 pass.gradient(dense.to) + first * positions * dense.out, pass.parameter(dense.weight),
                                 nullptr, patches);
    pass.kernels->add_patches(images, layer.shape, patches, patch_stride,
                              image.rectified ? pass.value(dense.from) + first * image.stride : nullptr,
                              pass.gradient(dense.from) + first * image.stride);
  }
}

// The image's gradient is a product, that of its patches, whose numbers are then added where they come from; a few
// images at a time, so that the patches stay in the cache.
void run_backward(const Pass& pass, const Convolution& layer) {
  const Dense& dense = layer.dense;
  const int64_t work = pass.slot(dense.to).positions * dense.in;
  pass.team->split(dense.out, grain_of(pass.rows * work), [&](int64_t first, int64_t count) {
    ConvolutionShape part = layer.shape;
    part.out = count;
    pass.kernels->convolve_weights(pass.rows, part, pass.gradient(dense.to) + first, pass.value(dense.from),
                                   pass.parameter_gradient(dense.weight) + first * dense.in,
                                   pass.parameter_gradient(dense.bias) + first);
  });
  if (!pass.slot(dense.from).needs_gradient) return;
  pass.team->split(pass.rows, grain_of(work * dense.out), [&](int64_t first, int64_t count, int64_t thread) {
    image_gradients(pass, layer, first, count, pass.patches + thread * pass.patch_floats);
  });
}

void run_forward(const Pass& pass, const Interleave& operation) {
  const Slot& slot = pass.slot(operation.to);
  pass.team->split(pass.rows, grain_of(slot.columns), [&](int64_t first, int64_t count) {
    for (int64_t r = first; r < first + count; ++r)
      pass.kernels->interleave(operation.channels, slot.columns / operation.channels, operation.scale,
                               pass.value(operation.from) + r * slot.stride,
                               pass.value(operation.to) + r * slot.stride);
  });
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
                 const float* noise, int64_t first_output, int64_t outputs, float* effective) {
  const auto begin = [&](size_t tensor) { return layout.tensors[tensor].begin; };
  const float* const weight = parameters + begin(layer.weight);
  const float* const weight_sigma = parameters + begin(layer.bias + 1);
  const float* const bias = parameters + begin(layer.bias);
  const float* const bias_sigma = parameters + begin(layer.bias + 2);
  const auto part = [&](int64_t first, int64_t size, const float* in, const float* out) {
    const int64_t at = first * layer.in;
    kernels.scale_by_noise({size, layer.in}, in, out, weight_sigma + at, weight + at,
                           effective + begin(layer.weight) + at);
    for (int64_t o = first; o < first + size; ++o)
      effective[begin(layer.bias) + o] = bias[o] + bias_sigma[o] * out[o - first];
  };
  for_each_block(layer, noise, first_output, outputs, part);
}

}  // namespace deepq
