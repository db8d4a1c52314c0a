#include "deepq/nn/layers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

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

// dsigma = dmu * noise: mu and sigma enter only through mu + sigma * noise.
void noise_gradients(const Pass& pass, const Dense& layer) {
  const float* dweight = pass.parameter_gradient(layer.weight);
  const float* dbias = pass.parameter_gradient(layer.bias);
  float* dweight_sigma = pass.parameter_gradient(layer.bias + 1);
  float* dbias_sigma = pass.parameter_gradient(layer.bias + 2);
  const float* noise = pass.noise + layer.noise;
  const int64_t block = layer.out / layer.blocks;
  for (int64_t o = 0; o < layer.out; ++o) {
    const float* in = noise + o / block * (layer.in + block);
    const float out = in[layer.in + o % block];
    for (int64_t i = 0; i < layer.in; ++i) dweight_sigma[o * layer.in + i] = dweight[o * layer.in + i] * (out * in[i]);
    dbias_sigma[o] = dbias[o] * out;
  }
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
  const int64_t rows = pass.rows_of(duel.to), width = duel.width;
  for (int64_t r = 0; r < rows; ++r) {
    const float* const value = pass.value(duel.value) + r * pass.slot(duel.value).stride;
    const float* const advantage = pass.value(duel.advantage) + r * pass.slot(duel.advantage).stride;
    float* const to = pass.value(duel.to) + r * pass.slot(duel.to).stride;
    for (int64_t w = 0; w < width; ++w) {
      float mean = 0;
      for (int64_t a = 0; a < duel.actions; ++a) mean += advantage[a * width + w];
      const float shift = value[w] - mean / static_cast<float>(duel.actions);
      for (int64_t a = 0; a < duel.actions; ++a) to[a * width + w] = advantage[a * width + w] + shift;
    }
  }
}

void run_backward(const Pass& pass, const Duel& duel) {
  const int64_t rows = pass.rows_of(duel.to), width = duel.width;
  for (int64_t r = 0; r < rows; ++r) {
    const float* const from = pass.gradient(duel.to) + r * pass.slot(duel.to).stride;
    float* const value = pass.gradient(duel.value) + r * pass.slot(duel.value).stride;
    float* const advantage = pass.gradient(duel.advantage) + r * pass.slot(duel.advantage).stride;
    for (int64_t w = 0; w < width; ++w) {
      float sum = 0;
      for (int64_t a = 0; a < duel.actions; ++a) sum += from[a * width + w];
      value[w] = sum;
      for (int64_t a = 0; a < duel.actions; ++a)
        advantage[a * width + w] = from[a * width + w] - sum / static_cast<float>(duel.actions);
    }
  }
}

// cos(k x) = 2 cos(x) cos((k - 1) x) - cos((k - 2) x), in double: one cosine for each tau instead of 64, and eight taus
// at a time, for each step waits for the one before.
void run_forward(const Pass& pass, const Cosines& cosines) {
  const Slot& slot = pass.slot(cosines.to);
  constexpr size_t kTogether = 8;
  for (size_t t = 0; t < pass.taus.size(); t += kTogether) {
    const size_t count = std::min(kTogether, pass.taus.size() - t);
    float* const to = pass.value(cosines.to) + static_cast<int64_t>(t) * slot.stride;
    std::array<double, kTogether> twice{}, before{}, now{};
    for (size_t i = 0; i < count; ++i) {
      now[i] = std::cos(std::numbers::pi * static_cast<double>(pass.taus[t + i]));
      twice[i] = 2 * now[i];
      before[i] = to[static_cast<int64_t>(i) * slot.stride] = 1;
    }
    for (int64_t k = 1; k < slot.columns; ++k) {
      for (size_t i = 0; i < count; ++i) to[static_cast<int64_t>(i) * slot.stride + k] = static_cast<float>(now[i]);
      for (size_t i = 0; i < kTogether; ++i) {
        const double next = twice[i] * now[i] - before[i];
        before[i] = now[i];
        now[i] = next;
      }
    }
  }
}

void run_backward(const Pass&, const Cosines&) {}

void run_forward(const Pass& pass, const Merge& merge) {
  const int64_t taus = pass.taus_per_row(), columns = pass.slot(merge.to).columns;
  for (int64_t r = 0; r < pass.rows; ++r) {
    const float* const features = pass.value(merge.features) + r * pass.slot(merge.features).stride;
    for (int64_t t = r * taus; t < (r + 1) * taus; ++t) {
      const float* const embedding = pass.value(merge.embedding) + t * pass.slot(merge.embedding).stride;
      float* const to = pass.value(merge.to) + t * pass.slot(merge.to).stride;
      for (int64_t c = 0; c < columns; ++c) to[c] = features[c] * embedding[c];
    }
  }
}

// Both factors come out of ReLUs, but for features that are the network's input, which needs no gradient.
void run_backward(const Pass& pass, const Merge& merge) {
  const int64_t taus = pass.taus_per_row(), columns = pass.slot(merge.to).columns;
  const bool inner = pass.slot(merge.features).needs_gradient;
  for (int64_t r = 0; r < pass.rows; ++r) {
    const float* const features = pass.value(merge.features) + r * pass.slot(merge.features).stride;
    float* const dfeatures = inner ? pass.gradient(merge.features) + r * pass.slot(merge.features).stride : nullptr;
    if (inner) std::fill_n(dfeatures, columns, 0.0f);
    for (int64_t t = r * taus; t < (r + 1) * taus; ++t) {
      const float* const from = pass.gradient(merge.to) + t * pass.slot(merge.to).stride;
      const float* const embedding = pass.value(merge.embedding) + t * pass.slot(merge.embedding).stride;
      float* const dembedding = pass.gradient(merge.embedding) + t * pass.slot(merge.embedding).stride;
      for (int64_t c = 0; c < columns; ++c) dembedding[c] = embedding[c] > 0 ? from[c] * features[c] : 0;
      for (int64_t c = 0; inner && c < columns; ++c) dfeatures[c] += from[c] * embedding[c];
    }
    for (int64_t c = 0; inner && c < columns; ++c) dfeatures[c] = features[c] > 0 ? dfeatures[c] : 0;
  }
}

}  // namespace

void forward(const Pass& pass, const Operation& operation) {
  std::visit([&](const auto& kind) { run_forward(pass, kind); }, operation);
}

void backward(const Pass& pass, const Operation& operation) {
  std::visit([&](const auto& kind) { run_backward(pass, kind); }, operation);
}

float noise_factor(double normal) { return static_cast<float>(std::copysign(std::sqrt(std::abs(normal)), normal)); }

void apply_noise(const Dense& layer, const NetworkLayout& layout, const float* parameters, const float* noise,
                 float* effective) {
  const auto begin = [&](size_t tensor) { return layout.tensors[tensor].begin; };
  const float* const weight = parameters + begin(layer.weight);
  const float* const weight_sigma = parameters + begin(layer.bias + 1);
  const int64_t block = layer.out / layer.blocks;
  for (int64_t o = 0; o < layer.out; ++o) {
    const float* const in = noise + layer.noise + o / block * (layer.in + block);
    const float out = in[layer.in + o % block];
    for (int64_t i = 0; i < layer.in; ++i) {
      const int64_t at = o * layer.in + i;
      effective[begin(layer.weight) + at] = weight[at] + weight_sigma[at] * (out * in[i]);
    }
    effective[begin(layer.bias) + o] = parameters[begin(layer.bias) + o] + parameters[begin(layer.bias + 2) + o] * out;
  }
}

}  // namespace deepq
