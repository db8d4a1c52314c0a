// A gymnasium.vector environment, a Python object, as one of the library's, in each of Gymnasium's three autoreset
// modes. What the algorithms store is the same in all: the true last observation of every episode, and nothing of a
// step that only began one. Takes the GIL for each call.
#pragma once

#include "deepq/env/vector_env.h"
#include "python/gym_spec.h"

namespace deepq::python {

class GymVectorEnv final : public VectorEnv {
 public:
  // `description`: deepq._environments.Description of a vector environment. Resets it; copy i has the seed + i.
  GymVectorEnv(nb::object description, uint64_t seed);
  ~GymVectorEnv() override;
  GymVectorEnv(const GymVectorEnv&) = delete;
  GymVectorEnv& operator=(const GymVectorEnv&) = delete;

  void step(std::span<const int64_t> actions) override;

  // A Python object's state is not saved: on loading all copies begin new episodes, as SyncVectorEnv's do then.
  void serialize(Archive& archive) override;

 private:
  enum class Autoreset { kNextStep, kSameStep, kDisabled };

  void reset_all(uint64_t seed);
  void call_step(std::span<const int64_t> actions);
  void take_results(nb::handle result);
  void take_final_observations(nb::handle infos);
  void reset_ended();
  void count_episodes();
  void take_rows(nb::handle batch, std::vector<float>& rows) const;
  bool has_ended(size_t i) const { return ended(static_cast<int64_t>(i)); }
  bool any_ended() const;
  [[noreturn]] void refuse(size_t copy, const std::string& what) const;

  GymSpec gym_;
  nb::object reset_, step_;
  Autoreset autoreset_;
  uint64_t seed_;
};

}  // namespace deepq::python
