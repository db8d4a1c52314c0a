// The operations a network is made of: a closed set of small structs, one file each. Each has the same functions, and
// the compiler names the one that is missing where a loop over the operations calls it:
//   prepare(Preparation)   what it computes from its parameters and the noise once for many passes; most do nothing
//   forward(Pass)          fills the activation that it writes
//   backward(Pass)         the gradient of that activation must be there; fills the gradients of its parameters and of
//                          the activations that it reads. Where those come out of a ReLU, its derivative is applied
//                          too.
//   cost(NetworkLayout)    multiplications of forward for one observation, or one quantile fraction of it
//   lower(Lowering)        writes what it computes as nodes of an export graph, which ONNX and the C++ header print
// What puts it into a layout, its tensors and activations, is a free function beside it, add_...
#pragma once

#include <variant>

#include "deepq/nn/ops/add.h"
#include "deepq/nn/ops/convolution.h"
#include "deepq/nn/ops/cosine_embedding.h"
#include "deepq/nn/ops/dense.h"
#include "deepq/nn/ops/duel.h"
#include "deepq/nn/ops/join.h"
#include "deepq/nn/ops/layer_norm.h"
#include "deepq/nn/ops/max_pool.h"
#include "deepq/nn/ops/multiply.h"
#include "deepq/nn/ops/normalize_input.h"
#include "deepq/nn/ops/recurrent.h"
#include "deepq/nn/ops/relu.h"
#include "deepq/nn/ops/to_channels_last.h"

namespace deepq {

using Operation = std::variant<Dense, LayerNorm, Convolution, MaxPool, Relu, Add, ToChannelsLast, NormalizeInput, Join,
                               Duel, CosineEmbedding, Multiply, Recurrent>;

}  // namespace deepq
