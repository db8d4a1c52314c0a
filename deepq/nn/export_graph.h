// A network as other programs can run it: a list of a few primitive nodes on values, the parameters' numbers beside
// them. Each operation (nn/ops) lowers itself to nodes; export/ prints them. Data alone: no file format is known here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "deepq/nn/kernels/kernels.h"

namespace deepq {

class Network;

namespace graph {

// A parameter, by the name that it has in checkpoints ("0/weight"). The numbers are the network's own.
struct Tensor {
  std::string name;
  std::span<const float> numbers;
};

// What a node reads and writes, for one observation or, if `per_fraction`, for each of the graph's quantile fractions.
struct Value {
  int64_t numbers;
  bool per_fraction;
  int64_t channels;  // of an image, channels last; 0: a row
};

// to = x weight^T + bias, then ReLU if `relu`: x are `in` columns of `from`, weight is [out, in]. The outputs are of
// `blocks` layers side by side. What a noisy layer adds to mu has sigmas; the greedy policy does without.
struct Linear {
  size_t from, to;
  int64_t from_column, in, out, blocks;
  bool relu;
  Tensor weight, bias, weight_sigma, bias_sigma;
};

// weight is [out, kernel rows, kernel columns, channels]. The shape's height and width are with `padding` zeros on each
// side.
struct Convolution {
  size_t from, to;
  ConvolutionShape shape;
  int64_t padding;
  bool relu;
  Tensor weight, bias;
};

// The largest number under the kernel, channel by channel.
struct MaxPool {
  size_t from, to;
  PoolShape shape;
};

// to = max(0, from).
struct Relu {
  size_t from, to;
};

// to = around + through: `through` is made of `around` by the nodes since that was written.
struct Add {
  size_t around, through, to;
};

// Each block of the columns by itself, then ReLU.
struct LayerNorm {
  size_t from, to;
  int64_t blocks;
  float epsilon;
  Tensor gain, bias;
};

// to[pixels, channels] = scale * from[channels, pixels], of the columns from `from_column` on.
struct ToChannelsLast {
  size_t from, to;
  int64_t from_column, channels;
  float scale;
};

// to = (x - mean) * scale, cut to +- clip, of so many columns of the input, side by side.
struct NormalizeInput {
  struct Range {
    int64_t from_column, columns;
  };
  std::vector<Range> ranges;
  size_t to;
  float clip;
  Tensor mean, scale;
};

// to = the parts side by side, each times its scale.
struct Join {
  struct Part {
    size_t from;
    int64_t from_column, columns;
    float scale;
  };
  std::vector<Part> parts;
  size_t to;
};

// to[a, w] = value[w] + advantage[a, w] - mean over a of advantage[a, w]; `axes` of so many actions each by themselves.
struct Duel {
  size_t value, advantage, to;
  std::vector<int64_t> axes;
  int64_t width;
};

// to = factor * each of the rows, one for each fraction.
struct Multiply {
  size_t factor, rows, to;
};

// A step of a recurrent cell, in PyTorch's form: weight_ih [gates * units, in], weight_hh [gates * units, units], of
// three gates (GRU) or four (LSTM). It reads and writes what is remembered, too.
struct Recurrent {
  size_t from, to;
  Memory kind;
  int64_t in, units;
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;
};

// A row of numbers for each fraction.
struct Constant {
  size_t to;
  std::string name;
  std::vector<float> numbers;
};

// to is from, under another name.
struct View {
  size_t from, to;
};

using Node = std::variant<Linear, Convolution, MaxPool, Relu, Add, LayerNorm, ToChannelsLast, NormalizeInput, Join,
                          Duel, Multiply, Constant, View, Recurrent>;

}  // namespace graph

struct ExportGraph {
  std::vector<graph::Value> values;  // the first is the network's input
  std::vector<graph::Node> nodes;    // in order
  size_t output = 0;                 // value
  std::vector<float> fractions;
};

// Of a network that is always asked for the same fractions, none where it takes none. It must outlive the graph.
ExportGraph export_graph(const Network& network, std::vector<float> fractions);

}  // namespace deepq
