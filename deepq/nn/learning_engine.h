// The seam behind which the arithmetic of deep Q-learning happens: a network that is trained, its optimiser, and a copy
// of its parameters, the target network. Rows of observations go in and rows of outputs come out; what happens to a few
// numbers of each sample, losses and their gradients, is the caller's, between forward and backward. make_engine()
// gives this machine's; another implementation could hold parameters, moments and batches on a device. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "deepq/core/archive.h"
#include "deepq/core/random.h"
#include "deepq/nn/network.h"
#include "deepq/nn/optimizer_config.h"

namespace deepq {

enum class ParameterCopy { kOnline, kTarget };

struct EngineSpec {
  NetworkConfig network;
  NetworkShape shape;
  OptimizerConfig optimizer;
  int64_t online_rows = 0;  // the most that a pass is asked for
  int64_t target_rows = 0;  // 0: there is no target network, and kTarget is never asked for
};

class LearningEngine {
 public:
  virtual ~LearningEngine() = default;

  // Once, before all else: draws the online parameters; the target's are the same.
  virtual void initialize(Random& random) = 0;

  virtual int64_t output_size() const = 0;  // actions * width
  virtual bool noisy() const = 0;
  virtual int64_t memory_size() const = 0;  // as Network's

  // As Network's: several times an update. What is returned lies in this machine's memory, until the copy's next pass.
  virtual Rows forward(ParameterCopy copy, Rows input, int64_t rows, std::span<const float> fractions = {},
                       const Sequences& sequences = {}) = 0;
  virtual Rows output(ParameterCopy copy) = 0;  // of the last pass
  virtual void sample_noise(ParameterCopy copy, Random& random) = 0;
  virtual void mute_noise() = 0;  // the online network's

  // Once an update, in this order, after the online network's pass: fill output_gradient(), then backward, then step.
  // The input of that pass must be as it was.
  virtual Rows output_gradient() = 0;
  virtual void backward() = 0;
  // Returns the gradient's norm before clipping; where that is not finite nothing is changed.
  virtual double step(double learning_rate) = 0;
  virtual int64_t steps() const = 0;  // taken so far

  // Of both copies: see Network.
  virtual void set_input_statistics(std::span<const float> mean, std::span<const float> scale) = 0;

  // target <- (1 - tau) target + tau online.
  virtual void sync_target(double tau) = 0;

  // Both copies become what `from` is, as far as `part` says; see copy_parameters.h. The optimiser stays as it is.
  virtual void take_parameters(const Network& from, NetworkPart part) = 0;

  // The parameters where this machine can read them; for exports, probes, checksums. Valid until the next step.
  virtual const Network& network(ParameterCopy copy) const = 0;

  // "online", "target" if there is one, "optimizer".
  virtual void serialize(Archive& archive) = 0;
};

using EngineFactory = std::function<std::unique_ptr<LearningEngine>(const EngineSpec& spec)>;

// Throws deepq::Error for a network that does not fit its shape.
std::unique_ptr<LearningEngine> make_engine(const EngineSpec& spec);

int64_t engine_bytes(const EngineSpec& spec);  // that make_engine's takes

}  // namespace deepq
