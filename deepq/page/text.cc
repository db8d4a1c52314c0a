#include "deepq/page/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "deepq/core/error.h"

namespace deepq::page {
namespace {

std::string print(const char* format, int digits, double value) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  std::array<char, 64> buffer;
  std::snprintf(buffer.data(), buffer.size(), format, digits, value);
  return buffer.data();
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string fixed_text(double value, int decimals) {
  if (!std::isfinite(value) || std::abs(value) >= 1e15) return short_text(value);
  std::string text = print("%.*f", decimals, value);
  const size_t start = text[0] == '-' ? 1 : 0;
  if (start == 1 && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);  // no "-0.0"
  const size_t whole = std::min(text.find('.'), text.size());
  // From the right, so that places further left stay where they are.
  for (size_t i = whole; i > start + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string short_text(double value) { return print("%.*g", 4, value); }

std::string brief_text(double value) {
  constexpr double kRoundsToThousand = 999.5;  // which three digits would print as 1e+03
  return std::abs(value) >= kRoundsToThousand && std::abs(value) < 1e15 ? fixed_text(value, 0)
                                                                        : print("%.*g", 3, value);
}

std::string interval_text(const stats::Interval& interval) {
  if (std::isnan(interval.low)) return brief_text(interval.value);
  return brief_text(interval.value) + " [" + brief_text(interval.low) + ", " + brief_text(interval.high) + "]";
}

int score_decimals(double value) {
  if (value == 0 || !std::isfinite(value)) return 1;
  const std::string rounded = print("%.*e", 2, value);  // "9.99e-02": its exponent, after rounding
  // Three significant digits take 2 - exponent decimals; score_text() promises one to six.
  return std::clamp(2 - std::atoi(rounded.c_str() + rounded.find('e') + 1), 1, 6);
}

std::string score_text(double value) { return fixed_text(value, score_decimals(value)); }

std::string number_label(double value) { return value == std::round(value) ? fixed_text(value, 0) : short_text(value); }

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  // A quote cannot be escaped within single quotes: they are closed, then \', then opened again.
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string capitalized(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string utc_text(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 64> text;
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  // `text` shrinks past each value, so that braces within a value are never taken for a key.
  for (size_t open = text.find("{{"); open != std::string_view::npos; open = text.find("{{")) {
    const size_t close = text.find("}}", open);
    const auto value = values.find(std::string(text.substr(open + 2, close - open - 2)));
    DEEPQ_ASSERT(close != std::string_view::npos && value != values.end());
    out += text.substr(0, open);
    out += value->second;
    text.remove_prefix(close + 2);
  }
  return out.append(text);
}

}  // namespace deepq::page
