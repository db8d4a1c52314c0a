// Implicit quantiles: to = features * embedding, number by number, for every fraction of each row of features. Both
// come out of ReLUs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Multiply {
  size_t features, embedding, to;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

size_t add_multiply(LayoutBuilder& builder, size_t features, size_t embedding);

}  // namespace deepq
