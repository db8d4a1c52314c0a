#include "deepq/replay/bytes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace deepq {

void require_bytes(std::span<const float> values) {
  // In integers, which the compiler makes vectors of. Added to 2^23 a whole number from 0 to 255 is the low byte, and
  // comes back by subtracting; of others something is lost, or a higher bit is set.
  constexpr float kShift = 0x1p23f;
  uint32_t wrong_bits = 0;
  for (const float value : values) {
    const float shifted = value + kShift;
    const uint32_t lost = std::bit_cast<uint32_t>(shifted - kShift) ^ std::bit_cast<uint32_t>(value);
    wrong_bits |= (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kShift)) >> 8;
    wrong_bits |= lost & 0x7fffffff;  // -0 is 0
  }
  if (wrong_bits == 0) return;
  const auto wrong = std::ranges::find_if_not(values, [](float x) { return x >= 0 && x <= 255 && x == std::trunc(x); });
  throw Error::of("number ", wrong - values.begin(), " of a byte observation is ", *wrong,
                  "; allowed: whole numbers from 0 to 255");
}

uint8_t* put_bytes(std::span<const float> from, uint8_t* to) {
  return std::ranges::transform(from, to, [](float x) { return static_cast<uint8_t>(static_cast<int32_t>(x)); }).out;
}

int64_t replay_bytes(int64_t rows, int64_t width, size_t element_bytes) {
  int64_t elements = 0, bytes = 0;
  const bool countable = !__builtin_mul_overflow(rows, width, &elements) &&
                         !__builtin_mul_overflow(elements, static_cast<int64_t>(element_bytes), &bytes);
  return countable ? bytes : -1;
}

void throw_no_memory(int64_t capacity, int64_t bytes) {
  throw Error::of("replay.capacity is ", capacity, ", which takes ", bytes >= 0 ? std::to_string(bytes) : "over 2^63",
                  " bytes; allowed: what this machine has memory for");
}

}  // namespace deepq
