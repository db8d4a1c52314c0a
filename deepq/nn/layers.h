// Carries out the operations of a NetworkLayout, forwards and backwards. Every function works on memory of the Network.
#pragma once

#include <span>

#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/layout.h"
#include "deepq/nn/team.h"

namespace deepq {

// One pass through the network.
struct Pass {
  const Kernels* kernels;
  const NetworkLayout* layout;
  const float* parameters;  // what the layers compute with: the arena, or mu + sigma * noise
  float* parameter_gradients;
  const float* transposed;
  const float* noise;
  float* input;      // slot 0
  float* values;     // the other slots
  float* gradients;  // likewise; null in a network that is not trained
  float* statistics;
  float* patches;  // the gradients of those of the convolution at work: so many floats for each thread
  int64_t patch_floats;
  Team* team;  // which computes it
  std::span<const float> taus;
  int64_t rows;

  const Slot& slot(size_t i) const { return layout->slots[i]; }
  float* value(size_t i) const { return i == 0 ? input : values + slot(i).begin; }
  float* gradient(size_t i) const { return gradients + slot(i).begin; }
  int64_t taus_per_row() const { return static_cast<int64_t>(taus.size()) / rows; }
  int64_t rows_of(size_t i) const { return rows * slot(i).positions * (slot(i).per_tau ? taus_per_row() : 1); }
  const float* parameter(size_t tensor) const { return parameters + layout->tensors[tensor].begin; }
  float* parameter_gradient(size_t tensor) const { return parameter_gradients + layout->tensors[tensor].begin; }
};

void forward(const Pass& pass, const Operation& operation);

// The gradient of the slot that the operation writes must be there; fills the gradients of its parameters and of the
// slots it reads. Where those come out of a ReLU, its derivative is applied too.
void backward(const Pass& pass, const Operation& operation);

// f(x) = sign(x) sqrt(|x|), which makes the factors of the noise (Fortunato et al. 2018, equation 11).
float noise_factor(double normal);

// effective = mu + sigma * noise for the weights and biases of some of a layer's outputs; without noise, mu.
void apply_noise(const Kernels& kernels, const Dense& layer, const NetworkLayout& layout, const float* parameters,
                 const float* noise, int64_t first_output, int64_t outputs, float* effective);

}  // namespace deepq
