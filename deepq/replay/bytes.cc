#include "deepq/replay/bytes.h"

#include <algorithm>
#include <bit>
#include <string>

namespace deepq {

namespace {

// 0 for a whole number from 0 to 255. In integers, which the compiler makes vectors of, and which see a denormal where
// those are flushed, too. Added to 2^23 a whole number from 0 to 255 is the low byte, and comes back by subtracting; of
// others something is lost, or a higher bit is set.
inline uint32_t wrong_bits(float value) {
  constexpr float kShift = 0x1p23f;
  const float shifted = value + kShift;
  const uint32_t lost = std::bit_cast<uint32_t>(shifted - kShift) ^ std::bit_cast<uint32_t>(value);
  const uint32_t higher = (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kShift)) >> 8;
  return higher | (lost & 0x7fffffff);  // -0 is 0
}

}  // namespace

void require_bytes(std::span<const float> values) {
  uint32_t wrong = 0;
  for (const float value : values) wrong |= wrong_bits(value);
  if (wrong == 0) return;
  const auto first = std::ranges::find_if(values, [](float value) { return wrong_bits(value) != 0; });
  throw Error::of("number ", first - values.begin(), " of a byte observation is ", *first,
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
