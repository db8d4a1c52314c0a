// Several worlds stepped together, as every training loop sees them: automatic reset with the true final observation
// kept, episode returns, and no value that a network could not take. SyncVectorEnv (sync_vector_env.h) makes one of any
// Env; what wraps a vector environment of somewhere else implements it itself. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "deepq/env/env.h"

namespace deepq {

class VectorEnv {
 public:
  virtual ~VectorEnv() = default;

  virtual const EnvSpec& spec() const = 0;
  virtual int64_t count() const = 0;

  // [count, observation_size]: what to act on now.
  virtual std::span<const float> observations() const = 0;

  // Takes one action per environment. Throws deepq::Error that names environment, copy, step and value for an action
  // out of range (nothing has moved then), and for a broken environment (the object is of no further use then).
  virtual void step(std::span<const int64_t> actions) = 0;

  // Results of the last step. Where an episode ended, observations() belongs to the next one (or, where the next step
  // will be a skipped one, may not mean anything), and next_observations() keeps the true last one.
  virtual std::span<const float> next_observations() const = 0;
  virtual std::span<const double> rewards() const = 0;
  // An episode that truly ends in the step in which its time is up is both, as with Gymnasium's TimeLimit.
  virtual std::span<const uint8_t> terminated() const = 0;
  virtual std::span<const uint8_t> truncated() const = 0;
  // Where the last step only began a new episode and ignored the action (Gymnasium's autoreset mode NEXT_STEP): nothing
  // is to be learnt from it. Empty: nowhere, ever.
  virtual std::span<const uint8_t> skipped() const { return {}; }

  // Sum of rewards and number of steps of the episode that ended in the last step (of the running one elsewhere).
  virtual double episode_return(int64_t i) const = 0;
  virtual int64_t episode_length(int64_t i) const = 0;

  // Saves or restores all copies and the results of the last step. What cannot be restored (see Env::serialize) starts
  // a fresh episode, and restored_exactly() turns false.
  virtual void serialize(Archive& archive) = 0;
  virtual bool restored_exactly() const = 0;

  bool terminated(int64_t i) const { return terminated()[static_cast<size_t>(i)] != 0; }
  bool truncated(int64_t i) const { return truncated()[static_cast<size_t>(i)] != 0; }
  bool ended(int64_t i) const { return terminated(i) || truncated(i); }
};

}  // namespace deepq
