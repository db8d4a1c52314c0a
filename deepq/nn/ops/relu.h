// to = max(0, from), where nothing before it could do so in passing: at the beginning of a residual block, whose input
// is needed as it is for the way around.
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Relu {
  size_t from, to;
  bool joins;  // another operation reads `from` too: what it has written as its gradient is added to

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

// `joins`: an Add after this one reads `from` as well.
size_t add_relu(LayoutBuilder& builder, size_t from, bool joins);

}  // namespace deepq
