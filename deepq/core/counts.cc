#include "deepq/core/counts.h"

#include <cctype>
#include <charconv>
#include <string>

namespace deepq {
namespace {

// The decimal exponent that the last letter stands for; 0 and the text as it is where there is none.
int take_suffix(std::string_view& text) {
  if (text.empty()) return 0;
  constexpr std::string_view kLetters = "kmg";
  const size_t at = kLetters.find(static_cast<char>(std::tolower(static_cast<unsigned char>(text.back()))));
  if (at == std::string_view::npos) return 0;
  text.remove_suffix(1);
  return 3 * static_cast<int>(at + 1);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// All digits of "2.5" and how many of them come after the point; nothing where there is anything else.
std::optional<std::string> take_digits(std::string_view text, int& after_point) {
  std::string digits;
  bool point = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // As in TOML: 1_000, and no point at either end.
    const bool between = i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (c == '_' && between) continue;
    if (c == '.' && !point && between) {
      point = true;
      continue;
    }
    if (!is_digit(c)) return std::nullopt;
    digits += c;
    after_point += point ? 1 : 0;
  }
  if (digits.empty()) return std::nullopt;
  return digits;
}

std::optional<int64_t> whole(std::string_view text) {
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> parse_count(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  // The value is the digits times ten to the power of `shift`: suffix and exponent raise it, decimals lower it.
  int shift = take_suffix(text);
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+') && exponent.size() > 1 && is_digit(exponent[1])) exponent.remove_prefix(1);
    const std::optional<int64_t> power = whole(exponent);
    if (!power || *power < -100 || *power > 100) return std::nullopt;  // more digits than any count has
    shift += static_cast<int>(*power);
    text = text.substr(0, e);
  }
  int after_point = 0;
  std::optional<std::string> digits = take_digits(text, after_point);
  if (!digits) return std::nullopt;
  shift -= after_point;
  for (; shift < 0; ++shift) {  // what would be cut off is no whole number
    if (digits->back() != '0') return std::nullopt;
    if (digits->size() > 1) digits->pop_back();
  }
  return whole((negative ? "-" : "") + *digits + std::string(static_cast<size_t>(shift), '0'));
}

}  // namespace deepq
