// Acrobot-v1: two links hang from a fixed point; a torque of -1, 0 or 1 (actions 0, 1, 2) at the joint between them
// must swing the free end one link's length above the point. Every step pays -1, the one that arrives 0. Source: Sutton
// 1996, "Generalization in reinforcement learning: successful examples using sparse coarse coding", with the equations
// of Sutton and Barto's book, in the form of Gymnasium's classic_control/acrobot.py, which it follows bit for bit,
// resets included: https://gymnasium.farama.org/environments/classic_control/acrobot/
#pragma once

#include <array>

#include "deepq/core/random.h"
#include "deepq/env/env.h"

namespace deepq {

class Acrobot final : public Env {
 public:
  const EnvSpec& spec() const override;
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  bool serialize(Archive& archive) override;
  std::string render_text() const override;
  Picture picture() const override;

  // Angle of the first link (rad, 0 hanging), of the second relative to it, and their velocities (rad/s). The
  // observation is the cosine and sine of either angle, and the velocities.
  const std::array<double, 4>& state() const { return state_; }

 private:
  Random random_;
  std::array<double, 4> state_{};
  std::array<float, 6> observation_{};
};

}  // namespace deepq
