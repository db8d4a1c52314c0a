// The Q-network as plain data: which parameters it has, which intermediate results, and which operations in which
// order. make_layout() is the one place that knows how the parts of a network fit together; layers.h carries them out.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/network_config.h"

namespace deepq {

// One tensor in the parameter arena.
struct ParameterTensor {
  enum class Start { kUniform, kOne, kZero, kSigma };  // uniform in +-1/sqrt(fan in); sigma: noisy_sigma / sqrt(fan in)
  std::string name;                                    // "0/weight"
  std::vector<int64_t> shape;
  Start start;
  int64_t fan_in;
  int64_t begin = 0;  // in floats, from the arena's start
  int64_t size() const;
};

// A matrix of intermediate results: for each row of input one row, or one for each position of a convolution, or one
// for each quantile fraction.
struct Slot {
  int64_t columns = 0, stride = 0;
  int64_t positions = 1;
  bool per_tau = false;
  bool rectified = false;  // comes out of a ReLU: its gradient is zero where it is
  bool needs_gradient = true;
  int64_t begin = 0;  // floats from the start of the buffer that holds all slots
};

// to = x weight^T + bias, then ReLU if `relu`, x being `in` columns of `from`. With noise, weight and bias are mu +
// sigma times noise that is the same for all rows; the output's columns form `blocks` with noise of their own.
struct Dense {
  size_t from, to;
  int64_t from_column, in, out;
  size_t weight, bias;  // tensors
  int64_t transposed;   // where its transposed weights begin
  bool relu;
  bool noisy;             // then tensors weight_sigma and bias_sigma follow bias
  int64_t blocks, noise;  // where its noise begins: for each block `in` numbers, then `out` / blocks
};

inline constexpr float kNormEpsilon = 1e-5f;  // PyTorch's default

// to = ReLU(gain (x - mean) / sqrt(variance + kNormEpsilon) + bias), mean and variance over each block of columns.
struct Norm {
  size_t from, to;
  int64_t blocks;
  size_t gain, bias;
  int64_t statistics;  // where mean and 1/deviation of each row and block are kept
};

// The same layer for each position of a kernel over an image of [height, width, channels]: what lies under the kernel
// is a row of x.
struct Convolution {
  Dense dense;  // from and to are whole images
  ConvolutionShape shape;
  size_t flat;     // the slot that is `to` seen as one row for each image: the same floats
  int64_t images;  // so many go back through it together
};

// to[pixels, channels] = scale * from[channels, pixels], for each row; with one channel, scaling alone.
struct Interleave {
  size_t from, to;
  int64_t channels;
  float scale;
};

// to[a, w] = value[w] + advantage[a, w] - mean over a of advantage[a, w].
struct Duel {
  size_t value, advantage, to;
  int64_t actions, width;
};

// to = cos(pi k tau), k = 0 ... columns - 1, a row for each tau (Dabney et al. 2018, equation 4).
struct Cosines {
  size_t to;
};

// to = features * embedding, for every tau.
struct Merge {
  size_t features, embedding, to;
};

using Operation = std::variant<Dense, Norm, Convolution, Interleave, Duel, Cosines, Merge>;

struct NetworkLayout {
  std::vector<ParameterTensor> tensors;
  std::vector<Slot> slots;  // the first is the input, which lies elsewhere
  std::vector<Operation> operations;
  size_t output = 0;  // slot
  // Sizes in floats.
  int64_t parameters = 0, transposed = 0, intermediate = 0, statistics = 0, noise = 0;
  int64_t patches = 0;  // of the images that go back through a convolution together, the most
};

// Throws deepq::Error for a convolution that does not fit its input, and so on. Slots have room for `max_rows`.
NetworkLayout make_layout(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows);

}  // namespace deepq
