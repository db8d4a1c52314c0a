// A multilayer perceptron Q-network, states in and the values of all actions out, with its own buffers for a batch.
// All parameters lie in one aligned arena in PyTorch's order and layout (weight [out, in], then bias, layer by layer),
// their gradients in another of the same shape; optimiser, copy and norm are each one loop over it. Nothing is
// allocated after construction. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/archive.h"
#include "deepq/core/random.h"
#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/network_config.h"

namespace deepq {

// Rows of a matrix that lie `stride` floats apart.
struct Rows {
  float* data;
  int64_t stride;
  float* operator[](int64_t row) const { return data + row * stride; }
};

// A matrix fit to be a network's input: padded rows, slack at the end.
class InputBuffer {
 public:
  InputBuffer(int64_t rows, int64_t columns)
      : stride_(padded_size(columns)), floats_(static_cast<size_t>(rows * stride_ + kPadFloats)) {}
  Rows rows() { return {floats_.data(), stride_}; }
  static int64_t bytes(int64_t rows, int64_t columns) {
    return rows * padded_size(columns) * static_cast<int64_t>(sizeof(float));
  }

 private:
  int64_t stride_;
  AlignedBuffer<float> floats_;
};

enum class Trainable { kNo, kYes };  // a target network or an actor needs no gradients

class Network {
 public:
  Network(int64_t input_size, const NetworkConfig& config, int64_t output_size, int64_t max_rows, Trainable trainable);

  // Uniform in +-1/sqrt(fan in), weights and biases: PyTorch's default for linear layers, so that learning compares.
  void initialize(Random& random);

  int64_t input_size() const { return layers_.front().in; }
  int64_t output_size() const { return layers_.back().out; }
  int64_t parameter_count() const;  // padding left out
  std::string_view engine() const { return kernels_->name; }

  // The whole arena, padding (always zero) included. After writing to it, call parameters_changed().
  std::span<float> parameters() { return parameters_.span(); }
  std::span<const float> parameters() const { return parameters_.span(); }
  std::span<const float> gradients() const { return gradients_.span(); }
  void parameters_changed();

  // parameters <- (1 - tau) parameters + tau other's. tau = 1 copies exactly.
  void blend_from(const Network& other, double tau);

  // Computes output() for the first `rows` of `input`, whose stride is padded_size(input_size()) and whose memory has a
  // register's slack at its end. Returns output(). A row's result does not depend on the rows around it.
  Rows forward(Rows input, int64_t rows);
  Rows output() const { return {activation(layers_.size()), padded_size(output_size())}; }

  // After forward: fill output_gradient() with dLoss/dOutput, call backward (the input must be as it was), read
  // gradients().
  Rows output_gradient() const { return {gradient_rows(layers_.size()), padded_size(output_size())}; }
  void backward(int64_t rows);

  // Parameters of this shape, tensor by tensor, under "0/weight", "0/bias", ...; `values` is an arena like
  // parameters().
  void serialize(Archive& archive, std::span<float> values) const;

  // Bytes that the constructor takes for such a network, and that one arena of its shape takes.
  static int64_t arena_bytes(int64_t input_size, const NetworkConfig& config, int64_t output_size);
  static int64_t bytes(int64_t input_size, const NetworkConfig& config, int64_t output_size, int64_t max_rows,
                       Trainable trainable);

 private:
  struct Layer {
    int64_t in, out;
    int64_t weight, bias, transposed;  // where they begin in their buffers
  };
  struct Layout {
    std::vector<Layer> layers;
    int64_t parameters = 0, transposed = 0, row = 0;  // floats; `row`: all activations of one row
    std::vector<int64_t> row_offsets;                 // of each layer's output, per row
  };
  static Layout make_layout(int64_t input_size, const NetworkConfig& config, int64_t output_size);
  explicit Network(Layout layout, Engine engine, int64_t max_rows, Trainable trainable);

  // What layer i reads: the input for i = 0, else the output of layer i - 1.
  float* activation(size_t i) const { return i == 0 ? input_ : activations_ + row_offsets_[i - 1] * max_rows_; }
  float* gradient_rows(size_t i) const { return activation_gradients_ + row_offsets_[i - 1] * max_rows_; }

  const Kernels* kernels_;
  std::vector<Layer> layers_;
  std::vector<int64_t> row_offsets_;
  int64_t max_rows_;
  AlignedBuffer<float> parameters_, gradients_, transposed_, activation_buffer_, activation_gradient_buffer_;
  float* input_ = nullptr;  // of the last forward
  float* activations_;
  float* activation_gradients_;
};

}  // namespace deepq
