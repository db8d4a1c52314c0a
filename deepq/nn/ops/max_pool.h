// The largest number under a square kernel, channel by channel, over images of [height, width, channels]. Around the
// image there is nothing: `padding` only says how far the kernel reaches beyond its edges.
#pragma once

#include "deepq/nn/image.h"
#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct MaxPool {
  size_t from, to;
  PoolShape shape;

  void prepare(const Preparation&) const {}
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

struct MaxPoolSpec {
  int64_t kernel, stride, padding;
};

Image add_max_pool(LayoutBuilder& builder, const Image& from, const MaxPoolSpec& spec);

}  // namespace deepq
