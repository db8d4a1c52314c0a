// The Q-network's shape. A body of convolutions or residual stages (if any) and fully connected layers, with ReLU after
// each, and a head: plain, or dueling (Wang et al. 2016, equation 9). Layer normalisation (Ba et al. 2016) and
// factorised noise (Fortunato et al. 2018, section 3) are properties of the layers.
#pragma once

#include <array>
#include <string_view>

#include "deepq/core/arithmetic.h"
#include "deepq/core/fields.h"

namespace deepq {

enum class Engine { kAuto, kPlain };  // auto: the best vector kernels this CPU has; plain: portable C++ loops

// What chooses the loops that compute.
struct Numerics {
  Numerics(Engine engine_used = Engine::kAuto, Arithmetic arithmetic_used = Arithmetic::kFast)
      : engine(engine_used), arithmetic(arithmetic_used) {}

  Engine engine;
  Arithmetic arithmetic;
};

enum class Encoder { kConvolutions, kResidual };  // residual: Espeholt et al. 2018, figure 3

enum class Memory { kNone, kGru, kLstm };  // Cho et al. 2014; Hochreiter and Schmidhuber 1997

enum class NetworkPart { kAll, kBody };  // body: all but the layers that end in action values

struct NetworkConfig {
  std::vector<int64_t> hidden_sizes = {64, 64};
  Memory recurrent = Memory::kNone;
  int64_t recurrent_size = 64;
  Engine engine = Engine::kAuto;
  Arithmetic arithmetic = Arithmetic::kFast;  // of the whole run: train.arithmetic is its key
  int64_t threads = 1;
  bool dueling = false;
  bool noisy = false;
  double noisy_sigma = 0.5;
  bool layer_norm = false;
  double input_divisor = 1;
  bool normalize_observations = false;
  double observation_clip = 10;
  Encoder encoder = Encoder::kConvolutions;
  std::vector<int64_t> conv_channels = {};
  std::vector<int64_t> conv_kernels = {};
  std::vector<int64_t> conv_strides = {};

  Numerics numerics() const { return {engine, arithmetic}; }
};

std::string_view name_of(Memory memory);  // "gru", as in network.recurrent

// Numbers that such a network remembers of a sequence from step to step.
int64_t memory_size_of(const NetworkConfig& config);

void visit_fields(NetworkConfig& config, FieldVisitor& visitor);

// A part of an input row: {n}, or a picture of {height, width, channels} or, with channels_first, {channels, height,
// width}, which goes through convolutions of its own where there are any.
struct InputPart {
  std::vector<int64_t> shape;
  bool channels_first = false;
  bool divided = true;    // by network.input_divisor
  bool measured = false;  // neither bytes, bits nor states: what network.normalize_observations is of

  int64_t size() const;
  bool is_picture() const { return shape.size() == 3; }
  bool is_normalized(const NetworkConfig& config) const;  // a picture that goes through convolutions never is
};

// What goes in and what comes out: rows of these parts, and `width` numbers for each of `actions`. With max_fractions
// above 0 the network also takes up to so many quantile fractions for each row, and gives one row of output for each of
// them (Dabney et al. 2018, Implicit Quantile Networks).
struct NetworkShape {
  std::vector<InputPart> inputs;
  int64_t actions = 0;
  std::vector<int64_t> action_axes = {};  // on several axes: of so many each, `actions` in all; empty: one axis
  int64_t width = 1;
  int64_t max_fractions = 0;
};

}  // namespace deepq
