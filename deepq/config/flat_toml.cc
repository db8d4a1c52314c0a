#include "deepq/config/flat_toml.h"

#include <toml++/toml.h>

#include "deepq/config/renamed_keys.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

// As toml++ writes it, but for floats, which it would give 17 digits. What no configuration holds (dates) is "".
std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_floating_point()) return number_text(number->get());
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  const toml::array* const list = node.as_array();
  if (!list) return "";
  std::vector<std::string> parts;
  for (const toml::node& element : *list) parts.push_back(text_of(element));
  return parts.empty() ? "[]" : "[ " + join(parts) + " ]";
}

void flatten(const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      flatten(*inner, name + ".", out);
      continue;
    }
    // Files of older versions come out under the names of now.
    out[current_key(name)] = text_of(node);
  }
}

}  // namespace

std::map<std::string, std::string> flat_toml(const std::string& text, const std::string& source) {
  try {
    std::map<std::string, std::string> values;
    flatten(toml::parse(text), "", values);
    return values;
  } catch (const toml::parse_error& error) {
    throw Error::of(source, " line ", error.source().begin.line, ": ", error.description(), "; it must be TOML");
  }
}

}  // namespace deepq
