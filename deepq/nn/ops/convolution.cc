#include "deepq/nn/ops/convolution.h"

#include <algorithm>

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

// Floats of the patches' gradients that a convolution works on at a time, unless one image has more: 3/4 MB, about half
// of a second-level cache.
constexpr int64_t kPatchFloats = 3 << 16;

// Calls visit(floats of a line, where it begins in the image, where in the one with a border) for each line of `count`
// images.
template <class Visit>
void over_lines(const Pass& pass, const Convolution& layer, int64_t first, int64_t count, const Visit& visit) {
  const ConvolutionShape& s = layer.shape;
  const int64_t height = s.height - 2 * layer.padding, line = (s.width - 2 * layer.padding) * s.channels;
  const int64_t image_stride = pass.activation(layer.dense.from).stride;
  for (int64_t i = first; i < first + count; ++i)
    for (int64_t row = 0; row < height; ++row)
      visit(line, i * image_stride + row * line,
            i * s.image_stride + ((row + layer.padding) * s.width + layer.padding) * s.channels);
}

// The border stays what all memory of a network begins as, zero.
void pad(const Pass& pass, const Convolution& layer, int64_t first, int64_t count) {
  const float* const image = pass.value(layer.dense.from);
  float* const padded = pass.value(layer.padded);
  over_lines(pass, layer, first, count,
             [&](int64_t floats, int64_t at, int64_t to) { std::copy_n(image + at, floats, padded + to); });
}

void crop_gradient(const Pass& pass, const Convolution& layer, int64_t first, int64_t count) {
  const float* const padded = pass.gradient(layer.padded);
  float* const image = pass.gradient(layer.dense.from);
  over_lines(pass, layer, first, count,
             [&](int64_t floats, int64_t to, int64_t at) { std::copy_n(padded + at, floats, image + to); });
}

// Of some images; their patches' gradients are computed in the memory given, `layer.images` at a time.
void image_gradients(const Pass& pass, const Convolution& layer, int64_t begin, int64_t count, float* patches) {
  const Dense& dense = layer.dense;
  const Activation& image = pass.activation(layer.padded);
  const int64_t positions = pass.activation(dense.to).positions, patch_stride = padded_size(dense.in);
  for (int64_t first = begin; first < begin + count; first += layer.images) {
    const int64_t images = std::min(layer.images, begin + count - first);
    pass.kernels->backward_input({images * positions, dense.in, dense.out, patch_stride, dense.out},
                                 pass.gradient(dense.to) + first * positions * dense.out, pass.parameter(dense.weight),
                                 nullptr, patches);
    pass.kernels->add_patches(images, layer.shape, patches, patch_stride,
                              image.rectified ? pass.value(layer.padded) + first * image.stride : nullptr,
                              pass.gradient(layer.padded) + first * image.stride);
  }
  if (layer.padding > 0) crop_gradient(pass, layer, begin, count);
}

}  // namespace

int64_t Convolution::cost(const NetworkLayout& layout) const {
  return layout.activations[dense.to].positions * dense.in * dense.out;
}

void Convolution::forward(const Pass& pass) const {
  const int64_t outputs = pass.activation(dense.to).positions * dense.out;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    if (padding > 0) pad(pass, *this, first, count);
    pass.kernels->convolve(count, shape, pass.value(padded) + first * shape.image_stride, dense.weights(pass),
                           dense.relu, pass.value(dense.to) + first * outputs);
  });
}

// The image's gradient is a product, that of its patches, whose numbers are then added where they come from; a few
// images at a time, so that the patches stay in the cache.
void Convolution::backward(const Pass& pass) const {
  const int64_t work = pass.activation(dense.to).positions * dense.in;  // for one output
  pass.team->split(dense.out, grain_of(pass.rows * work), [&](int64_t first, int64_t count) {
    // Threads share the outputs: each weight's gradient is one thread's sum, in one order.
    ConvolutionShape part = shape;
    part.out = count;
    pass.kernels->convolve_weights(pass.rows, part, pass.gradient(dense.to) + first, pass.value(padded),
                                   pass.parameter_gradient(dense.weight) + first * dense.in,
                                   pass.parameter_gradient(dense.bias) + first);
  });
  if (!pass.activation(dense.from).needs_gradient) return;
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count, int64_t thread) {
    image_gradients(pass, *this, first, count, pass.patches + thread * pass.patch_floats);
  });
}

void Convolution::lower(Lowering& lowering) const {
  for (const size_t image : {dense.to, flat}) lowering.result.values[image].channels = dense.out;
  lowering.add(graph::Convolution{dense.from, dense.to, shape, padding, dense.relu, lowering.tensor(dense.weight),
                                  lowering.tensor(dense.bias)});
  lowering.add(graph::View{dense.to, flat});
}

Image add_convolution(LayoutBuilder& builder, const Image& from, const ConvolutionSpec& spec) {
  NetworkLayout& layout = builder.layout;
  Activation image = layout.activations[from.activation];
  const int64_t height = from.height + 2 * spec.padding, width = from.width + 2 * spec.padding;
  const int64_t channels = image.columns / (from.height * from.width);
  size_t padded = from.activation;
  if (spec.padding > 0) {
    // The image with its border is an activation of its own; the border is never written.
    image.columns = image.stride = height * width * channels;
    padded = builder.add_activation(image);
  }
  const ConvolutionShape shape{.height = height,
                               .width = width,
                               .channels = channels,
                               .kernel = spec.kernel,
                               .stride = spec.stride,
                               .out_height = (height - spec.kernel) / spec.stride + 1,
                               .out_width = (width - spec.kernel) / spec.stride + 1,
                               .out = spec.channels,
                               .image_stride = image.stride,
                               .out_stride = spec.channels};
  const int64_t columns = spec.kernel * spec.kernel * channels, positions = shape.out_height * shape.out_width;
  const DenseSpec dense{
      .out = shape.out, .relu = spec.relu, .convolution = true, .positions = positions, .in = columns};
  Convolution layer{.dense = make_dense(builder, from.activation, dense),
                    .shape = shape,
                    .padding = spec.padding,
                    .padded = padded,
                    .flat = 0,
                    .images = 0};
  if (image.needs_gradient) {
    const int64_t floats = positions * padded_size(columns);
    // As many images at a time as fit kPatchFloats, one at least.
    layer.images = std::clamp<int64_t>(kPatchFloats / floats, 1, builder.max_rows);
    layout.patches = std::max(layout.patches, layer.images * floats);
  }
  // No memory of its own: the same numbers, as one row for each image.
  Activation flat = layout.activations[layer.dense.to];
  flat.columns = flat.stride = positions * shape.out;
  flat.positions = 1;
  layout.activations.push_back(flat);
  layer.flat = layout.activations.size() - 1;
  layout.operations.push_back(layer);
  return {layer.flat, shape.out_height, shape.out_width};
}

}  // namespace deepq
