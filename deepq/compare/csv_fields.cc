#include "deepq/compare/csv_fields.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "deepq/core/error.h"
#include "deepq/record/csv_text.h"

namespace deepq::compare {

std::string_view csv_text(std::string_view text, const std::string& source) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    throw Error::of(source, " is UTF-16 text; allowed: UTF-8");
  return without_byte_order_mark(text);
}

std::vector<std::string> csv_fields(std::string_view line, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += c;  // doubled, it stands for itself
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  for (std::string& field : fields) {
    const size_t first = field.find_first_not_of(" \t"), last = field.find_last_not_of(" \t");
    field = first == std::string::npos ? "" : field.substr(first, last - first + 1);
  }
  return fields;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

double csv_number(const std::string& field, char separator, const std::string& where, const std::string& name) {
  std::string text = field;
  // A decimal comma, as spreadsheets of many countries write it; one comma and no point, so that "1,234.5" is refused.
  if (separator != ',' && text.find('.') == std::string::npos && std::count(text.begin(), text.end(), ',') == 1)
    text[text.find(',')] = '.';
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw Error::of(where, ": ", name, " is '", field, "'; it must be a finite number");
  }
  return value;
}

}  // namespace deepq::compare
