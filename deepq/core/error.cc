#include "deepq/core/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace deepq {
namespace {

// Levenshtein distance, one row at a time.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      // `diagonal` is of the row before, which `row` no longer holds.
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string* nearest = nullptr;
  size_t best = std::max<size_t>(name.size() <= 3 ? 1 : 2, name.size() / 3) + 1;  // lr is no slip for id
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest ? "; did you mean '" + *nearest + "'?" : "";
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";  // to_chars would tell the sign, which no one asked for
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return std::string(digits.data(), end);
}

std::string short_number_text(double value) {
  if (std::isnan(value)) return "nan";
  std::array<char, 32> digits;
  std::snprintf(digits.data(), digits.size(), "%g", value);
  return digits.data();
}

void assertion_failed(const char* condition, const char* file, int line) {
  throw std::logic_error(std::string("deepq bug: ") + condition + " does not hold at " + file + ":" +
                         std::to_string(line));
}

}  // namespace deepq
