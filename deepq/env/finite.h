// Whether all numbers of an observation are finite: what every vector of environments asks at every step.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>

namespace deepq {

// Neither NaN nor infinite, seen from the exponent's bits so that the loop vectorises.
inline bool all_finite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000u;
  uint32_t bad = 0;
  for (const float value : values)
    bad |= static_cast<uint32_t>((std::bit_cast<uint32_t>(value) & kExponent) == kExponent);
  return bad == 0;
}

// "observation[3] is nan; allowed: finite numbers", for numbers that are not all finite.
std::string not_finite_text(std::span<const float> observation);

}  // namespace deepq
