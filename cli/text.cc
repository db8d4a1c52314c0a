#include "cli/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "deepq/page/text.h"

namespace deepq::cli {

std::string fixed(double value, int decimals) {
  if (std::isnan(value)) return "-";
  std::array<char, 400> text;  // the largest double has 309 digits before the point
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return std::string(text.data(), static_cast<size_t>(length));
}

std::string score(double value) { return fixed(value, page::score_decimals(value)); }

std::string grouped(int64_t value) {
  std::string text = std::to_string(value);
  const size_t first_digit = value < 0 ? 1 : 0;
  // From the right, so that places further left stay where they are.
  for (size_t end = text.size(); end > first_digit + 3;) text.insert(end -= 3, ",");
  return text;
}

std::string duration(double seconds) {
  // 1e9 s (31 years) stands for anything longer: infinity has no int64_t.
  const auto total = static_cast<int64_t>(std::clamp(std::round(seconds), 0.0, 1e9));
  const auto two_digits = [](int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  const std::string minutes_up =
      total < 3600 ? std::to_string(total / 60) : std::to_string(total / 3600) + ":" + two_digits(total / 60 % 60);
  return minutes_up + ":" + two_digits(total % 60);
}

std::string bytes_text(double bytes) {
  constexpr std::array kUnits{" bytes", " kB", " MB", " GB", " TB"};
  size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  return fixed(bytes, unit == 0 ? 0 : 1) + kUnits[unit];
}

std::string_view fitted(std::string_view line, size_t columns) {
  if (line.size() <= columns) return line;
  // Fields are three blanks apart; the gap may begin right behind the last column.
  const size_t gap = line.substr(0, columns + 3).rfind("   ");
  return line.substr(0, gap == std::string_view::npos ? columns : gap);
}

std::vector<std::string> wrapped(std::string_view text, size_t columns) {
  std::vector<std::string> lines;
  while (text.size() > columns) {
    // A blank may stand right behind the last column. A word wider than the line is kept whole.
    size_t end = text.substr(0, columns + 1).rfind(' ');
    if (end == std::string_view::npos) end = text.find(' ');
    if (end == std::string_view::npos) break;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  lines.emplace_back(text);
  return lines;
}

std::string padded(std::string_view text, size_t width) {
  std::string result(text);
  result.resize(std::max(width, text.size()), ' ');
  return result;
}

std::string right_aligned(std::string_view text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + std::string(text);
}

}  // namespace deepq::cli
