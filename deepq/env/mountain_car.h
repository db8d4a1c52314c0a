// MountainCar-v0: a car in a valley, too weak to drive straight up to the goal on the right; it pushes left (0), not at
// all (1) or right (2), and pays 1 for every step.
// Source: Moore 1990, "Efficient memory-based learning for robot control", in the form of Gymnasium's
// classic_control/mountain_car.py, whose float64 state it follows bit for bit, resets included:
// https://gymnasium.farama.org/environments/classic_control/mountain_car/
#pragma once

#include <array>

#include "deepq/core/random.h"
#include "deepq/env/env.h"

namespace deepq {

class MountainCar final : public Env {
 public:
  const EnvSpec& spec() const override;
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  bool serialize(Archive& archive) override;
  std::string render_text() const override;
  Picture picture() const override;

  // Position (-1.2 ... 0.6, the valley's bottom at -pi/6) and velocity per step.
  const std::array<double, 2>& state() const { return state_; }

 private:
  std::span<const float> observe();

  Random random_;
  std::array<double, 2> state_{};
  std::array<float, 2> observation_{};
};

}  // namespace deepq
