// CartPole-v1: a pole on a cart, pushed left (0) or right (1); +1 for every step, the failing one included.
// Source: Barto, Sutton and Anderson 1983, "Neuronlike adaptive elements that can solve difficult learning control
// problems", in the form of Gymnasium's classic_control/cartpole.py, whose float64 state it follows bit for bit, resets
// included: https://gymnasium.farama.org/environments/classic_control/cart_pole/
#pragma once

#include <array>

#include "deepq/core/random.h"
#include "deepq/env/env.h"
#include "deepq/env/env_options.h"

namespace deepq {

class CartPole final : public Env {
 public:
  explicit CartPole(const CartPoleOptions& options = {}) : hides_velocities_(options.hide_velocities) {}

  const EnvSpec& spec() const override;
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  bool serialize(Archive& archive) override;
  std::string render_text() const override;
  Picture picture() const override;

  // Cart position (m) and velocity, pole angle (rad, 0 upright) and angular velocity.
  const std::array<double, 4>& state() const { return state_; }

 private:
  std::span<const float> observe();

  bool hides_velocities_;
  Random random_;
  std::array<double, 4> state_{};
  std::array<float, 4> observation_{};
};

}  // namespace deepq
