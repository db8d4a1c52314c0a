// The Q-network as plain data: which parameters it has, which intermediate results, and which operations (nn/ops) in
// which order. make_layout() is the one place that knows how the parts of a network fit together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deepq/nn/network_config.h"
#include "deepq/nn/ops/operation.h"

namespace deepq {

enum class Init { kUniform, kOne, kZero, kSigma };  // uniform in +-1/sqrt(fan in); sigma: noisy_sigma / sqrt(fan in)

// One tensor in the parameter arena.
struct ParameterTensor {
  std::string name;  // "0/weight"
  std::vector<int64_t> shape;
  Init init;
  int64_t fan_in;
  int64_t begin = 0;    // in floats, from the arena's start
  bool trained = true;  // false: statistics of the input, which no optimiser changes
  int64_t size() const;
};

// A matrix of intermediate results: for each row of input one row, or one for each position of a convolution, or one
// for each quantile fraction.
struct Activation {
  int64_t columns = 0, stride = 0;
  int64_t positions = 1;
  bool per_fraction = false;
  bool rectified = false;  // comes out of a ReLU: its gradient is zero where it is
  bool needs_gradient = true;
  int64_t begin = 0;  // floats from the start of the buffer that holds all activations
};

struct NetworkLayout {
  std::vector<ParameterTensor> tensors;
  std::vector<Activation> activations;  // the first is the input, which lies elsewhere
  std::vector<Operation> operations;
  size_t output = 0;                              // activation
  std::optional<size_t> input_mean, input_scale;  // tensors: what the input is normalised by, if it is
  // Sizes in floats.
  int64_t parameters = 0, transposed = 0, intermediate = 0, statistics = 0, noise = 0;
  int64_t trained = 0;  // the first of the parameters, which are changed by an optimiser
  int64_t memory = 0;   // numbers that are remembered of a sequence from step to step
  int64_t patches = 0;  // of the images that go back through a convolution together, the most

  int64_t cost() const;  // multiplications of one forward pass for one observation, and one quantile fraction
};

// Throws deepq::Error for a convolution that does not fit its input, and so on. Activations have room for `max_rows`.
NetworkLayout make_layout(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows);

}  // namespace deepq
