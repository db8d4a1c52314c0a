// JSON for pages, written as text at once: the general library's values and initializer lists are 35 kB of a module.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>

#include "deepq/core/error.h"

namespace deepq::web {

struct JsonText {
  std::string text;
};

inline JsonText json_of(const JsonText& json) { return json; }
inline JsonText json_of(std::same_as<bool> auto value) { return {value ? "true" : "false"}; }
template <std::integral Integer>
requires(!std::same_as<Integer, bool>) JsonText json_of(Integer value) { return {std::to_string(value)}; }
// JSON has no NaN and no infinity: null, as in summary.json.
inline JsonText json_of(std::floating_point auto value) {
  return {std::isfinite(value) ? number_text(static_cast<double>(value)) : "null"};
}
JsonText json_of(std::string_view text);
inline JsonText json_of(const std::string& text) { return json_of(std::string_view(text)); }
inline JsonText json_of(const char* text) { return json_of(std::string_view(text)); }

template <std::ranges::range Values>
requires(!std::convertible_to<const Values&, std::string_view>) JsonText json_of(const Values& values) {
  JsonText list{"["};
  for (const auto& value : values) list.text += (list.text.size() > 1 ? "," : "") + json_of(value).text;
  list.text += "]";
  return list;
}

class JsonObject {
 public:
  template <class Value>
  JsonObject& add(std::string_view name, const Value& value) {
    add_text(name, json_of(value).text);
    return *this;
  }
  JsonText json() const { return {text_ + "}"}; }
  std::string text() const { return text_ + "}"; }

 private:
  void add_text(std::string_view name, const std::string& value);

  std::string text_ = "{";
};
inline JsonText json_of(const JsonObject& object) { return object.json(); }

}  // namespace deepq::web
