#include "deepq/core/fields.h"

#include <cmath>

#include "deepq/core/error.h"

namespace deepq {

std::string Range::text() const {
  const std::string low = (min_open ? "above " : "") + number_text(min);
  if (std::isinf(min) && std::isinf(max)) return "any number";
  if (std::isinf(max)) return min_open ? low : "at least " + low;
  if (std::isinf(min)) return "at most " + number_text(max);
  return low + " to " + number_text(max);
}

}  // namespace deepq
