// A user's own environment: one class with three functions. Here: stop a sliding puck at the origin by pushing it left
// or right.
#pragma once

#include <array>
#include <cmath>

#include "deepq/core/random.h"
#include "deepq/deepq.h"

class StopThePuck : public deepq::Env {
 public:
  const deepq::EnvSpec& spec() const override { return spec_; }

  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed) random_ = deepq::Random(*seed);
    state_ = {static_cast<float>(random_.uniform(-1, 1)), 0.0f};
    return state_;
  }

  deepq::Step step(int64_t action) override {
    auto& [position, speed] = state_;
    speed += static_cast<float>(action - 1) * 0.05f;  // 0: left, 1: nothing, 2: right
    position += speed;
    const bool lost = std::abs(position) > 2;
    return {.observation = state_, .reward = lost ? -50.0 : -std::abs(position), .terminated = lost};
  }

 private:
  deepq::EnvSpec spec_{.id = "StopThePuck",
                       .observation_space = deepq::ObservationSpace::real({2}),
                       .action_count = 3,
                       .max_episode_steps = 100};
  deepq::Random random_;
  std::array<float, 2> state_{};
};
