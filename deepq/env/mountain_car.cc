#include "deepq/env/mountain_car.h"

#include <algorithm>
#include <cmath>

#include "deepq/env/text_canvas.h"

namespace deepq {
namespace {

constexpr double kMinPosition = -1.2;
constexpr double kMaxPosition = 0.6;
constexpr double kMaxSpeed = 0.07;
constexpr double kGoalPosition = 0.5;
constexpr double kForce = 0.001;
constexpr double kGravity = 0.0025;  // of a step, as all here: no unit of time enters
constexpr double kMinStart = -0.6;
constexpr double kMaxStart = -0.4;

double height(double position) { return Math{}.sin(3 * position); }  // for people

}  // namespace

const EnvSpec& MountainCar::spec() const {
  static const EnvSpec kSpec{.id = "MountainCar-v0",
                             .observation_space = ObservationSpace::real({2}).within(
                                 {static_cast<float>(kMinPosition), static_cast<float>(-kMaxSpeed)},
                                 {static_cast<float>(kMaxPosition), static_cast<float>(kMaxSpeed)}),
                             .action_count = 3,
                             .max_episode_steps = 200,
                             .solved_return = -110,
                             .has_solved_return = true,
                             .side_by_side = true};
  return kSpec;
}

std::span<const float> MountainCar::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  state_ = {random_.uniform(kMinStart, kMaxStart), 0};
  return observe();
}

// The order of the operations is part of the result, down to the last bit.
Step MountainCar::step(int64_t action) {
  auto& [position, velocity] = state_;
  const double push = static_cast<double>(action - 1) * kForce;
  const double pull = math().cos(3 * position) * -kGravity;
  velocity = std::clamp(velocity + (push + pull), -kMaxSpeed, kMaxSpeed);  // push and pull first, as the reference's +=
  position = std::clamp(position + velocity, kMinPosition, kMaxPosition);
  if (position == kMinPosition && velocity < 0) velocity = 0;  // the wall on the left takes all speed

  // A car that rolls back from beyond the goal has not reached it.
  const bool arrived = position >= kGoalPosition && velocity >= 0;
  return {.observation = observe(), .reward = -1.0, .terminated = arrived, .truncated = false};
}

std::span<const float> MountainCar::observe() {
  for (size_t i = 0; i < state_.size(); ++i) observation_[i] = static_cast<float>(state_[i]);
  return observation_;
}

bool MountainCar::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.array("state", state_);
  archive.check("state[0]", state_[0], {kMinPosition, kMaxPosition});
  archive.check("state[1]", state_[1], {-kMaxSpeed, kMaxSpeed});
  observe();
  return true;
}

std::string MountainCar::render_text() const {
  TextCanvas canvas(
      {.left = kMinPosition, .top = 1.3, .column_width = 0.05, .row_height = 0.3, .columns = 37, .rows = 9});
  for (double x = kMinPosition; x < kMaxPosition + 0.01; x += 0.05) canvas.point(x, height(x), '.');
  canvas.point(kGoalPosition, height(kGoalPosition) + 0.3, 'P');  // a flag
  canvas.point(state_[0], height(state_[0]), 'o');
  return canvas.text();
}

Picture MountainCar::picture() const {
  Painter painter(300, 160, {.left = kMinPosition, .top = 1.5, .right = kMaxPosition, .bottom = -1.2}, {255, 255, 255});
  constexpr int kPieces = 60;
  const auto at = [](int piece) { return kMinPosition + (kMaxPosition - kMinPosition) * piece / kPieces; };
  for (int piece = 0; piece < kPieces; ++piece)
    painter.line(at(piece), height(at(piece)), at(piece + 1), height(at(piece + 1)), 3, {120, 128, 136});
  const double goal = height(kGoalPosition);
  painter.line(kGoalPosition, goal, kGoalPosition, goal + 0.4, 2, {52, 73, 94});
  painter.rectangle(kGoalPosition, goal + 0.4, kGoalPosition + 0.08, goal + 0.22, {129, 199, 132});
  painter.disc(state_[0], height(state_[0]) + 0.1, 8, {214, 69, 65});
  return painter.take();
}

}  // namespace deepq
