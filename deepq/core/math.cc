#include "deepq/core/math.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace deepq::strict {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// ln 2 in two parts: a whole number of 11 bits times the first is exact.
constexpr double kLn2 = 0x1.62e42fefa3800p-1, kLn2Rest = 0x1.ef35793c76730p-45;

// A number as the sum of two doubles, the second at most half a unit of the first's last place.
struct Pair {
  double head, rest;
};

Pair sum_of(double a, double b) {  // Knuth's
  const double head = a + b, of_b = head - a;
  return {head, (a - (head - of_b)) + (b - of_b)};
}

// Dekker's, by halves of 26 bits, for without fused multiply-add there is no other way to what a product rounds away.
Pair product_of(double a, double b) {
  constexpr double kSplit = 134217729;  // 2^27 + 1
  const double a_scaled = kSplit * a, a_head = a_scaled - (a_scaled - a), a_rest = a - a_head;
  const double b_scaled = kSplit * b, b_head = b_scaled - (b_scaled - b), b_rest = b - b_head;
  const double head = a * b;
  return {head, ((a_head * b_head - head) + a_head * b_rest + a_rest * b_head) + a_rest * b_rest};
}

Pair product_of(Pair a, Pair b) {
  const Pair head = product_of(a.head, b.head);
  return sum_of(head.head, head.rest + (a.head * b.rest + a.rest * b.head));
}

Pair sum_of(Pair a, Pair b) {
  const Pair head = sum_of(a.head, b.head);
  return sum_of(head.head, head.rest + (a.rest + b.rest));
}

template <size_t N>
double polynomial(const double (&coefficients)[N], double x) {
  double sum = coefficients[0];
  for (size_t i = 1; i < N; ++i) sum = sum * x + coefficients[i];
  return sum;
}

// Nearest whole number, of numbers below 2^51: it is left in the low bits.
double whole_of(double x) {
  constexpr double kShift = 6755399441055744.0;  // 1.5 * 2^52
  return (x + kShift) - kShift;
}

double power_of_two(int64_t exponent) { return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52); }

// e^(x + rest): x = k ln 2 + r with r up to 0.35, and Taylor's series of e^r. What the last two additions round away is
// added at the end, so that the error is little more than a rounding's.
double exp_of(double x, double rest) {
  if (x != x) return x;
  if (x > 710) return kInfinity;
  if (x < -746) return 0;
  const double k = whole_of(x * 1.4426950408889634), head = x - k * kLn2;
  const Pair r = sum_of(head, rest - k * kLn2Rest);
  static constexpr double kSeries[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                       1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                       1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2};
  const Pair beyond_one = sum_of(r.head, r.rest + r.head * r.head * polynomial(kSeries, r.head));
  const Pair all = sum_of(1, beyond_one.head);
  const double y = all.head + (all.rest + beyond_one.rest);
  const auto exponent = static_cast<int64_t>(k);
  // In two steps where 2^k is no normal number: rounded twice only where the result is none either.
  if (exponent > 1023) return y * power_of_two(exponent - 1000) * power_of_two(1000);
  if (exponent < -1022) return y * power_of_two(exponent + 1000) * power_of_two(-1000);
  return y * power_of_two(exponent);
}

// x = 2^k m with m from sqrt(1/2) to sqrt(2); x is positive and finite.
struct Scaled {
  double k, m;
};
Scaled scaled(double x) {
  int64_t k = 0;
  if (x < std::numeric_limits<double>::min()) x *= 0x1p54, k = -54;
  constexpr uint64_t kRoot = 0x3fe6a09e667f3bcdu, kOne = 0x3ff0000000000000u;  // sqrt(1/2) and 1
  const uint64_t bits = std::bit_cast<uint64_t>(x) + (kOne - kRoot);
  k += static_cast<int64_t>(bits >> 52) - 1023;
  return {static_cast<double>(k), std::bit_cast<double>((bits & 0x000fffffffffffffu) + kRoot)};
}

// log m = 2 artanh(s) with s = (m - 1) / (m + 1): 2 s + 2/3 s^3 + ...; these are the coefficients from s^5 on.
constexpr double kArtanh[] = {2.0 / 25, 2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15,
                              2.0 / 13, 2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5};

