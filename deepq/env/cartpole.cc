#include "deepq/env/cartpole.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "deepq/env/text_canvas.h"

namespace deepq {
namespace {

constexpr double kGravity = 9.8;
constexpr double kMassCart = 1.0;  // kg
constexpr double kMassPole = 0.1;
constexpr double kTotalMass = kMassPole + kMassCart;
constexpr double kHalfPoleLength = 0.5;  // m
constexpr double kPoleMassLength = kMassPole * kHalfPoleLength;
constexpr double kForce = 10.0;  // N, to the left or to the right
constexpr double kSecondsPerStep = 0.02;
constexpr double kMaxPosition = 2.4;                           // m, to either side
constexpr double kMaxAngle = 12 * 2 * std::numbers::pi / 360;  // 12 degrees
constexpr double kResetBound = 0.05;                           // of all four numbers
constexpr Limits<double> kSomewhere{-1e6, 1e6};                // far beyond where any episode ends

// Of observations: twice as far as where episodes end.
std::vector<float> bounds(float side) {
  constexpr float kAny = std::numeric_limits<float>::infinity();
  return {side * static_cast<float>(2 * kMaxPosition), side * kAny, side * static_cast<float>(2 * kMaxAngle),
          side * kAny};
}

}  // namespace

const EnvSpec& CartPole::spec() const {
  static const EnvSpec kSpec{.id = "CartPole-v1",
                             .observation_space = ObservationSpace::real({4}).within(bounds(-1), bounds(1)),
                             .action_count = 2,
                             .max_episode_steps = 500,
                             .solved_return = 195,
                             .has_solved_return = true,
                             .largest_reward = 1,
                             .side_by_side = true};
  static const EnvSpec kHidden = [] {
    EnvSpec spec = kSpec;
    const std::vector<float> low = bounds(-1), high = bounds(1);
    spec.observation_space = ObservationSpace::real({2}).within({low[0], low[2]}, {high[0], high[2]});
    return spec;
  }();
  return hides_velocities_ ? kHidden : kSpec;
}

std::span<const float> CartPole::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  for (double& component : state_) component = random_.uniform(-kResetBound, kResetBound);
  return observe();
}

// The order of the operations is part of the result: it decides the last bit, and chaos does the rest.
Step CartPole::step(int64_t action) {
  auto& [position, velocity, angle, angular_velocity] = state_;
  const double force = action == 1 ? kForce : -kForce;
  const double cosine = math().cos(angle);
  const double sine = math().sin(angle);
  // Florian 2007, "Correct equations for the dynamics of the cart-pole system", without friction.
  const double push = (force + kPoleMassLength * (angular_velocity * angular_velocity) * sine) / kTotalMass;
  const double angular_acceleration =
      (kGravity * sine - cosine * push) / (kHalfPoleLength * (4.0 / 3.0 - kMassPole * (cosine * cosine) / kTotalMass));
  const double acceleration = push - kPoleMassLength * angular_acceleration * cosine / kTotalMass;

  // Explicit Euler: positions move with the velocities from before the step.
  position += kSecondsPerStep * velocity;
  velocity += kSecondsPerStep * acceleration;
  angle += kSecondsPerStep * angular_velocity;
  angular_velocity += kSecondsPerStep * angular_acceleration;

  // The step that fails is paid too.
  const bool failed = std::abs(position) > kMaxPosition || std::abs(angle) > kMaxAngle;
  return {.observation = observe(), .reward = 1.0, .terminated = failed, .truncated = false};
}

std::span<const float> CartPole::observe() {
  for (size_t i = 0; i < state_.size(); ++i) observation_[i] = static_cast<float>(state_[i]);
  if (!hides_velocities_) return observation_;
  observation_[1] = observation_[2];  // the angle beside the position
  return std::span(observation_).first(2);
}

bool CartPole::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.array("state", state_);
  archive.check_all("state", state_, kSomewhere);
  observe();
  return true;
}

std::string CartPole::render_text() const {
  TextCanvas canvas(
      {.left = -kMaxPosition, .top = 1.2, .column_width = 0.1, .row_height = 0.2, .columns = 49, .rows = 8});
  const auto& [position, velocity, angle, angular_velocity] = state_;
  const double length = 2 * kHalfPoleLength;
  canvas.line(position, 0.2, position + length * math().sin(angle), 0.2 + length * math().cos(angle), '|');
  canvas.line(position - 0.3, 0, position + 0.3, 0, '#');
  canvas.line(-kMaxPosition, -0.2, kMaxPosition, -0.2, '-');
  return canvas.text();
}

Picture CartPole::picture() const {
  const auto& [position, velocity, angle, angular_velocity] = state_;
  const double length = 2 * kHalfPoleLength;
  Painter painter(300, 120, {.left = -kMaxPosition, .top = 1.4, .right = kMaxPosition, .bottom = -0.52},
                  {255, 255, 255});
  painter.line(-kMaxPosition, -0.25, kMaxPosition, -0.25, 2, {120, 128, 136});
  painter.rectangle(position - 0.3, 0, position + 0.3, -0.22, {52, 73, 94});
  painter.line(position, 0, position + length * math().sin(angle), length * math().cos(angle), 7, {214, 137, 84});
  painter.disc(position, 0, 4, {120, 144, 180});
  return painter.take();
}

}  // namespace deepq
