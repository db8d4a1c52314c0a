#include "deepq/nn/encoder.h"

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/nn/layout_builder.h"

namespace deepq {
namespace {

Image add_plain_stage(LayoutBuilder& builder, const Image& from, size_t i) {
  const NetworkConfig& config = builder.config;
  const int64_t kernel = config.conv_kernels[i], smaller = std::min(from.height, from.width);
  if (kernel > smaller)
    throw Error::of("network.conv_kernels holds ", kernel, " for an input of ", from.height, " x ", from.width,
                    "; allowed: up to ", smaller);
  return add_convolution(builder, from,
                         {.channels = config.conv_channels[i], .kernel = kernel, .stride = config.conv_strides[i]});
}

constexpr int64_t kResidualKernel = 3;

// x + convolution(ReLU(convolution(ReLU(x))))
Image add_residual_block(LayoutBuilder& builder, const Image& x, int64_t channels) {
  ConvolutionSpec spec{.channels = channels, .kernel = kResidualKernel, .stride = 1, .padding = 1};
  const Image rectified{add_relu(builder, x.activation, true), x.height, x.width};
  const Image inner = add_convolution(builder, rectified, spec);
  // The block ends in a sum without a ReLU: the next one begins with it.
  spec.relu = false;
  const Image through = add_convolution(builder, inner, spec);
  return {add_add(builder, x.activation, through.activation), x.height, x.width};
}

// Espeholt et al. 2018 (IMPALA), figure 3, right: a convolution, max-pooling that halves the sides, two residual
// blocks.
Image add_residual_stage(LayoutBuilder& builder, const Image& from, size_t i) {
  constexpr int kBlocks = 2;
  const std::vector<int64_t>& channels = builder.config.conv_channels;
  if (std::min(from.height, from.width) < kResidualKernel)
    throw Error::of("network.conv_channels has ", channels.size(), " values, and stage ", i + 1,
                    " would get images of ", from.height, " x ", from.width,
                    "; allowed with network.encoder residual here: up to ", i,
                    " values, for each stage halves the sides and needs 3 x 3");
  const ConvolutionSpec spec{
      .channels = channels[i], .kernel = kResidualKernel, .stride = 1, .padding = 1, .relu = false};
  Image top = add_max_pool(builder, add_convolution(builder, from, spec), {.kernel = 3, .stride = 2, .padding = 1});
  for (int block = 0; block < kBlocks; ++block) top = add_residual_block(builder, top, channels[i]);
  return top;
}

}  // namespace

size_t add_encoder(LayoutBuilder& builder, size_t top, const InputPart& picture) {
  const NetworkConfig& config = builder.config;
  if (config.conv_channels.empty()) return top;
  const bool residual = config.encoder == Encoder::kResidual;
  const auto sides = picture.shape.begin() + (picture.channels_first ? 1 : 0);
  // [channels, height, width], or the channels last.
  Image image{top, sides[0], sides[1]};
  for (size_t i = 0; i < config.conv_channels.size(); ++i)
    image = residual ? add_residual_stage(builder, image, i) : add_plain_stage(builder, image, i);
  // After the last block the ReLU is still to come.
  return residual ? add_relu(builder, image.activation, false) : image.activation;
}

}  // namespace deepq
