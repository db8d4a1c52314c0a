// JSON as the header of a safetensors file has it: read strictly (RFC 8259) from text that may hold anything, without a
// library, so that whoever only acts needs none. What people write and read as JSON goes through nlohmann-json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deepq {

struct Json {
  enum class Kind { kNull, kBool, kNumber, kString, kList, kObject };
  using Member = std::pair<std::string, Json>;

  Kind kind = Kind::kNull;
  std::string text = {};               // a string's, UTF-8
  std::optional<uint64_t> whole = {};  // of a number that is written with digits alone and fits
  std::vector<Json> items = {};        // a list's
  std::vector<Member> members = {};    // an object's, as they lie in the text

  const Json* find(std::string_view name) const;  // a member; null where there is none
};

// Throws deepq::Error for what is no JSON, has a name twice in one object, longer lists than `most_items` (no shape has
// more, and a value takes fifty times what a digit of the file does), or lists and objects deeper within one another
// than any header.
Json parse_json(std::string_view text, size_t most_items = 64);

// Puts `text` behind `json` in quotation marks. Throws deepq::Error for text that is not UTF-8.
void append_json(std::string& json, std::string_view text);

}  // namespace deepq
