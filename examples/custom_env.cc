// A user's own environment: one class with three functions. Here: stop a sliding puck at the origin by pushing it left
// or right.
#include <array>
#include <cmath>
#include <iostream>
#include <memory>

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
  deepq::EnvSpec spec_{.id = "StopThePuck", .observation_shape = {2}, .action_count = 3, .max_episode_steps = 100};
  deepq::Random random_;
  std::array<float, 2> state_{};
};

int main() {
  deepq::RunConfig config;
  config.env.id = "StopThePuck";
  config.train.env_steps = 20'000;
  config.target.sync_every_updates = 500;
  config.exploration.epsilon_end = 0.05;
  const deepq::RunSummary summary = deepq::start_run(config, {}, [] { return std::make_unique<StopThePuck>(); });
  std::cout << "mean return: first episodes about -50, trained " << summary.eval_mean_return << "\n";
  return summary.eval_mean_return > -10 ? 0 : 1;
}
