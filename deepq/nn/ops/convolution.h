// The same layer for each position of a square kernel over an image of [height, width, channels]: what lies under the
// kernel is a row of x. With padding the image lies in one with a border of zeros, and the kernel goes over that.
#pragma once

#include "deepq/nn/image.h"
#include "deepq/nn/ops/dense.h"

namespace deepq {

struct Convolution {
  Dense dense;             // from and to are whole images
  ConvolutionShape shape;  // height and width with the border
  int64_t padding;         // its width
  size_t padded;           // the activation that has it: without padding, `from`
  size_t flat;             // the activation that is `to` seen as one row for each image: the same floats
  int64_t images;          // so many go back through it together

  void prepare(const Preparation& preparation) const { dense.prepare(preparation); }
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;
};

struct ConvolutionSpec {
  int64_t channels, kernel, stride, padding = 0;
  bool relu = true;
};

// The kernel must fit into the image and its border.
Image add_convolution(LayoutBuilder& builder, const Image& from, const ConvolutionSpec& spec);

}  // namespace deepq
