// Which transitions a batch is made of: uniformly, with or without replacement; or by priority
// (prioritized_sampler.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "deepq/core/archive.h"
#include "deepq/core/math.h"
#include "deepq/core/random.h"
#include "deepq/replay/replay_config.h"

namespace deepq {

// The training loop calls it: on_push for every transition it stores, then for each update sample, and update when the
// learner has the errors. No call allocates. Not thread-safe.
class Sampler {
 public:
  virtual ~Sampler() = default;

  // A transition was stored at `index`, in place of the one that was there.
  virtual void on_push(int64_t index) = 0;

  // The store has forgotten the transitions from `population` on.
  virtual void on_shrink(int64_t population) = 0;

  // Fills `indices` (at most the batch size) from 0 ... population - 1, and `weights` with what each one's loss is to
  // be multiplied by, at most 1. `population`: how many transitions are stored. beta, 0 to 1: how much of the
  // sampling's bias the weights take back.
  virtual void sample(int64_t population, double beta, Random& random, std::span<int64_t> indices,
                      std::span<float> weights) = 0;

  // What the update made of the last batch: each one's TD error or loss. Throws deepq::Error for one that is not
  // finite, and has changed nothing then.
  virtual void update(std::span<const int64_t> indices, std::span<const float> errors) = 0;

  // `population`: how many transitions are stored.
  virtual void serialize(Archive& archive, int64_t population) = 0;
};

std::unique_ptr<Sampler> make_sampler(const ReplayConfig& config, int64_t batch_size, Math math = {});

// What the sampler of a full store takes.
int64_t sampler_bytes(const ReplayConfig& config);

class UniformSampler : public Sampler {
 public:
  UniformSampler(int64_t batch_size, bool with_replacement);

  void on_push(int64_t) override {}
  void on_shrink(int64_t) override {}

  // Without replacement, population must be at least the batch size: every subset is equally likely (Floyd's algorithm,
  // Bentley and Floyd 1987); the order within is not random. Costs the same for any population. All weights are 1.
  void sample(int64_t population, double beta, Random& random, std::span<int64_t> indices,
              std::span<float> weights) override;

  void update(std::span<const int64_t>, std::span<const float>) override {}
  void serialize(Archive&, int64_t) override {}  // all its state is in `random`

 private:
  bool insert(int64_t index);  // false when it is there already

  bool with_replacement_;
  // A hash set that is emptied by raising `round_`: an entry counts when its stamp is the current round.
  struct Slot {
    int64_t index = 0;
    uint64_t round = 0;
  };
  std::vector<Slot> slots_;  // power of two, at least four times the batch
  uint64_t round_ = 0;
};

}  // namespace deepq
