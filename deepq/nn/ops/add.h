// to = around + through: the end of a residual block (He et al. 2016).
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Add {
  size_t around, through, to;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;  // of what reads `around` the last, so the first to write its gradient
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

// Neither may come out of a ReLU.
size_t add_add(LayoutBuilder& builder, size_t around, size_t through);

}  // namespace deepq
