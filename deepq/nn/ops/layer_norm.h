// Layer normalisation (Ba et al. 2016) and ReLU: to = max(0, gain (x - mean) / sqrt(variance + epsilon) + bias), mean
// and variance over each block of columns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

inline constexpr float kLayerNormEpsilon = 1e-5f;  // PyTorch's default

struct LayerNorm {
  size_t from, to;
  int64_t blocks;
  size_t gain, bias;
  int64_t statistics;  // where mean and 1 / standard deviation of each row and block are kept

  void prepare(const Preparation& preparation) const;
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

// Of the layer that was named last, whose outputs `from` are.
size_t add_layer_norm(LayoutBuilder& builder, size_t from, int64_t blocks);

}  // namespace deepq
