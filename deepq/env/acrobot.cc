#include "deepq/env/acrobot.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "deepq/core/error.h"
#include "deepq/env/text_canvas.h"

namespace deepq {
namespace {

using State = std::array<double, 4>;

constexpr double kPi = std::numbers::pi;
constexpr double kGravity = 9.8;
constexpr double kMass1 = 1.0;  // kg, of each link
constexpr double kMass2 = 1.0;
constexpr double kLength1 = 1.0;  // m
constexpr double kLength2 = 1.0;
constexpr double kCenter1 = 0.5;  // m from the link's upper end to its centre of mass
constexpr double kCenter2 = 0.5;
constexpr double kInertia1 = 1.0;  // kg m^2
constexpr double kInertia2 = 1.0;
constexpr double kSecondsPerStep = 0.2;
constexpr double kMaxVelocity1 = 4 * kPi;  // rad/s
constexpr double kMaxVelocity2 = 9 * kPi;
constexpr double kGoalHeight = 1.0;  // m above the fixed end
constexpr double kResetBound = 0.1;  // of all four numbers

// C's pow, as NumPy's scalars use it for a square; the compiler must not see that the exponent is 2. One value in a
// thousand differs from x * x in the last bit. glibc's pow errs by 0.54 of the last place at most, so both are the same
// where x * x rounded away less than 0.45, and a step takes 0.26 us instead of 0.35.
double square(double x, const Math& math) {
  const double rounded = x * x;
  if (math.is_strict()) return rounded;
  const double lost = std::fma(x, x, -rounded);
  const double binade = std::bit_cast<double>(std::bit_cast<uint64_t>(rounded) & 0x7ff0000000000000u);
  if (std::abs(lost) < 0.45 * 0x1p-52 * binade) return rounded;
  static const volatile double kTwo = 2.0;
  return math.pow(x, kTwo);
}

// The equations of motion. The order of the operations is part of the result: it decides the last bit, and chaos does
// the rest.
State derivative(const State& state, double torque, const Math& math) {
  const auto& [angle1, angle2, velocity1, velocity2] = state;
  const double cosine2 = math.cos(angle2);
  const double sine2 = math.sin(angle2);
  constexpr double kCoupling = kMass2 * kLength1 * kCenter2;
  const double d1 = kMass1 * (kCenter1 * kCenter1) +
                    kMass2 * (kLength1 * kLength1 + kCenter2 * kCenter2 + 2 * kLength1 * kCenter2 * cosine2) +
                    kInertia1 + kInertia2;
  const double d2 = kMass2 * (kCenter2 * kCenter2 + kLength1 * kCenter2 * cosine2) + kInertia2;
  const double phi2 = kMass2 * kCenter2 * kGravity * math.cos(angle1 + angle2 - kPi / 2);
  const double phi1 = -kCoupling * square(velocity2, math) * sine2 - 2 * kCoupling * velocity2 * velocity1 * sine2 +
                      (kMass1 * kCenter1 + kMass2 * kLength1) * kGravity * math.cos(angle1 - kPi / 2) + phi2;
  const double acceleration2 = (torque + d2 / d1 * phi1 - kCoupling * square(velocity1, math) * sine2 - phi2) /
                               (kMass2 * (kCenter2 * kCenter2) + kInertia2 - square(d2, math) / d1);
  const double acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return {velocity1, velocity2, acceleration1, acceleration2};
}

State ahead(const State& from, double seconds, const State& derivative) {
  State to;
  for (size_t i = 0; i < to.size(); ++i) to[i] = from[i] + seconds * derivative[i];
  return to;
}

// One step of the classical Runge-Kutta method of fourth order.
State integrate(const State& start, double torque, const Math& math) {
  const State k1 = derivative(start, torque, math);
  const State k2 = derivative(ahead(start, kSecondsPerStep / 2, k1), torque, math);
  const State k3 = derivative(ahead(start, kSecondsPerStep / 2, k2), torque, math);
  const State k4 = derivative(ahead(start, kSecondsPerStep, k3), torque, math);
  State sum;
  for (size_t i = 0; i < sum.size(); ++i) sum[i] = k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i];
  return ahead(start, kSecondsPerStep / 6, sum);
}

// Into -pi ... pi, turn by turn: each subtraction rounds.
double wrapped(double angle) {
  while (angle > kPi) angle -= 2 * kPi;
  while (angle < -kPi) angle += 2 * kPi;
  return angle;
}

// Gymnasium's state is float32 from a reset to the first step, and its observation then comes from NumPy's float32
// cosine and sine: polynomials (T. Myklebust's) evaluated with fused multiply-adds. With float64 functions one first
// observation in 500 would differ in a last bit. For |x| <= pi/4.
template <size_t N>
float polynomial(const std::array<float, N>& coefficients, float x) {
  float sum = coefficients[0];
  for (size_t i = 1; i < N; ++i) sum = std::fma(sum, x, coefficients[i]);
  return sum;
}

float numpy_cosine(float x) {
  static constexpr std::array kEven{0x1.98e616p-16f, -0x1.6c06dcp-10f, 0x1.55553cp-5f, -0.5f, 1.0f};
  return polynomial(kEven, x * x);
}

float numpy_sine(float x) {
  static constexpr std::array kOdd{0x1.7d3bbcp-19f, -0x1.a06bbap-13f, 0x1.11119ap-7f, -0x1.555556p-3f};
  return std::fma(polynomial(kOdd, x * x) * (x * x), x, x);
}

}  // namespace

