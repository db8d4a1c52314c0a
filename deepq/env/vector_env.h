// Several worlds stepped together, as every training loop sees them: automatic reset with the true final observation
// kept, episode returns, and no value that a network could not take. SyncVectorEnv (sync_vector_env.h) makes one of any
// Env; what wraps a vector environment of somewhere else derives from it itself. Not thread-safe.
#pragma once

#include <span>
#include <vector>

#include "deepq/env/env.h"

namespace deepq {

class VectorEnv {
 public:
  virtual ~VectorEnv() = default;

  const EnvSpec& spec() const { return spec_; }
  int64_t count() const { return static_cast<int64_t>(rewards_.size()); }

  // A row for each copy: what to act on now.
  ObservationRows observations() const { return {layout_, observations_}; }

  // Takes one action per environment. Throws deepq::Error that names environment, copy, step and value for an action
  // out of range or illegal (nothing has moved then), and for a broken environment (the object is of no further use
  // then).
  void step(std::span<const int64_t> actions) {
    send(actions);
    receive();
  }

  // The two halves of step(), in turn. What an environment can do in threads of its own it does between them; the
  // results of the step before are there until receive().
  void send(std::span<const int64_t> actions);
  virtual void receive() = 0;

  // Results of the last step. Where an episode ended, observations() belongs to the next one (or, where the next step
  // will be a skipped one, may not mean anything), and next_observations() keeps the true last one.
  ObservationRows next_observations() const { return {layout_, next_observations_}; }
  std::span<const double> rewards() const { return rewards_; }
  // An episode that truly ends in the step in which its time is up is both, as with Gymnasium's TimeLimit.
  std::span<const uint8_t> terminated() const { return terminated_; }
  std::span<const uint8_t> truncated() const { return truncated_; }
  // Where the last step only began a new episode and ignored the action (Gymnasium's autoreset mode NEXT_STEP): nothing
  // is to be learnt from it. Empty: nowhere, ever.
  std::span<const uint8_t> skipped() const { return skipped_; }
  bool may_skip() const { return !skipped_.empty(); }
  bool next_step_is_skipped() const;  // in all copies
  // Where the last step cost a life that counts as an end for learning, while the episode goes on. Empty: nowhere,
  // ever.
  std::span<const uint8_t> life_lost() const { return life_lost_; }

  bool terminated(int64_t i) const { return terminated_[static_cast<size_t>(i)] != 0; }
  bool truncated(int64_t i) const { return truncated_[static_cast<size_t>(i)] != 0; }
  bool ended(int64_t i) const { return terminated(i) || truncated(i); }

  // Sum of rewards and number of steps of the episode that ended in the last step (of the running one elsewhere).
  double episode_return(int64_t i) const { return episode_returns_[static_cast<size_t>(i)]; }
  int64_t episode_length(int64_t i) const { return episode_lengths_[static_cast<size_t>(i)]; }

  // Saves or restores all copies and the results of the last step. What cannot be restored (see Env::serialize) starts
  // a fresh episode, and restored_exactly() turns false.
  virtual void serialize(Archive& archive) = 0;
  // From now on a state of another environment is taken too: all copies begin fresh episodes then.
  void take_any_environments_state() { takes_any_state_ = true; }
  const std::string& loaded_id() const { return loaded_id_; }  // of the environment whose state it was; "": none
  bool restored_exactly() const { return restored_exactly_; }

 protected:
  VectorEnv() = default;
  VectorEnv(VectorEnv&&) = default;
  VectorEnv& operator=(VectorEnv&&) = default;

  size_t copies() const { return rewards_.size(); }  // count()
  // For `count` copies of the environment that spec_ describes.
  void make_room(size_t count);
  // What the last step of `other`, with as many copies of the same environment, came to: for a vector that wraps it.
  void take_results(const VectorEnv& other);
  void take_outcomes(const VectorEnv& other);  // all of it but the observations
  // Begins a step with actions_, which are in range.
  virtual void begin_step() {}
  // The part of serialize() that is everyone's: one kind of vector takes up the other's run.
  void serialize_results(Archive& archive);
  // Of the next copy that begins anew on loading. Not the run's own seed: a run resumed twice must not play the same
  // episodes three times.
  uint64_t next_seed_after_loading(uint64_t run_seed) {
    return world_seed_after_loading(run_seed, begun_after_loading_++, spec_.seed_width);
  }
  // Whether the next step begins an episode in this copy and ignores the action.
  bool is_begun_anew(size_t copy) const { return may_skip() && ended(static_cast<int64_t>(copy)); }
  std::span<std::byte> row(std::vector<std::byte>& rows, size_t copy) const;
  bool takes_any_state() const { return takes_any_state_; }
  bool loaded_another() const { return loaded_id_ != spec_.id; }

  EnvSpec spec_;
  ActionSpace action_space_;  // spec_'s
  ObservationLayout layout_;  // of its observations
  int64_t steps_ = 0;         // that were begun
  int64_t begun_after_loading_ = 0;
  std::vector<int64_t> actions_;                             // of the last of them
  std::vector<std::byte> observations_, next_observations_;  // rows
  std::vector<double> rewards_, episode_returns_;
  std::vector<int64_t> episode_lengths_;
  std::vector<uint8_t> terminated_, truncated_, skipped_, life_lost_;
  bool restored_exactly_ = true;

 private:
  bool takes_any_state_ = false;
  std::string loaded_id_;
};

}  // namespace deepq
