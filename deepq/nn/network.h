// The Q-network, states in and the values of all actions out, with its own buffers for a batch. All parameters lie in
// one aligned arena in PyTorch's order and layout (weight [out, in], then bias, layer by layer), their gradients in
// another of the same shape; optimiser, copy and norm are each one loop over it. Nothing is allocated after
// construction. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/archive.h"
#include "deepq/core/random.h"
#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/network_config.h"

namespace deepq {

struct NetworkLayout;
struct Pass;
class Team;

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

// What sequences the rows of a pass are of, in a network with memory (network.recurrent): step after step, each with a
// row for every sequence. All other operations see rows alone.
struct Sequences {
  int64_t steps = 1;
  // [sequence, memory_size]: what is remembered before the first step, and after the last one, which may be the same
  // numbers in memory. Empty: nothing, zeros; not asked for.
  std::span<const float> before = {};
  std::span<float> after = {};
  // [sequence]: the first step that is learnt from: no gradient goes back beyond it. Empty: the first of all.
  std::span<const int64_t> learnt_from = {};
};

enum class Trainable { kNo, kYes };  // a target network or an actor needs no gradients

class Network {
 public:
  // Throws deepq::Error for a config that does not fit the shape.
  Network(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows, Trainable trainable);
  Network(Network&&) noexcept;
  ~Network();

  // Weights and biases uniform in +-1/sqrt(fan in), PyTorch's default for linear layers, so that learning compares.
  void initialize(Random& random);

  int64_t input_size() const;
  int64_t output_size() const;      // actions * width
  int64_t parameter_count() const;  // of the trained ones, padding left out
  int64_t memory_size() const;      // numbers remembered of a sequence; 0: it has no memory
  std::string_view engine() const { return kernels_->name; }
  Team& team() { return *team_; }  // config.threads, which share each pass
  bool noisy() const { return noise_.size() > 0; }
  const NetworkLayout& layout() const { return *layout_; }

  // The whole arena, padding (always zero) included. After writing to it, call parameters_changed().
  std::span<float> parameters() { return parameters_.span(); }
  std::span<const float> parameters() const { return parameters_.span(); }
  std::span<const float> gradients() const { return gradients_.span(); }
  // What an optimiser changes: all but the statistics of the input.
  std::span<float> trained_parameters() { return parameters().first(trained_floats()); }
  std::span<const float> trained_gradients() const { return gradients().first(trained_floats()); }
  void parameters_changed() { stale_ = true; }

  // (x - mean) * scale is what the network then sees of each of its normalised numbers; as many as it has of them
  // (network.normalize_observations), in their order. Transposed weights and noise stay as they are.
  void set_input_statistics(std::span<const float> mean, std::span<const float> scale);

  // parameters <- (1 - tau) parameters + tau other's. tau = 1 copies exactly.
  void blend_from(const Network& other, double tau);

  // Noise for all passes until the next call of either; a network without noisy layers ignores both. Drawn layer by
  // layer, for each block of outputs first its inputs' factors, then its outputs'.
  void sample_noise(Random& random);
  void mute_noise();  // weights are mu then: how a noisy network acts when it is evaluated

  // Computes output() for the first `rows` of `input`, whose stride is padded_size(input_size()) and whose memory has a
  // register's slack at its end. `fractions`: as many quantile fractions for each row, row by row, when the
  // network takes them. Returns output(): a row for each row, or for each fraction. A row's result does not depend on
  // the rows around it, but for those of its own sequence.
  Rows forward(Rows input, int64_t rows, std::span<const float> fractions = {}, const Sequences& sequences = {});
  Rows output() const;

  // After forward: fill output_gradient() with dLoss/dOutput, call backward (the input must be as it was), read
  // gradients().
  Rows output_gradient();
  void backward();

  // Parameters of this shape, tensor by tensor, under "0/weight", "0/bias", ...; `values` is an arena like
  // parameters(). The second is of the trained ones alone.
  void serialize(Archive& archive, std::span<float> values) const;
  void serialize_trained(Archive& archive, std::span<float> values) const;

  // Bytes that the constructor takes for such a network, and that one arena of its shape takes.
  static int64_t arena_bytes(const NetworkConfig& config, const NetworkShape& shape);
  static int64_t bytes(const NetworkConfig& config, const NetworkShape& shape, int64_t max_rows, Trainable trainable);

 private:
  size_t trained_floats() const;
  void refresh();  // makes what is computed from the parameters and the noise

  const Kernels* kernels_;
  Math math_;
  std::unique_ptr<const NetworkLayout> layout_;
  double noisy_sigma_;
  int64_t max_rows_, max_fractions_;
  bool muted_ = true;
  bool stale_ = true;  // refreshed at the next pass: between two there may be a step of the optimiser and new noise
  AlignedBuffer<float> parameters_, gradients_, transposed_, values_, value_gradients_, statistics_, patches_;
  AlignedBuffer<float> noise_, noisy_parameters_;  // the latter: what a noisy network computes with
  std::unique_ptr<Team> team_;
  std::unique_ptr<Pass> pass_;  // the last one
};

}  // namespace deepq
