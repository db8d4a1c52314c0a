// Quantile fractions as numbers that a layer can use: to = cos(pi k fraction), k = 0 ... columns - 1, a row for each
// fraction (Dabney, Ostrovski et al. 2018, equation 4).
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct CosineEmbedding {
  size_t to;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass&) const {}
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

size_t add_cosine_embedding(LayoutBuilder& builder);

}  // namespace deepq
