#include "cli/env_arguments.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/env/registry.h"

namespace deepq::cli {
namespace {

using nlohmann::ordered_json;

std::pair<std::string, std::string> split(const std::string& argument) {
  const size_t equals = argument.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw Error::of("--env-arg is '", argument, "'; allowed: KEY=VALUE, as is_slippery=false");
  return {argument.substr(0, equals), argument.substr(equals + 1)};
}

// As JSON, or Python's own words for it; what is neither is text.
ordered_json value_of(const std::string& text) {
  if (text == "True" || text == "False") return text == "True";
  if (text == "None") return nullptr;
  ordered_json value = ordered_json::parse(text, nullptr, false);
  return value.is_discarded() ? ordered_json(text) : value;
}

void set_native(RunConfig& config, const std::string& key, const std::string& value, std::vector<GivenKey>& given) {
  const std::string section(env_section(config.env.id));
  std::vector<std::string> known;
  for (const FieldText& field : field_texts(config))
    if (!section.empty() && field.key.starts_with(section + ".")) known.push_back(field.key.substr(section.size() + 1));
  if (std::ranges::find(known, key) == known.end())
    throw Error::of("--env-arg: ", config.env.id, " has no '", key,
                    "'; allowed: ", known.empty() ? "nothing" : join(known),
                    ", or Gymnasium's environment, gymnasium:", config.env.id);
  const std::string assignment = section + "." + key + "=" + value;
  set_field(config, assignment);
  given.push_back(given_key(assignment));
}

}  // namespace

void set_env_arguments(RunConfig& config, const std::vector<std::string>& arguments, std::vector<GivenKey>& given) {
  if (arguments.empty()) return;
  if (is_env_id(config.env.id)) {
    for (const std::string& argument : arguments) {
      const auto [key, value] = split(argument);
      set_native(config, key, value, given);
    }
    return;
  }
  std::string& kwargs = config.env_options.gymnasium.kwargs;
  ordered_json all = kwargs.empty() ? ordered_json::object() : ordered_json::parse(kwargs, nullptr, false);
  if (!all.is_object())
    throw Error::of("--env-arg is given beside gymnasium.kwargs, which is '", kwargs,
                    "'; allowed: one of them, or JSON");
  for (const std::string& argument : arguments) {
    const auto [key, value] = split(argument);
    all[key] = value_of(value);
  }
  kwargs = all.dump();
  given.push_back({.key = "gymnasium.kwargs", .where = "--env-arg: "});
}

}  // namespace deepq::cli
