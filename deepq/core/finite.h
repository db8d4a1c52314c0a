// Numbers that are none, and whether all are finite: of observations at every step, of parameters before every
// checkpoint.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace deepq {

// What is not known, or was never measured: charts and tables leave it out, JSON has null.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Neither NaN nor infinite, seen from the exponent's bits so that the loop vectorises.
inline bool all_finite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000u;
  uint32_t bad = 0;
  for (const float value : values)
    bad |= static_cast<uint32_t>((std::bit_cast<uint32_t>(value) & kExponent) == kExponent);
  return bad == 0;
}

inline bool all_finite(std::span<const double> values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

// "observation[3] is nan; allowed: finite numbers", for numbers that are not all finite.
std::string not_finite_text(std::span<const float> observation);

}  // namespace deepq
