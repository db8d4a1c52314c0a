#include "web/core/json_writer.h"

#include "deepq/core/json_text.h"

namespace deepq::web {

JsonText json_of(std::string_view text) {
  JsonText json;
  append_json(json.text, text);
  return json;
}

void JsonObject::add_text(std::string_view name, const std::string& value) {
  if (text_.size() > 1) text_ += ',';
  append_json(text_, name);
  text_ += ':';
  text_ += value;
}

}  // namespace deepq::web
