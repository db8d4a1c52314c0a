#include "deepq/core/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <system_error>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// What JSON may escape by a letter, and the letter.
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t", kLetters = "\"\\/bfnrt";

// Bytes of the character that `text` begins with; 0 where it is none: cut off, longer than need be, half of a surrogate
// pair, beyond U+10FFFF (RFC 3629, section 4).
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(i < text.size() ? text[i] : 0); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xc2 && first < 0xe0   ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const uint8_t second = byte(1);
  const bool too_long = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool no_character = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return too_long || no_character ? 0 : length;
}

void append_utf8(std::string& text, uint32_t code) {
  const auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  // The first byte says by its highest bits how many follow, of six bits each.
  const int following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  put((0xff00u >> (following + 1) & 0xff) | code >> 6 * following);
  for (int i = following - 1; i >= 0; --i) put(0x80 | (code >> 6 * i & 0x3f));
}

class Parser {
 public:
  Parser(std::string_view text, size_t most_items) : rest_(text), most_items_(most_items) {}

  Json whole() {
    Json value = this->value(0);
    skip_space();
    require(rest_.empty());
    return value;
  }

 private:
  void require(bool holds) const {
    if (!holds) throw Error("safetensors: the header is not valid JSON");
  }

  char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  char take() {
    require(!rest_.empty());
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool take_if(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size())); }

  // The next token, space around it left out.
  bool take_token(char c) {
    skip_space();
    const bool taken = take_if(c);
    skip_space();
    return taken;
  }

  Json value(int depth) {
    constexpr int kDeepest = 16;  // a header needs 4; the stack has room for so many
    require(depth < kDeepest);
    skip_space();
    switch (next()) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return {.kind = Json::Kind::kString, .text = string()};
      case 't':
        return word("true", Json::Kind::kBool);
      case 'f':
        return word("false", Json::Kind::kBool);
      case 'n':
        return word("null", Json::Kind::kNull);
      default:
        return number();
    }
  }

  Json object(int depth) {
    Json result{.kind = Json::Kind::kObject};
    std::set<std::string> names;
    take_token('{');
    if (take_token('}')) return result;
    do {
      skip_space();
      require(next() == '"');
      std::string name = string();
      if (!names.insert(name).second) throw Error::of("safetensors: the name '", name, "' is there twice");
      require(take_token(':'));
      result.members.emplace_back(std::move(name), value(depth + 1));
    } while (take_token(','));
    require(take_token('}'));
    return result;
  }

  Json list(int depth) {
    Json result{.kind = Json::Kind::kList};
    take_token('[');
    if (take_token(']')) return result;
    do result.items.push_back(value(depth + 1));
    while (take_token(',') && result.items.size() < most_items_);
    require(take_token(']'));
    return result;
  }

  Json word(std::string_view expected, Json::Kind kind) {
    require(rest_.starts_with(expected));
    rest_.remove_prefix(expected.size());
    return {.kind = kind};
  }

  size_t digits() {
    const size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    require(count > 0);
    rest_.remove_prefix(count);
    return count;
  }

  Json number() {
    const std::string_view all = rest_;
    bool is_whole = !take_if('-');
    const bool leads_with_zero = next() == '0';
    const size_t count = digits();
    require(!leads_with_zero || count == 1);
    if (take_if('.')) digits(), is_whole = false;
    if (take_if('e') || take_if('E')) {
      if (!take_if('-')) take_if('+');
      digits(), is_whole = false;
    }
    Json result{.kind = Json::Kind::kNumber};
    uint64_t value = 0;
    if (is_whole && std::from_chars(all.data(), rest_.data(), value).ec == std::errc()) result.whole = value;
    return result;
  }

  std::string string() {
    std::string result;
    take();
    while (!take_if('"')) {
      require(static_cast<uint8_t>(next()) >= 0x20);  // control characters are escaped
      if (take_if('\\')) {
        escaped(result);
        continue;
      }
      const size_t length = utf8_length(rest_);
      require(length > 0);
      result.append(rest_.substr(0, length));
      rest_.remove_prefix(length);
    }
    return result;
  }

  void escaped(std::string& to) {
    const char letter = take();
    if (letter != 'u') {
      const size_t at = kLetters.find(letter);
      require(at != std::string_view::npos);
      to += kEscaped[at];
      return;
    }
    uint32_t code = four_digits();
    if (code >= 0xd800 && code < 0xdc00) {
      // The first half of a surrogate pair: UTF-16 has characters above U+FFFF in two.
      require(take() == '\\' && take() == 'u');
      const uint32_t second = four_digits();
      require(second >= 0xdc00 && second < 0xe000);
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
    } else {
      require(code < 0xdc00 || code >= 0xe000);
    }
    append_utf8(to, code);
  }

  uint32_t four_digits() {
    uint32_t code = 0;
    require(rest_.size() >= 4);
    const char* const end = rest_.data() + 4;
    require(std::from_chars(rest_.data(), end, code, 16).ptr == end);
    rest_.remove_prefix(4);
    return code;
  }

  std::string_view rest_;
  size_t most_items_;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &Member::first);
  return found == members.end() ? nullptr : &found->second;
}

Json parse_json(std::string_view text, size_t most_items) { return Parser(text, most_items).whole(); }

void append_json(std::string& json, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  json += '"';
  for (size_t length = 0; !text.empty(); text.remove_prefix(length)) {
    length = utf8_length(text);
    if (length == 0) throw Error("safetensors: a name or a text of the metadata is not UTF-8");
    const char c = text.front();
    if (const size_t at = kEscaped.find(c); at != std::string_view::npos && c != '/')
      (json += '\\') += kLetters[at];
    else if (static_cast<uint8_t>(c) < 0x20)
      ((json += "\\u00") += kHex[static_cast<size_t>(c) / 16]) += kHex[static_cast<size_t>(c) % 16];
    else
      json.append(text.substr(0, length));
  }
  json += '"';
}

}  // namespace deepq
