// Tables as text that spreadsheets and other systems may have saved anew: with a byte-order mark, with "\r\n".
#pragma once

#include <string>
#include <string_view>

namespace deepq {

// The next line without its end, "\n" or "\r\n". `whole` is told whether it has one.
inline std::string_view take_line(std::string_view& text, bool* whole = nullptr) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (whole) *whole = end != std::string_view::npos;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

inline std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

inline std::string_view first_line(std::string_view text) {
  text = without_byte_order_mark(text);
  return take_line(text);
}

// The text as deepq writes it.
inline std::string with_plain_lines(std::string_view text) {
  text = without_byte_order_mark(text);
  std::string plain;
  plain.reserve(text.size());
  for (bool whole = true; !text.empty();) {
    plain += take_line(text, &whole);
    if (whole) plain += '\n';
  }
  return plain;
}

// A field of a row in quotes, and those that are in it doubled.
inline std::string csv_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// In quotes where a comma, a quote or a line's end is in it.
inline std::string csv_cell(std::string_view text) {
  return text.find_first_of(",\"\r\n") == std::string_view::npos ? std::string(text) : csv_quoted(text);
}

}  // namespace deepq
