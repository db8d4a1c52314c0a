// to = the parts side by side, each times its scale: pictures' features and other numbers of an observation, before the
// hidden layers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Join {
  // `columns` of an activation, from one on.
  struct Part {
    size_t from;
    int64_t from_column, columns;
    float scale;  // 1 where a gradient goes back
  };

  std::vector<Part> parts;
  size_t to;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

size_t add_join(LayoutBuilder& builder, std::vector<Join::Part> parts);

}  // namespace deepq
