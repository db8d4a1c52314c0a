#include "python/py_values.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

namespace deepq::python {
namespace {

// str(object). Not nb::str(object.attr(...)), which takes the attribute for a str as it is.
std::string text_of(nb::handle object) { return nb::str(object).c_str(); }

// A view into an object's memory, given back at the end.
class Buffer {
 public:
  explicit Buffer(nb::handle object) {
    // PyBUF_FULL_RO: any strides, and read-only arrays too.
    taken_ = PyObject_GetBuffer(object.ptr(), &view_, PyBUF_FULL_RO) == 0;
    if (!taken_) PyErr_Clear();
  }
  ~Buffer() {
    if (taken_) PyBuffer_Release(&view_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  bool taken() const { return taken_; }
  std::span<const Py_ssize_t> shape() const { return {view_.shape, static_cast<size_t>(view_.ndim)}; }
  // The element's letter in Python's `struct`; 0 for what is more than one number in this machine's order.
  char letter() const {
    // Without a format the elements are unsigned bytes (PEP 3118).
    const std::string_view format = view_.format ? view_.format : "B";
    if (format.size() == 1) return format[0];
    // "<", "=" and "@" all mean this order on a little-endian machine; ">" does not.
    const bool native = format.size() == 2 && (format[0] == '<' || format[0] == '=' || format[0] == '@');
    return native ? format[1] : '\0';
  }

  // All of it, where the last index is the fastest and nothing is left out; else nothing.
  std::span<const uint8_t> whole() const {
    const bool contiguous = PyBuffer_IsContiguous(&view_, 'C') != 0;
    return {static_cast<const uint8_t*>(view_.buf), contiguous ? static_cast<size_t>(view_.len) : 0};
  }

  // Calls take(number) for each, the last index fastest.
  template <class T, class Take>
  void each(const Take& take) const {
    const char* const first = static_cast<const char*>(view_.buf);
    const auto count = static_cast<size_t>(view_.len) / sizeof(T);
    if (PyBuffer_IsContiguous(&view_, 'C') != 0) {
      for (size_t i = 0; i < count; ++i) take(i, at<T>(first + i * sizeof(T)));
      return;
    }
    // Strided: the index counts like an odometer, the last dimension fastest.
    std::vector<Py_ssize_t> index(shape().size());
    for (size_t i = 0; i < count; ++i) {
      const char* from = first;
      for (size_t d = 0; d < index.size(); ++d) from += index[d] * view_.strides[d];
      take(i, at<T>(from));
      for (size_t d = index.size(); d-- > 0;) {
        if (++index[d] < view_.shape[d]) break;
        index[d] = 0;
      }
    }
  }

 private:
  template <class T>
  static T at(const char* from) {
    T value;
    // A strided view may have its elements at any address, aligned or not.
    std::memcpy(&value, from, sizeof(T));
    return value;
  }

  Py_buffer view_{};
  bool taken_ = false;
};

// Calls with a zero of the type that `letter` stands for, and returns whether that is one of real numbers.
template <class Call>
bool with_real_type(char letter, const Call& call) {
  switch (letter) {
    // Letters of Python's struct module. On Linux "l" and "q" are both 64 bits, and NumPy uses either.
    case 'f':
      return call(float{}), true;
    case 'd':
      return call(double{}), true;
    case 'B':
      return call(uint8_t{}), true;
    case 'b':
      return call(int8_t{}), true;
    case '?':
      return call(uint8_t{}), true;
    case 'h':
      return call(int16_t{}), true;
    case 'H':
      return call(uint16_t{}), true;
    case 'i':
      return call(int32_t{}), true;
    case 'I':
      return call(uint32_t{}), true;
    case 'l':
      return call(long{}), true;
    case 'L':
      return call(static_cast<unsigned long>(0)), true;
    case 'q':
      return call(static_cast<long long>(0)), true;
    case 'Q':
      return call(static_cast<unsigned long long>(0)), true;
    default:
      return false;
  }
}

// The number less the start, or -1 for one that is not allowed.
template <class T>
int64_t index_of(T number, const WholeNumbers& allowed) {
  int64_t value = 0;
  if constexpr (std::is_floating_point_v<T>) {
    // 2^63 is exact in float and double; converting what lies beyond, or NaN, would be undefined.
    constexpr T kBeyond = static_cast<T>(0x1p63);
    if (!(number >= -kBeyond && number < kBeyond) || number != std::floor(number)) return -1;
    value = static_cast<int64_t>(number);
  } else {
    if (!std::in_range<int64_t>(number)) return -1;
    value = static_cast<int64_t>(number);
  }
  if (value < allowed.start) return -1;
  // Unsigned: from a start near the lowest int64_t on the difference would overflow.
  const uint64_t index = static_cast<uint64_t>(value) - static_cast<uint64_t>(allowed.start);
  return index < static_cast<uint64_t>(allowed.count) ? static_cast<int64_t>(index) : -1;
}

template <class T>
std::string text_of_number(T number) {
  if constexpr (std::is_floating_point_v<T>)
    return number_text(static_cast<double>(number));
  else
    return std::to_string(number);
}

std::string dtype_text(nb::handle array) {
  return nb::hasattr(array, "dtype") ? text_of(array.attr("dtype")) : "of another kind";
}

// NumPy's other real numbers as ones that with_real_type() knows: those of another byte order as they are, those of
// half or extended precision as doubles. Everything else is refused.
nb::object with_plain_numbers(nb::handle array, std::string_view what, const char* allowed) {
  const bool numpys = nb::hasattr(array, "dtype") && nb::hasattr(array.attr("dtype"), "kind");
  const std::string kind = numpys ? text_of(array.attr("dtype").attr("kind")) : "";
  if (kind != "f" && kind != "i" && kind != "u")
    throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: ", allowed);
  // First this machine's byte order; where the width is still none of ours, float64.
  nb::object native = array.attr("astype")(array.attr("dtype").attr("newbyteorder")("="));
  const bool known = with_real_type(Buffer(native).letter(), [](auto) {});
  return known ? native : nb::object(native.attr("astype")("float64"));
}

void require_shape(const Buffer& buffer, nb::handle array, std::span<const int64_t> wanted, std::string_view what) {
  const std::string allowed = "an array of shape " + shape_text(wanted);
  if (!buffer.taken()) throw Error::of(what, " is a ", class_name(array), "; allowed: ", allowed);
  const std::vector<int64_t> shape(buffer.shape().begin(), buffer.shape().end());
  if (!std::ranges::equal(shape, wanted))
    throw Error::of(what, " has the shape ", shape_text(shape), "; allowed: ", allowed);
}

// Leaked: it must not outlive the interpreter, and nobody may take it.
nb::object& cause() {
  static auto* const kept = new nb::object(nb::none());
  return *kept;
}

// Where the exception was raised: "file.py:12".
std::string origin(const nb::python_error& error) {
  nb::object last = nb::borrow(error.traceback());
  if (!last.is_valid() || last.is_none()) return {};
  while (!last.attr("tb_next").is_none()) last = last.attr("tb_next");
  const std::string file = text_of(last.attr("tb_frame").attr("f_code").attr("co_filename"));
  return file.substr(file.rfind('/') + 1) + ":" + text_of(last.attr("tb_lineno"));
}

}  // namespace

void copy_bytes(nb::handle array, std::span<const int64_t> shape, std::span<uint8_t> to, std::string_view what) {
  const Buffer buffer(array);
  require_shape(buffer, array, shape, what);
  if (buffer.letter() != 'B')
    throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: uint8, as its space says");
  if (const std::span whole = buffer.whole(); whole.size() == to.size())
    std::ranges::copy(whole, to.begin());
  else
    buffer.each<uint8_t>([&](size_t i, uint8_t byte) { to[i] = byte; });
}

void copy_array(nb::handle array, std::span<const int64_t> shape, std::span<float> to, std::string_view what) {
  const Buffer buffer(array);
  require_shape(buffer, array, shape, what);
  const bool real = with_real_type(buffer.letter(), [&](auto zero) {
    buffer.each<decltype(zero)>([&](size_t i, auto number) { to[i] = static_cast<float>(number); });
  });
  // Once more with the converted copy, whose type is known: this goes one level deep.
  if (!real) copy_array(with_plain_numbers(array, what, "float32, and other real numbers"), shape, to, what);
}

void copy_mask(nb::handle array, int64_t size, std::span<uint64_t> bits, std::string_view what) {
  const Buffer buffer(array);
  if (!buffer.taken()) {  // a list, or what NumPy can make an array of
    const nb::object made = nb::module_::import_("numpy").attr("asarray")(array);
    if (!Buffer(made).taken()) throw Error::of(what, " is a ", class_name(array), "; allowed: an array of 0 and 1");
    return copy_mask(made, size, bits, what);
  }
  require_shape(buffer, array, {&size, 1}, what);
  std::ranges::fill(bits, 0);
  bool sound = true;
  const bool real = with_real_type(buffer.letter(), [&](auto zero) {
    buffer.each<decltype(zero)>([&](size_t i, auto flag) {
      sound = sound && (flag == 0 || flag == 1);
      bits[i / 64] |= uint64_t{flag != 0} << (i % 64);
    });
  });
  if (!real) throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: bool, or 0 and 1");
  if (!sound) throw Error::of(what, " holds other numbers than 0 and 1; allowed: 1 where an action is legal, else 0");
}

void copy_flags(nb::handle array, std::span<uint8_t> to, std::string_view what) {
  const Buffer buffer(array);
  const int64_t size = static_cast<int64_t>(to.size());
  require_shape(buffer, array, {&size, 1}, what);
  if (buffer.letter() != '?') throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: bool");
  buffer.each<uint8_t>([&](size_t i, uint8_t flag) { to[i] = flag; });
}

std::string WholeNumbers::text() const { return std::to_string(start) + " to " + std::to_string(start + (count - 1)); }

int64_t take_whole_number(nb::handle object, const WholeNumbers& allowed, std::string_view what) {
  const auto refuse = [&](const std::string& found) {
    throw Error::of(what, " is ", found, "; allowed: a whole number, ", allowed.text());
  };
  // __index__: int, NumPy's integers and arrays of one of them, but no float.
  const auto whole = nb::steal(PyNumber_Index(object.ptr()));
  if (!whole.is_valid()) {
    PyErr_Clear();
    refuse("a " + class_name(object));
  }
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  const int64_t index = overflow != 0 ? -1 : index_of(value, allowed);
  if (index < 0) refuse(text_of(whole));
  return index;
}

std::optional<NotAllowed> copy_whole_numbers(nb::handle array, const WholeNumbers& allowed, std::span<int64_t> to,
                                             std::string_view what) {
  const Buffer buffer(array);
  const int64_t size = static_cast<int64_t>(to.size());
  require_shape(buffer, array, {&size, 1}, what);
  std::optional<NotAllowed> bad;
  const bool real = with_real_type(buffer.letter(), [&](auto zero) {
    buffer.each<decltype(zero)>([&](size_t i, auto number) {
      const int64_t index = index_of(number, allowed);
      to[i] = index;
      // All are read; the first that is not allowed is told of.
      if (index < 0 && !bad) bad = {i, text_of_number(number)};
    });
  });
  if (real) return bad;
  return copy_whole_numbers(with_plain_numbers(array, what, "int64, and other whole numbers"), allowed, to, what);
}

double take_number(nb::handle object, std::string_view what) {
  const double value = PyFloat_AsDouble(object.ptr());
  // -1 may be the number itself: only with an exception set it means failure.
  if (value == -1.0 && PyErr_Occurred()) {
    PyErr_Clear();
    throw Error::of(what, " is a ", class_name(object), "; allowed: a number");
  }
  return value;
}

bool is_false(nb::handle object) {
  if (object.ptr() == Py_False) return true;
  if (!nb::hasattr(object, "dtype") || !nb::hasattr(object, "shape")) return false;
  const bool flag = text_of(object.attr("dtype")).find("bool") != std::string::npos;
  const nb::object shape = object.attr("shape");
  return flag && nb::len(nb::handle(shape)) == 0 && PyObject_IsTrue(object.ptr()) == 0;
}

bool take_flag(nb::handle object, std::string_view what) {
  if (object.ptr() == Py_True) return true;
  if (object.ptr() == Py_False) return false;
  const std::string name = class_name(object);
  // NumPy 2 calls its boolean "bool", NumPy 1 "bool_".
  if (name == "bool" || name == "bool_") return PyObject_IsTrue(object.ptr()) == 1;
  throw Error::of(what, " is ", text_of(nb::repr(object)), "; allowed: True or False");
}

std::string class_name(nb::handle object) { return text_of(object.type().attr("__name__")); }

std::string shape_text(std::span<const int64_t> shape) {
  std::vector<std::string> texts;
  for (const int64_t dimension : shape) texts.push_back(std::to_string(dimension));
  return "(" + join(texts) + (texts.size() == 1 ? ",)" : ")");
}

std::string keep_as_text(const nb::python_error& error) {
  cause() = nb::borrow(error.value());
  const std::string message = text_of(error.value());
  std::string text = class_name(error.value()) + (message.empty() ? "" : ": " + message);
  if (class_name(error.value()) == "Error")
    text = message;  // our own, from the Python part
  else if (const std::string where = origin(error); !where.empty())
    text += " (" + where + ")";
  std::ranges::replace(text, '\n', ' ');
  return text;
}

nb::object take_cause() { return std::exchange(cause(), nb::none()); }

}  // namespace deepq::python
