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

  const EnvSpec& spec() const override { return spec_.env; }
  int64_t count() const override { return static_cast<int64_t>(count_); }
  std::span<const float> observations() const override { return observations_; }
  void step(std::span<const int64_t> actions) override;
  std::span<const float> next_observations() const override { return next_observations_; }
  std::span<const double> rewards() const override { return rewards_; }
  std::span<const uint8_t> terminated() const override { return terminated_; }
  std::span<const uint8_t> truncated() const override { return truncated_; }
  std::span<const uint8_t> skipped() const override { return skipped_; }
  using VectorEnv::terminated;
  using VectorEnv::truncated;
  double episode_return(int64_t i) const override { return episode_returns_[static_cast<size_t>(i)]; }
  int64_t episode_length(int64_t i) const override { return episode_lengths_[static_cast<size_t>(i)]; }

  // A Python object's state is not saved: on loading all copies begin new episodes, as SyncVectorEnv's do then.
  void serialize(Archive& archive) override;
  bool restored_exactly() const override { return restored_exactly_; }

 private:
  enum class Autoreset { kNextStep, kSameStep, kDisabled };

  void reset_all(uint64_t seed);
  void call_step(std::span<const int64_t> actions);
  void take_results(nb::handle result);
  void take_final_observations(nb::handle infos);
  void reset_ended();
  void count_episodes();
  void take_rows(nb::handle batch, std::vector<float>& rows) const;
  std::span<float> row(std::vector<float>& rows, size_t copy) const {
    return std::span(rows).subspan(copy * observation_size_, observation_size_);
  }
  bool has_ended(size_t i) const { return terminated_[i] != 0 || truncated_[i] != 0; }
  bool any_ended() const;
  [[noreturn]] void refuse(size_t copy, const std::string& what) const;

  GymSpec spec_;
  nb::object reset_, step_;
  Autoreset autoreset_;
  size_t count_, observation_size_;
  uint64_t seed_;
  int64_t steps_ = 0;
  std::vector<float> observations_, next_observations_;
  std::vector<double> rewards_, episode_returns_;
  std::vector<int64_t> episode_lengths_;
  std::vector<uint8_t> terminated_, truncated_, skipped_;
  bool restored_exactly_ = true;
};

}  // namespace deepq::python
