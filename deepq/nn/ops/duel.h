// Dueling (Wang et al. 2016, equation 9): to[a, w] = value[w] + advantage[a, w] - mean over a of advantage[a, w].
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Duel {
  size_t value, advantage, to;
  int64_t actions, width;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout&) const { return actions * width; }
  void lower(Lowering& lowering) const;
};

size_t add_duel(LayoutBuilder& builder, size_t value, size_t advantage);

}  // namespace deepq
