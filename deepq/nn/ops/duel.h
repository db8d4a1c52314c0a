// Dueling (Wang et al. 2016, equation 9): to[a, w] = value[w] + advantage[a, w] - mean over a of advantage[a, w]; of
// several axes of actions the mean is over the axis of a (Tavakoli et al. 2018, equation 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Duel {
  size_t value, advantage, to;
  std::vector<int64_t> axes;  // actions of each
  int64_t width;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout&) const;
  void lower(Lowering& lowering) const;
};

size_t add_duel(LayoutBuilder& builder, size_t value, size_t advantage);

}  // namespace deepq