const EnvSpec& Acrobot::spec() const {
  static const EnvSpec kSpec{
      .id = "Acrobot-v1",
      .observation_space = ObservationSpace::real({6}).within(
          {-1, -1, -1, -1, -static_cast<float>(kMaxVelocity1), -static_cast<float>(kMaxVelocity2)},
          {1, 1, 1, 1, static_cast<float>(kMaxVelocity1), static_cast<float>(kMaxVelocity2)}),
      .action_count = 3,
      .max_episode_steps = 500,
      .solved_return = -100,
      .has_solved_return = true,
      .side_by_side = true};
  return kSpec;
}

std::span<const float> Acrobot::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  std::array<float, 4> start;
  for (float& component : start) component = static_cast<float>(random_.uniform(-kResetBound, kResetBound));
  std::ranges::copy(start, state_.begin());
  observation_ = {
      numpy_cosine(start[0]), numpy_sine(start[0]), numpy_cosine(start[1]), numpy_sine(start[1]), start[2], start[3]};
  return observation_;
}

Step Acrobot::step(int64_t action) {
  state_ = integrate(state_, static_cast<double>(action - 1), math());  // torque -1, 0 or 1
  auto& [angle1, angle2, velocity1, velocity2] = state_;
  angle1 = wrapped(angle1);
  angle2 = wrapped(angle2);
  velocity1 = std::clamp(velocity1, -kMaxVelocity1, kMaxVelocity1);
  velocity2 = std::clamp(velocity2, -kMaxVelocity2, kMaxVelocity2);

  const std::array<double, 6> observed{math().cos(angle1), math().sin(angle1), math().cos(angle2),
                                       math().sin(angle2), velocity1,          velocity2};
  for (size_t i = 0; i < observed.size(); ++i) observation_[i] = static_cast<float>(observed[i]);
  // The height of the free end above the fixed one: both links are 1 m long.
  const bool arrived = -observed[0] - math().cos(angle2 + angle1) > kGoalHeight;
  return {.observation = observation_, .reward = arrived ? 0.0 : -1.0, .terminated = arrived, .truncated = false};
}

bool Acrobot::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.array("state", state_);
  archive.array("observation", observation_);  // after a reset it is not what a step would make of the state
  // A huge angle would be wrapped turn by turn, without end.
  constexpr State kBounds{kPi, kPi, kMaxVelocity1, kMaxVelocity2};
  for (size_t i = 0; i < kBounds.size(); ++i)
    archive.check("state[" + std::to_string(i) + "]", state_[i], {-kBounds[i], kBounds[i]});
  return true;
}

Picture Acrobot::picture() const {
  const double joint_x = kLength1 * math().sin(state_[0]), joint_y = -kLength1 * math().cos(state_[0]);
  const double end_x = joint_x + kLength2 * math().sin(state_[0] + state_[1]);
  const double end_y = joint_y - kLength2 * math().cos(state_[0] + state_[1]);
  constexpr double kFar = 2.2;
  Painter painter(200, 200, {.left = -kFar, .top = kFar, .right = kFar, .bottom = -kFar}, {255, 255, 255});
  painter.line(-kFar, kGoalHeight, kFar, kGoalHeight, 2, {129, 199, 132});
  painter.line(0, 0, joint_x, joint_y, 8, {52, 73, 94});
  painter.line(joint_x, joint_y, end_x, end_y, 8, {120, 144, 180});
  painter.disc(0, 0, 6, {214, 137, 84});
  painter.disc(joint_x, joint_y, 6, {214, 137, 84});
  return painter.take();
}

std::string Acrobot::render_text() const {
  constexpr double kRow = 1.0 / 3, kColumn = kRow / 2, kLeft = -13 * kColumn;
  TextCanvas canvas(
      {.left = kLeft, .top = 6 * kRow, .column_width = kColumn, .row_height = kRow, .columns = 27, .rows = 13});
  const double joint_x = kLength1 * math().sin(state_[0]);
  const double joint_y = -kLength1 * math().cos(state_[0]);
  const double end_x = joint_x + kLength2 * math().sin(state_[0] + state_[1]);
  const double end_y = joint_y - kLength2 * math().cos(state_[0] + state_[1]);
  canvas.line(kLeft, kGoalHeight, -kLeft, kGoalHeight, '.');  // the height to reach
  // The upper link, the lower link, then the ends on top of them.
  canvas.line(0, 0, joint_x, joint_y, '#');
  canvas.line(joint_x, joint_y, end_x, end_y, '*');
  canvas.point(0, 0, '+');
  canvas.point(joint_x, joint_y, 'o');
  return canvas.text();
}

}  // namespace deepq
