#include "web/core/tables.h"

#include "deepq/config/run_config.h"
#include "deepq/core/version.h"
#include "deepq/env/registry.h"
#include "web/core/faults.h"
#include "web/core/json_writer.h"

namespace deepq::web {
namespace {

// {key: value} where it is not the program's own.
JsonObject changed_values(const RunConfig& config) {
  JsonObject values;
  const std::vector<FieldText> defaults = field_texts({}), fields = field_texts(config);
  for (size_t i = 0; i < fields.size(); ++i)
    if (fields[i].value != defaults[i].value) values.add(fields[i].key, fields[i].value);
  return values;
}

}  // namespace

std::string tables() {
  std::vector<JsonObject> keys, presets;
  for (const FieldText& field : field_texts({})) {
    JsonObject& key = keys.emplace_back();
    key.add("key", field.key).add("value", field.value).add("allowed", field.allowed).add("doc", field.doc);
    key.add("words", field.words);
  }
  for (const std::string& name : preset_names()) {
    const RunConfig config = preset(name);
    if (!is_env_id(config.env.id)) continue;  // its world comes with Python
    const std::string source = preset_source(name), line = source.substr(0, source.find('\n'));
    JsonObject& one = presets.emplace_back();
    one.add("name", name).add("text", line.substr(std::min(line.size(), line.find_first_not_of("# "))));
    one.add("env", config.env.id).add("values", changed_values(config));
  }
  JsonObject json;
  json.add("version", version()).add("keys", keys).add("presets", presets);
  return json.add("envs", env_ids()).add("faults", fault_names()).text();
}

}  // namespace deepq::web
