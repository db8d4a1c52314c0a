// An environment whose every action goes by several names: action a does what a mod n does in the environment within,
// which has n actions. Nothing else changes, so all names of one action have the same value.
#pragma once

#include <memory>

#include "deepq/env/env.h"

namespace deepq::lab {

class RepeatedActions final : public Env {
 public:
  RepeatedActions(std::unique_ptr<Env> within, int64_t names);  // of each action

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override { return within_->reset(seed); }
  Step step(int64_t action) override { return within_->step(action % within_->spec().action_count); }
  ObservationRow typed_observation() const override { return within_->typed_observation(); }
  bool serialize(Archive& archive) override { return within_->serialize(archive); }

 private:
  std::unique_ptr<Env> within_;
  EnvSpec spec_;
};

EnvFactory repeat_actions(EnvFactory within, int64_t names);

}  // namespace deepq::lab
