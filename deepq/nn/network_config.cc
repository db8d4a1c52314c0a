#include "deepq/nn/network_config.h"

namespace deepq {
namespace {

constexpr std::array<std::string_view, 3> kMemories{"none", "gru", "lstm"};

}  // namespace

int64_t memory_size_of(const NetworkConfig& config) {
  // An LSTM remembers its cells beside its outputs.
  const int64_t of_unit = config.recurrent == Memory::kNone ? 0 : config.recurrent == Memory::kGru ? 1 : 2;
  return of_unit * config.recurrent_size;
}

std::string_view name_of(Memory memory) { return kMemories[static_cast<size_t>(memory)]; }

void visit_fields(NetworkConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kEngines{"auto", "plain"};
  static constexpr std::array<std::string_view, 2> kEncoders{"convolutions", "residual"};
  visitor.integers("hidden_sizes", config.hidden_sizes, Range::between(1, 65536),
                   "units of each fully connected hidden layer; [] gives a linear network");
  visitor.choice("recurrent", config.recurrent, kMemories,
                 "a layer that remembers what came before, just before the last hidden layer: gru (Cho et al. 2014) or "
                 "lstm (Hochreiter and Schmidhuber 1997); learning is from sequences then (replay.sequence_length)");
  visitor.integer("recurrent_size", config.recurrent_size, Range::between(1, 4096), "units of the recurrent layer");
  visitor.choice("engine", config.engine, kEngines, "auto: this CPU's vector kernels; plain: portable loops");
  visitor.integer(
      "threads", config.threads, Range::between(1, 64),
      "threads that share each pass and each update, for convolutions and wide layers; results do not depend on it");
  visitor.flag("dueling", config.dueling,
               "state value and advantages in two streams (Wang et al. 2016); the last hidden layer exists in each");
  visitor.flag("noisy", config.noisy,
               "factorised Gaussian noise in all fully connected layers instead of epsilon-greedy (Fortunato et al. "
               "2018)");
  visitor.number("noisy_sigma", config.noisy_sigma, Range::above(0), "noisy: sigma starts at this / sqrt(inputs)");
  visitor.flag("layer_norm", config.layer_norm, "layer normalisation before the ReLU of each hidden layer");
  visitor.number("input_divisor", config.input_divisor, Range{.min = 0, .max = 1e37, .min_open = true},
                 "what all numbers of an observation are divided by inside the network; 255 for pixels");
  visitor.flag("normalize_observations", config.normalize_observations,
               "the real numbers of an observation less their running mean, divided by their running standard "
               "deviation; states, bytes and pictures for convolutions stay as they are");
  visitor.number("observation_clip", config.observation_clip, Range{.min = 0, .max = 1e37, .min_open = true},
                 "normalize_observations: what is normalised is cut to +- this");
  visitor.choice("encoder", config.encoder, kEncoders,
                 "what pictures go through: a convolution for each of conv_channels, or a residual stage for each "
                 "(Espeholt et al. 2018): a 3x3 convolution, max-pooling that halves the sides, two residual blocks");
  visitor.integers("conv_channels", config.conv_channels, Range::between(1, 4096),
                   "channels of each convolution, or of each residual stage, before the hidden layers; []: none");
  visitor.integers("conv_kernels", config.conv_kernels, Range::between(1, 64), "side of each convolution's kernel");
  visitor.integers("conv_strides", config.conv_strides, Range::between(1, 64), "stride of each convolution");
}

}  // namespace deepq
