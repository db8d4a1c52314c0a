// A gymnasium.vector environment, a Python object, as one of the library's, in each of Gymnasium's three autoreset
// modes. What the algorithms store is the same in all: the true last observation of every episode, and nothing of a
// step that only began one. Takes the GIL for each call.
#pragma once

#include "deepq/env/vector_env.h"
#include "python/gym_spec.h"

namespace deepq::python {

class GymVectorEnv final : public VectorEnv {
 public:
  // `description`: deepq._environments.Description of a vector environment. Resets it, each copy with its world_seed()
  // of the run.
  GymVectorEnv(nb::object description, uint64_t run_seed);
  ~GymVectorEnv() override;
  GymVectorEnv(const GymVectorEnv&) = delete;
  GymVectorEnv& operator=(const GymVectorEnv&) = delete;

  void receive() override;

  // A Python object's state is not saved: on loading all copies begin new episodes, as SyncVectorEnv's do then.
  void serialize(Archive& archive) override;

 private:
  enum class Autoreset { kNextStep, kSameStep, kDisabled };
  enum class Moment { kReset, kResetOfEnded, kStep };

  void begin_step() override;
  void reset_all(const std::vector<int64_t>& seeds);
  template <class Call>
  void with_step_context(const Call& call) const;
  nb::object chosen() const;  // actions_ as the environment counts them
  void take_step();
  void take_results(nb::handle result);
  void take_lives(nb::handle infos);
  void take_final_observations(nb::handle infos);
  void refuse_final_observations(nb::handle infos) const;
  void require_next_step() const;
  void reset_ended();
  void count_episodes();
  void take_rows(nb::handle batch, std::vector<std::byte>& rows);
  void require_finite(size_t leaf, size_t copy, std::span<std::byte> of_leaf, const std::string& which) const;
  void take_legal_actions(nb::handle infos, std::vector<std::byte>& rows, Moment moment);
  void allow_all_where_the_next_step_is_skipped();
  void require_legal_actions() const;
  std::span<std::byte> numbers_of(std::span<std::byte> row) const {
    return row.first(static_cast<size_t>(layout_.number_bytes()));
  }
  bool has_ended(size_t i) const { return ended(static_cast<int64_t>(i)); }
  bool any_ended() const;
  [[noreturn]] void refuse(size_t copy, const std::string& what) const;

  GymSpec gym_;
  nb::object reset_, step_;
  nb::object send_, receive_;       // the halves of step_; None where there are none
  nb::object masks_, final_masks_;  // of infos, a mask for each copy or None; None: all actions are legal, always
  std::vector<std::byte> plain_;    // a leaf's numbers, where rows hold more
  Autoreset autoreset_;
  uint64_t run_seed_;
  std::vector<int64_t> lives_;  // where a lost one counts; else empty
};

}  // namespace deepq::python
