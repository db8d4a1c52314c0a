#include "web/core/tables.h"

#include <nlohmann/json.hpp>

#include "deepq/config/run_config.h"
#include "deepq/core/version.h"
#include "deepq/env/registry.h"
#include "web/core/faults.h"

namespace deepq::web {
namespace {

// {key: value} where it is not the program's own.
nlohmann::ordered_json changed_values(const RunConfig& config) {
  auto values = nlohmann::ordered_json::object();
  const std::vector<FieldText> defaults = field_texts({}), fields = field_texts(config);
  for (size_t i = 0; i < fields.size(); ++i)
    if (fields[i].value != defaults[i].value) values[fields[i].key] = fields[i].value;
  return values;
}

}  // namespace

std::string tables() {
  auto keys = nlohmann::ordered_json::array(), presets = nlohmann::ordered_json::array();
  for (const FieldText& field : field_texts({}))
    keys.push_back({{"key", field.key},
                    {"value", field.value},
                    {"allowed", field.allowed},
                    {"doc", field.doc},
                    {"words", field.words}});
  for (const std::string& name : preset_names()) {
    const RunConfig config = preset(name);
    if (!is_env_id(config.env.id)) continue;  // its world comes with Python
    const std::string source = preset_source(name), line = source.substr(0, source.find('\n'));
    presets.push_back({{"name", name},
                       {"text", line.substr(std::min(line.size(), line.find_first_not_of("# ")))},
                       {"env", config.env.id},
                       {"values", changed_values(config)}});
  }
  return Json{
      {"version", version()}, {"keys", keys}, {"presets", presets}, {"envs", env_ids()}, {"faults", fault_names()}}
      .dump();
}

}  // namespace deepq::web
