// What an operation is told when it is carried out: the memory of the Network, the arithmetic, the threads.
#pragma once

#include <algorithm>
#include <span>

#include "deepq/nn/layout.h"
#include "deepq/nn/network.h"
#include "deepq/nn/team.h"

namespace deepq {

// Between two passes: what is computed from the parameters and the noise, until one of them changes.
struct Preparation {
  const Kernels* kernels;
  const NetworkLayout* layout;
  const float* parameters;  // the arena: mu of layers that are noisy
  const float* noise;
  float* effective;  // what the layers compute with: the arena again in a network without noise
  float* transposed;
  Team* team;

  // effective <- parameters
  void keep(size_t tensor) const {
    const ParameterTensor& from = layout->tensors[tensor];
    if (effective != parameters) std::copy_n(parameters + from.begin, from.size(), effective + from.begin);
  }
};

// One pass through the network.
struct Pass {
  const Kernels* kernels;
  const NetworkLayout* layout;
  const float* parameters;  // what the layers compute with: the arena, or mu + sigma * noise
  float* parameter_gradients;
  const float* transposed;
  const float* noise;
  float* input;      // activation 0
  float* values;     // the other activations
  float* gradients;  // likewise; null in a network that is not trained
  float* statistics;
  float* patches;  // the gradients of those of the convolution at work: so many floats for each thread
  int64_t patch_floats;
  Team* team;  // which computes it
  std::span<const float> fractions;
  Sequences sequences;  // of networks with memory
  int64_t rows;

  const Activation& activation(size_t i) const { return layout->activations[i]; }
  float* value(size_t i) const { return i == 0 ? input : values + activation(i).begin; }
  float* gradient(size_t i) const { return gradients + activation(i).begin; }
  int64_t fractions_per_row() const { return static_cast<int64_t>(fractions.size()) / rows; }
  int64_t rows_of(size_t i) const {
    return rows * activation(i).positions * (activation(i).per_fraction ? fractions_per_row() : 1);
  }
  const float* parameter(size_t tensor) const { return parameters + layout->tensors[tensor].begin; }
  float* parameter_gradient(size_t tensor) const { return parameter_gradients + layout->tensors[tensor].begin; }
};

// Waking a thread takes as long as some hundred thousand multiplications.
inline constexpr int64_t kThreadWork = 1 << 18;

// The least number of items, each of so many multiplications, that are worth a thread: a multiple of `step`.
inline int64_t grain_of(int64_t work, int64_t step = 1) {
  const int64_t items = (kThreadWork + work - 1) / work;
  return (items + step - 1) / step * step;
}

}  // namespace deepq
