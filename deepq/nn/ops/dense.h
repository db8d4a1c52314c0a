// A fully connected layer: to = x weight^T + bias, then ReLU if `relu`, x being `in` columns of `from`. With factorised
// noise (Fortunato et al. 2018, section 3) weight and bias are mu + sigma times noise that is the same for all rows;
// the output's columns form `blocks` with noise of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Dense {
  size_t from, to;
  int64_t from_column, in, out;
  size_t weight, bias;  // tensors
  int64_t transposed;   // where its transposed weights begin
  bool relu;
  bool noisy;             // then tensors weight_sigma and bias_sigma follow bias
  int64_t blocks, noise;  // where its noise begins: for each block `in` numbers, then `out` / blocks

  void prepare(const Preparation& preparation) const;  // mu + sigma * noise, and the transposed weights
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout&) const { return in * out; }
  void lower(Lowering& lowering) const;

  LayerWeights weights(const Pass& pass, int64_t first_output = 0) const;
};

struct DenseSpec {
  int64_t out;
  bool relu = false;
  bool never_noisy = false;
  bool convolution = false;  // never noisy; rows without gaps, so that the positions lie side by side
  int64_t positions = 0;     // 0: as many as the input has
  int64_t blocks = 1;
  int64_t from_column = 0, in = 0;  // 0: all columns
  std::string name = "";            // "": the next number
};

// With its activation and its tensors, but not yet among the operations.
Dense make_dense(LayoutBuilder& builder, size_t from, const DenseSpec& spec);

// Returns the activation that it writes, as all add_... do.
size_t add_dense(LayoutBuilder& builder, size_t from, const DenseSpec& spec);

// f(x) = sign(x) sqrt(|x|), which makes the factors of the noise (Fortunato et al. 2018, equation 11).
float noise_factor(double normal);

}  // namespace deepq
