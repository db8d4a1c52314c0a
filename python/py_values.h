// Between Python's objects and the library's numbers: arrays, whole numbers, and exceptions, which become one line.
// Everything here is called with the GIL held.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "deepq/core/error.h"

namespace deepq::python {

namespace nb = nanobind;

// Copies an array of real numbers (anything with Python's buffer protocol, of any strides) to floats. Throws
// deepq::Error that begins with `what` and says what is allowed, for another object, shape or dtype.
void copy_array(nb::handle array, std::span<const int64_t> shape, std::span<float> to, std::string_view what);

// The same for one of uint8 and nothing else, as it is.
void copy_bytes(nb::handle array, std::span<const int64_t> shape, std::span<uint8_t> to, std::string_view what);

// The same for an array of True and False with one dimension.
void copy_flags(nb::handle array, std::span<uint8_t> to, std::string_view what);

// A bit for each of an array of True and False, or of 1 and 0 in any type; lists will do. `bits` are words of 64.
void copy_mask(nb::handle array, int64_t size, std::span<uint64_t> bits, std::string_view what);

// The numbers of Gymnasium's Discrete: `count` of them, above 0, from `start` on; the last is below 2^63.
struct WholeNumbers {
  int64_t start = 0, count = 1;
  std::string text() const;  // "-1 to 3"
};

// A whole number of those, less their start.
int64_t take_whole_number(nb::handle object, const WholeNumbers& allowed, std::string_view what);

// The same for an array of `to.size()` of them, integers of any width or floats that are whole. Nothing is rounded:
// they are compared and subtracted as the array's own type has them. Returns the first that is none of those, if there
// is one.
struct NotAllowed {
  size_t index;
  std::string text;
};
std::optional<NotAllowed> copy_whole_numbers(nb::handle array, const WholeNumbers& allowed, std::span<int64_t> to,
                                             std::string_view what);

double take_number(nb::handle object, std::string_view what);
bool is_false(nb::handle object);  // False, or what arrays have for it: np.False_, an array without a dimension
bool take_flag(nb::handle object, std::string_view what);  // True, False, or NumPy's

std::string class_name(nb::handle object);
std::string shape_text(std::span<const int64_t> shape);  // "(84, 84)"

// "ValueError: its message (file.py:12)"; the exception is kept for take_cause().
std::string keep_as_text(const nb::python_error& error);

// The last exception that became a text, so that Python can name it as the cause; None when there was none.
nb::object take_cause();

// Runs what calls into Python; an exception there becomes a deepq::Error.
template <class Call>
auto call_python(const Call& call) {
  try {
    return call();
  } catch (const nb::python_error& error) {
    throw Error(keep_as_text(error));
  }
}

}  // namespace deepq::python
