// The one exception type of the library. A deepq::Error is always something the caller can mend: a value out of range,
// a damaged file, a full disk, a broken environment. Its message is one line: what, where, what is allowed. The program
// turns it into exit status 2. What only a bug can break is a DEEPQ_ASSERT.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace deepq {

// "%g": six digits.
std::string short_number_text(double value);

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;

  // Error::of("agent.gamma is ", 1.5, "; allowed: 0 to 1")
  template <class... Parts>
  static Error of(const Parts&... parts) {
    std::string message;
    (append(message, parts), ...);
    return Error(message);
  }

 private:
  // No stream: every file includes this, and streams bring all of the locales into a program that has no other.
  template <class Part>
  static void append(std::string& message, const Part& part) {
    if constexpr (std::is_convertible_v<const Part&, std::string_view>)
      message += std::string_view(part);
    else if constexpr (std::is_same_v<Part, char>)
      message += part;
    else if constexpr (std::is_floating_point_v<Part>)
      message += short_number_text(part);
    else
      message += std::to_string(part);
  }
};

// "; did you mean 'NAME'?" for the candidate nearest to `name` in edit distance, or "" when none is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

// "a, b, c"
std::string join(const std::vector<std::string>& parts, std::string_view separator = ", ");

// The shortest decimal text that reads back as the same double; "nan", "inf" and "-inf" for the rest.
std::string number_text(double value);

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace deepq

#define DEEPQ_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::deepq::assertion_failed(#condition, __FILE__, __LINE__))
