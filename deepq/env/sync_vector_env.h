// N copies of an environment stepped together, with what every training loop needs around them: the time limit,
// automatic reset with the true final observation kept (Gymnasium's SAME_STEP), episode returns, and a check of every
// value that an environment hands over. Not thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "deepq/env/vector_env.h"

namespace deepq {

class SyncVectorEnv final : public VectorEnv {
 public:
  // Makes `count` environments and resets them, each with its world_seed() of the run. Above 0, `max_episode_steps`
  // replaces the environment's own limit. Throws deepq::Error for a spec that makes no sense, and as step() does.
  SyncVectorEnv(const EnvFactory& factory, int64_t count, uint64_t run_seed, int64_t max_episode_steps = 0);

  // The same of one environment, whose episodes begin with begin_episode() and not by themselves. Where neither
  // `max_episode_steps` nor the environment sets a limit, `limit_of_endless` is it.
  static SyncVectorEnv waiting(const EnvFactory& factory, int64_t max_episode_steps, int64_t limit_of_endless = 0);
  void begin_episode(int64_t copy, uint64_t seed);

  // Takes the step. No allocation. Throws deepq::Error as VectorEnv says: for an observation of a wrong size, a NaN, an
  // infinity or an exception in the environment.
  void receive() override;

  // A copy that cannot be restored starts with a seed of its own: world_seed_after_loading().
  void serialize(Archive& archive) override;

 private:
  enum class Moment { kReset, kStep, kSerialize };  // what the environment was called for

  enum class AtEnd { kReset, kWait };

  SyncVectorEnv(const EnvFactory& factory, int64_t count, int64_t max_episode_steps, AtEnd at_end);
  void make_copy(const EnvFactory& factory, int64_t copy);
  void start_afresh(size_t copy, uint64_t seed);
  void reset_copy(size_t copy, std::optional<uint64_t> seed);
  void step_copy(size_t copy, int64_t action);
  void take_legal_actions(LegalActions legal, std::span<uint64_t> to) const;
  void require_legal_action(std::span<std::byte> row, size_t copy, Moment moment) const;
  void take_observation(std::span<const float> floats, std::span<std::byte> to, size_t copy, Moment moment) const;
  template <class Call>
  auto guard(size_t copy, Moment moment, const Call& call) const;
  std::string place(size_t copy, Moment moment) const;  // "environment 'X', copy 2, step 17 (5 of its episode)"

  uint64_t run_seed_ = 0;
  AtEnd at_end_;
  std::vector<std::unique_ptr<Env>> envs_;
};

}  // namespace deepq
