#include "deepq/core/fields.h"

#include <cmath>

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr int64_t kMostInteger = int64_t{1} << 53;

// Subnormal numbers are flushed to 0 where networks learn.
bool fits_single(double value) {
  const auto single = static_cast<float>(value);
  return value == 0 || std::isnormal(single);
}

}  // namespace

Range Range::wide() const {
  Range range = *this;
  range.is_wide = true;
  return range;
}

Range Range::optional() const {
  Range range = *this;
  range.is_optional = true;
  return range;
}

bool Range::allows(double value) const {
  if (is_optional && std::isnan(value)) return true;
  return std::isfinite(value) && contains(value) && (is_wide || fits_single(value));
}

bool Range::allows(int64_t value) const {
  return contains(static_cast<double>(value)) && (is_wide || (value <= kMostInteger && value >= -kMostInteger));
}

std::string Range::refusal(double value) const {
  if (allows(value)) return "";
  if (!std::isfinite(value) || !contains(value)) return text();
  return text() + ", and in size " + (contains(0) ? "0 or " : "") + "1.2e-38 to 3.4e+38, as single precision has it";
}

std::string Range::refusal(int64_t value) const {
  if (allows(value)) return "";
  if (!contains(static_cast<double>(value))) return text();
  return Range{.min = min, .max = static_cast<double>(kMostInteger), .min_open = min_open}.text();
}

std::string Range::text() const {
  if (is_optional) return Range{.min = min, .max = max, .min_open = min_open}.text() + ", or nan";
  const std::string low = (min_open ? "above " : "") + number_text(min);
  if (std::isinf(min) && std::isinf(max)) return "any number";
  if (std::isinf(max)) return min_open ? low : "at least " + low;
  if (std::isinf(min)) return "at most " + number_text(max);
  return low + " to " + number_text(max);
}

}  // namespace deepq
