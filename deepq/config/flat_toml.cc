#include "deepq/config/flat_toml.h"

#include <toml++/toml.h>

#include <sstream>

#include "deepq/config/renamed_keys.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

void flatten(const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      flatten(*inner, name + ".", out);
      continue;
    }
    // Files of older versions come out under the names of now.
    std::string& to = out[current_key(name)];
    if (const auto* text = node.as_string()) {
      to = text->get();
    } else if (const auto* number = node.as_floating_point()) {
      to = number_text(number->get());  // toml++ would write 0.05 with all its 17 digits
    } else {
      std::ostringstream value;
      node.visit([&](const auto& element) { value << element; });
      to = value.str();
    }
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
