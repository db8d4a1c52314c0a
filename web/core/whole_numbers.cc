// libc++ writes the shortest text of a double by Ryu (Adams 2018), but for whole numbers above 2^53, which it prints
// digit by digit with Ryu Printf's tables: 104 kB, a quarter of the packed module. Here they are printed by dividing.
// Part of the module alone, where it takes the place of libc++'s ryu/d2fixed.cpp.
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>

_LIBCPP_BEGIN_NAMESPACE_STD

// `value` is whole and at least 2^53; no digits follow it.
to_chars_result __d2fixed_buffered_n(char* first, char* last, double value, uint32_t) {
  constexpr uint64_t kBase = 1'000'000'000, kFraction = (uint64_t{1} << 52) - 1;
  constexpr int kDigits = 9;
  const auto bits = std::bit_cast<uint64_t>(value);
  std::array<uint64_t, 35> limbs{};  // of 9 digits, the lowest first; the largest double has 309
  uint64_t mantissa = (bits & kFraction) | (kFraction + 1);
  for (size_t i = 0; mantissa != 0; mantissa /= kBase) limbs[i++] = mantissa % kBase;
  for (auto doublings = (bits >> 52 & 0x7ff) - 1075; doublings > 0; --doublings) {
    uint64_t carry = 0;
    for (uint64_t& limb : limbs) {
      const uint64_t twice = 2 * limb + carry;
      limb = twice % kBase;
      carry = twice / kBase;
    }
  }
  std::array<char, limbs.size() * kDigits> text;
  for (size_t i = 0; i < text.size(); ++i) {
    uint64_t& limb = limbs[i / kDigits];
    text[text.size() - 1 - i] = static_cast<char>('0' + limb % 10);
    limb /= 10;
  }
  const char* begin = text.data();
  while (*begin == '0') ++begin;
  const char* const end = text.data() + text.size();
  if (last - first < end - begin) return {last, errc::value_too_large};
  while (begin != end) *first++ = *begin++;
  return {first, errc{}};
}

// What else that file has. The first is for numbers of so many digits, of which the module prints none.
to_chars_result __d2exp_buffered_n(char*, char* last, double, uint32_t) { return {last, errc::value_too_large}; }
void __append_n_digits(uint32_t count, uint32_t digits, char* to) {
  for (; count > 0; digits /= 10) to[--count] = static_cast<char>('0' + digits % 10);
}
void __append_nine_digits(uint32_t digits, char* to) { __append_n_digits(9, digits, to); }

_LIBCPP_END_NAMESPACE_STD
