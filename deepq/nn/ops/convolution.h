// The same layer for each position of a square kernel over an image of [height, width, channels]: what lies under the
// kernel is a row of x.
#pragma once

#include "deepq/nn/ops/dense.h"

namespace deepq {

struct Convolution {
  Dense dense;  // from and to are whole images
  ConvolutionShape shape;
  size_t flat;     // the activation that is `to` seen as one row for each image: the same floats
  int64_t images;  // so many go back through it together

  void prepare(const Preparation& preparation) const { dense.prepare(preparation); }
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

// An image with the channels last, as an activation of one row.
struct Image {
  size_t activation;
  int64_t height, width;
};

struct ConvolutionSpec {
  int64_t channels, kernel, stride;
};

// The kernel must fit into the image.
Image add_convolution(LayoutBuilder& builder, const Image& from, const ConvolutionSpec& spec);

}  // namespace deepq