// log x to some 65 bits.
Pair log_of(double x) {
  const Scaled parts = scaled(x);
  const double f = parts.m - 1;
  const Pair divisor = sum_of(2, f);
  const double quotient = f / divisor.head;
  const Pair back = product_of(quotient, divisor.head);
  const double left = ((f - back.head) - back.rest) - quotient * divisor.rest;
  const Pair s = sum_of(quotient, left / divisor.head), square = product_of(s, s);
  constexpr Pair kTwoThirds{0x1.5555555555555p-1, 0x1.5555555555555p-55};
  Pair series = product_of(square, kTwoThirds);
  series = sum_of(series, {square.head * square.head * polynomial(kArtanh, square.head), 0});
  const Pair log_m = sum_of({2 * s.head, 2 * s.rest}, product_of(s, series));
  return sum_of({parts.k * kLn2, parts.k * kLn2Rest}, log_m);
}

// x less the nearest multiple of pi/2, and which multiple that is, modulo 4. Pi/2 in three parts, the first two of 33
// bits, so that multiples of 20 bits are exact.
struct Turned {
  Pair angle;
  int64_t quarter;
};
Turned turned(double x) {
  constexpr double kFirst = 0x1.921fb54400000p+0, kSecond = 0x1.0b4611a600000p-34, kThird = 0x1.3198a2e037073p-69;
  if (std::abs(x) > 0x1p20) x = std::fmod(x, 6.283185307179586);  // which is exact, but for what pi is not
  const double k = whole_of(x * 0.6366197723675814);
  const Pair first = sum_of(x - k * kFirst, -(k * kSecond));
  return {sum_of(first.head, first.rest - k * kThird), static_cast<int64_t>(k) & 3};
}

// Taylor's series for angles up to pi/4.
double sine_of(Pair angle) {
  static constexpr double kSeries[] = {1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800,
                                       1.0 / 362880,          -1.0 / 5040,          1.0 / 120,        -1.0 / 6};
  const double square = angle.head * angle.head;
  return angle.head + (square * angle.head * polynomial(kSeries, square) + angle.rest * (1 - 0.5 * square));
}
double cosine_of(Pair angle) {
  static constexpr double kSeries[] = {1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800,
                                       1.0 / 40320,          -1.0 / 720,         1.0 / 24};
  const double square = angle.head * angle.head, half = 0.5 * square, near = 1 - half;
  return near + (((1 - near) - half) + (square * square * polynomial(kSeries, square) - angle.head * angle.rest));
}

}  // namespace

double exp(double x) { return exp_of(x, 0); }

double log(double x) {
  if (x != x || x == kInfinity) return x;
  if (x < 0) return kNaN;
  if (x == 0) return -kInfinity;
  const Scaled parts = scaled(x);
  const double f = parts.m - 1, s = f / (2 + f), square = s * s, half = 0.5 * f * f;
  const double series = square * (2.0 / 3 + square * polynomial(kArtanh, square));
  return parts.k * kLn2 - ((half - (s * (half + series) + parts.k * kLn2Rest)) - f);
}

double sin(double x) {
  if (!std::isfinite(x)) return kNaN;
  const Turned at = turned(x);
  const double size = (at.quarter & 1) != 0 ? cosine_of(at.angle) : sine_of(at.angle);
  return (at.quarter & 2) != 0 ? -size : size;
}

double cos(double x) {
  if (!std::isfinite(x)) return kNaN;
  const Turned at = turned(x);
  const double size = (at.quarter & 1) != 0 ? sine_of(at.angle) : cosine_of(at.angle);
  return ((at.quarter + 1) & 2) != 0 ? -size : size;
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y || x < 0) return kNaN;
  if (x == 0 || x == kInfinity || std::isinf(y)) {
    const bool grows = std::isinf(y) ? (x > 1) == (y > 0) : (x == kInfinity) == (y > 0);
    return grows ? kInfinity : 0;
  }
  const Pair logarithm = log_of(x);
  // Far beyond what e^z has room for, where the halves of a product could be infinite.
  if (std::abs(y) > 1e300 || std::abs(logarithm.head * y) > 800) return logarithm.head * y > 0 ? kInfinity : 0;
  const Pair z = product_of(logarithm.head, y);
  const double rest = z.rest + logarithm.rest * y;
  return exp_of(z.head, rest);
}

}  // namespace deepq::strict
