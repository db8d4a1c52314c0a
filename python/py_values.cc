#include "python/py_values.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace deepq::python {
namespace {

// str(object). Not nb::str(object.attr(...)), which takes the attribute for a str as it is.
std::string text_of(nb::handle object) { return nb::str(object).c_str(); }

// A view into an object's memory, given back at the end.
class Buffer {
 public:
  explicit Buffer(nb::handle object) {
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
    const std::string_view format = view_.format ? view_.format : "B";
    if (format.size() == 1) return format[0];
    const bool native = format.size() == 2 && (format[0] == '<' || format[0] == '=' || format[0] == '@');
    return native ? format[1] : '\0';
  }

  template <class T, class To>
  void copy(std::span<To> to) const {
    if (PyBuffer_IsContiguous(&view_, 'C') != 0) {
      const char* from = static_cast<const char*>(view_.buf);
      for (To& value : to) {
        value = converted<T, To>(from);
        from += sizeof(T);
      }
      return;
    }
    std::vector<Py_ssize_t> index(shape().size());
    for (To& value : to) {
      const char* from = static_cast<const char*>(view_.buf);
      for (size_t d = 0; d < index.size(); ++d) from += index[d] * view_.strides[d];
      value = converted<T, To>(from);
      for (size_t d = index.size(); d-- > 0;) {
        if (++index[d] < view_.shape[d]) break;
        index[d] = 0;
      }
    }
  }

 private:
  template <class T, class To>
  static To converted(const char* from) {
    T value;
    std::memcpy(&value, from, sizeof(T));
    return static_cast<To>(value);
  }

  Py_buffer view_{};
  bool taken_ = false;
};

// Returns whether `letter` is one of a real number.
bool copy_real(const Buffer& buffer, char letter, std::span<float> to) {
  switch (letter) {
    case 'f':
      buffer.copy<float>(to);
      return true;
    case 'd':
      buffer.copy<double>(to);
      return true;
    case 'B':
      buffer.copy<uint8_t>(to);
      return true;
    case 'b':
      buffer.copy<int8_t>(to);
      return true;
    case '?':
      buffer.copy<uint8_t>(to);
      return true;
    case 'h':
      buffer.copy<int16_t>(to);
      return true;
    case 'H':
      buffer.copy<uint16_t>(to);
      return true;
    case 'i':
      buffer.copy<int32_t>(to);
      return true;
    case 'I':
      buffer.copy<uint32_t>(to);
      return true;
    case 'l':
      buffer.copy<long>(to);
      return true;
    case 'L':
      buffer.copy<unsigned long>(to);
      return true;
    case 'q':
      buffer.copy<long long>(to);
      return true;
    case 'Q':
      buffer.copy<unsigned long long>(to);
      return true;
    default:
      return false;
  }
}

std::string dtype_text(nb::handle array) {
  return nb::hasattr(array, "dtype") ? text_of(array.attr("dtype")) : "of another kind";
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

void copy_array(nb::handle array, const ArrayShape& shape, std::span<float> to, std::string_view what) {
  const Buffer buffer(array);
  require_shape(buffer, array, shape.dimensions, what);
  const char letter = buffer.letter();
  if (shape.bytes && letter != 'B')
    throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: uint8, as its space says");
  if (!copy_real(buffer, letter, to))
    throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: float32, and other real numbers");
}

void copy_flags(nb::handle array, std::span<uint8_t> to, std::string_view what) {
  const Buffer buffer(array);
  const int64_t size = static_cast<int64_t>(to.size());
  require_shape(buffer, array, {&size, 1}, what);
  if (buffer.letter() != '?') throw Error::of(what, " has the dtype ", dtype_text(array), "; allowed: bool");
  buffer.copy<uint8_t>(to);
}

int64_t take_whole_number(nb::handle object, int64_t start, int64_t count, std::string_view what) {
  const std::string allowed =
      "; allowed: a whole number, " + std::to_string(start) + " to " + std::to_string(start + count - 1);
  const auto index = nb::steal(PyNumber_Index(object.ptr()));
  if (!index.is_valid()) {
    PyErr_Clear();
    throw Error::of(what, " is a ", class_name(object), allowed);
  }
  int overflow = 0;
  const int64_t value = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  if (overflow != 0 || value < start || value >= start + count) throw Error::of(what, " is ", text_of(index), allowed);
  return value - start;
}

double take_number(nb::handle object, std::string_view what) {
  const double value = PyFloat_AsDouble(object.ptr());
  if (value == -1.0 && PyErr_Occurred()) {
    PyErr_Clear();
    throw Error::of(what, " is a ", class_name(object), "; allowed: a number");
  }
  return value;
}

bool take_flag(nb::handle object, std::string_view what) {
  if (object.ptr() == Py_True) return true;
  if (object.ptr() == Py_False) return false;
  const std::string name = class_name(object);
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
