// Reading a RunConfig: from TOML and from "key=value".
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "deepq/config/aliases.h"
#include "deepq/config/renamed_keys.h"
#include "deepq/config/run_config.h"
#include "deepq/core/counts.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

// A value that the user gave, and where.
struct Given {
  const toml::node* node = nullptr;
  std::string where;           // "FILE:LINE: ", or "" for an assignment
  std::string_view bare_text;  // an assignment's value as it was typed: the meaning of a bare word for a field of text
  std::string typed_as;        // the name that was given for the key, where that is one of before
};
using GivenMap = std::map<std::string, Given, std::less<>>;

std::string describe(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "'" + node.ref<std::string>() + "'";
    case toml::node_type::integer:
      return std::to_string(node.ref<int64_t>());
    case toml::node_type::floating_point:
      return number_text(node.ref<double>());
    case toml::node_type::boolean:
      return node.ref<bool>() ? "true" : "false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

// Names of all fields, "section.name".
class KeyCollector : public FieldVisitor {
 public:
  void section(std::string_view name, std::string_view) override {
    sections.emplace_back(name);
    prefix_ = std::string(name) + ".";
  }
  void flag(std::string_view name, bool&, std::string_view) override { add(name); }
  void integer(std::string_view name, int64_t&, Range, std::string_view) override { add(name); }
  void number(std::string_view name, double&, Range, std::string_view) override { add(name); }
  void text(std::string_view name, std::string&, std::string_view) override { add(name); }
  void integers(std::string_view name, std::vector<int64_t>&, Range, std::string_view) override { add(name); }

  std::vector<std::string> sections, keys;

 protected:
  void choice_index(std::string_view name, int&, std::span<const std::string_view>, std::string_view) override {
    add(name);
  }

 private:
  void add(std::string_view name) { keys.push_back(prefix_ + std::string(name)); }

  std::string prefix_;
};

// ".5" and "5.", which are not TOML's.
std::optional<double> typed_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Sets the fields that were given.
class FieldReader : public FieldVisitor {
 public:
  explicit FieldReader(const GivenMap& given) : given_(given) {}

  void section(std::string_view name, std::string_view) override { prefix_ = std::string(name) + "."; }

  void flag(std::string_view name, bool& value, std::string_view) override {
    if (!find(name)) return;
    // TOML knows 1 and "true" as other types; neither is taken for true.
    if (!node().is_boolean()) refuse_type("true or false", node());
    value = node().ref<bool>();
  }

  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view) override {
    if (!find(name)) return;
    const std::optional<int64_t> count = is_assignment() ? parse_count(current_->second.bare_text) : std::nullopt;
    if (count && node().is_string())  // 100k, which is not TOML's
      value = whole_number(toml::value(*count), "a whole number", allowed);
    else
      value = whole_number(node(), "a whole number", allowed);
  }

  void number(std::string_view name, double& value, Range allowed, std::string_view) override {
    if (!find(name)) return;
    const std::optional<double> typed = is_assignment() ? typed_number(current_->second.bare_text) : std::nullopt;
    if (!node().is_number() && !typed) refuse_type("a number", node());
    // A whole number is a number too: gamma = 1.
    const double number = !node().is_number()   ? *typed
                          : node().is_integer() ? static_cast<double>(node().ref<int64_t>())  // perhaps rounded
                                                : node().ref<double>();
    if (const std::string refusal = allowed.refusal(number); !refusal.empty()) refuse_value(describe(node()), refusal);
    value = number;
  }

  void text(std::string_view name, std::string& value, std::string_view) override {
    if (find(name)) value = text_value("text in quotes");
  }

  void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view) override {
    if (!find(name)) return;
    const char* expected = "a list of whole numbers";
    std::vector<int64_t> numbers;
    if (const toml::array* list = node().as_array())
      for (const toml::node& element : *list) numbers.push_back(whole_number(element, expected, allowed));
    else if (is_assignment())  // "64" like "64,64"
      numbers = {whole_number(node(), expected, allowed)};
    else
      refuse_type(expected, node());
    value = numbers;
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    if (!find(name)) return;
    const std::vector<std::string> allowed(names.begin(), names.end());
    const std::string text = text_value("one of " + join(allowed));
    // Names of choices lie in the order of their enum.
    const auto found = std::find(allowed.begin(), allowed.end(), text);
    if (found == allowed.end()) refuse_value("'" + text + "'", join(allowed) + did_you_mean(text, allowed));
    index = static_cast<int>(found - allowed.begin());
  }

 private:
  // Whether the field was given; it is the current one then.
  bool find(std::string_view name) {
    current_ = given_.find(prefix_ + std::string(name));
    return current_ != given_.end();
  }
  const toml::node& node() const { return *current_->second.node; }

  // Integers, and floats like 1e5 that are whole and exact.
  int64_t whole_number(const toml::node& node, const char* expected, Range allowed) const {
    constexpr double kExact = 1LL << 53;  // beyond it a float that looks whole may be another number
    const double number = node.value<double>().value_or(0.5);  // 0.5: not whole, so refused below
    const bool whole = node.is_integer() || (std::trunc(number) == number && std::abs(number) <= kExact);
    if (!node.is_number() || !whole) refuse_type(expected, node);
    const int64_t value = node.is_integer() ? node.ref<int64_t>() : static_cast<int64_t>(number);
    if (const std::string refusal = allowed.refusal(value); !refusal.empty()) refuse_value(describe(node), refusal);
    return value;
  }

  std::string text_value(const std::string& expected) const {
    if (node().is_string()) return node().ref<std::string>();
    if (!is_assignment()) refuse_type(expected, node());
    return std::string(current_->second.bare_text);
  }

  bool is_assignment() const { return current_->second.where.empty(); }

  // `wrong` is the current node or an element of it.
  [[noreturn]] void refuse_type(const std::string& expected, const toml::node& wrong) const {
    // "agent.gamma is 'x'", but "network.hidden_sizes holds 'x'".
    const char* verb = &wrong == &node() ? " is " : " holds ";
    throw Error::of(current_->second.where, current_->first, verb, describe(wrong), "; expected ", expected);
  }
  [[noreturn]] void refuse_value(const std::string& value, const std::string& allowed) const {
    const char* verb = node().is_array() ? " holds " : " is ";
    throw Error::of(current_->second.where, current_->first, verb, value, "; allowed: ", allowed);
  }

  const GivenMap& given_;
  GivenMap::const_iterator current_;
  std::string prefix_;
};

void check_version(const GivenMap& given) {
  const auto found = given.find("version");
  // What is no integer is refused by the reader, with its type.
  if (found == given.end() || !found->second.node->is_integer()) return;
  const int64_t version = found->second.node->ref<int64_t>();
  if (version > RunConfig::kVersion)
    throw Error::of(found->second.where, "version is ", version, "; allowed: up to ", RunConfig::kVersion,
                    ", a newer deepq is needed");
}

RunConfig with(RunConfig config, const GivenMap& given) {
  // First: a newer file may have keys that are unknown here, and its version is the better answer.
  check_version(given);
  const std::vector<std::string> known = config_keys();
  for (const auto& [key, value] : given)
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw Error::of(value.where, "unknown key '", key, "'", advice_on_key(key));
  FieldReader reader(given);
  visit_fields(config, reader);
  config.version = RunConfig::kVersion;  // keys of before have been read as those of now
  return config;
}

// toml++ recurses for every dot of a key; this much text cannot exhaust the stack.
void check_length(const std::string& text, const std::string& source) {
  constexpr size_t kMaxBytes = 1 << 15;
  if (text.size() > kMaxBytes)
    throw Error::of(source, " is too long for a configuration: ", text.size(), " bytes; allowed: up to ", kMaxBytes);
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin));
}

// The value of an assignment: TOML, or else a list without brackets, or else a bare word.
toml::table parse_value(const std::string& value) {
  for (const std::string& attempt : {value, "[" + value + "]"}) {
    try {
      // "64,64" is no TOML, "[64,64]" is; "adam" is neither and stays a bare word.
      if (!value.empty()) return toml::parse("value = " + attempt);
    } catch (const toml::parse_error&) {  // then it is something else
    }
  }
  return toml::table{{"value", value}};
}

bool is_section(std::string_view name) {
  RunConfig config;
  KeyCollector known;
  visit_fields(config, known);
  return std::ranges::find(known.sections, name) != known.sections.end();
}

// What a file gives; `table` holds what that points to.
GivenMap read_toml(const std::string& text, const std::string& source, toml::table& table) {
  check_length(text, source);
  try {
    table = toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    throw Error::of(source, ":", error.source().begin.line, ": not valid TOML: ", error.description());
  }
  GivenMap given;
  const auto add = [&](const std::string& name, const toml::node& node) {
    const std::string key = current_key(name), line = std::to_string(node.source().begin.line);
    const Given now{
        .node = &node, .where = source + ":" + line + ": ", .bare_text = {}, .typed_as = key == name ? "" : name};
    const auto [before, is_new] = given.emplace(key, now);
    if (is_new) return;
    const std::string& old_name = now.typed_as.empty() ? before->second.typed_as : now.typed_as;
    throw Error::of(now.where, key, " is given twice, also as ", old_name, ", its name of before; allowed: once");
  };
  for (const auto& [key, node] : table) {
    const toml::table* section = node.as_table();
    // An empty table gives no keys: fine for a section of ours ("[agent]"), an unknown key otherwise.
    const bool left_empty = section && section->empty();
    if (!section || (left_empty && !is_section(key.str()))) add(std::string(key.str()), node);
    if (!section) continue;
    for (const auto& [name, value] : *section) add(std::string(key.str()) + "." + std::string(name.str()), value);
  }
  return given;
}

// Earlier versions wrote 0 for a threshold that nobody had given.
RunConfig without_idle_threshold(RunConfig config) {
  EvalConfig& eval = config.eval;
  if (!eval.stop_when_solved && eval.solved_mean_return == 0) eval.solved_mean_return = EvalConfig{}.solved_mean_return;
  return config;
}

}  // namespace

std::vector<std::string> config_keys() {
  RunConfig config;
  KeyCollector known;
  visit_fields(config, known);
  return known.keys;
}

std::string advice_on_key(const std::string& unknown) {
  RunConfig config;
  KeyCollector known;
  visit_fields(config, known);
  const Meaning meaning = meaning_of(unknown, known.keys);
  if (!meaning.program.empty()) return "; " + meaning.program;
  std::vector<std::string> like = meaning.keys;
  const bool is_word = unknown.find('.') == std::string::npos;
  const auto ends_so = [&](const std::string& key) { return key.ends_with("." + unknown); };
  // A word that ends several keys ("epsilon") means any of them, whatever another library calls so.
  if (is_word && (like.empty() || std::any_of(known.keys.begin(), known.keys.end(), ends_so))) {
    like.clear();
    for (const std::string& key : known.keys)  // epsilon_start for epsilon, too
      if (ends_so(key) || key.find("." + unknown + "_") != std::string::npos) like.push_back(key);
  }
  for (std::string& key : like) key = "'" + key + "'";
  if (!like.empty()) return "; did you mean " + join(like, " or ") + "?";
  const std::string nearest = did_you_mean(unknown, known.keys);
  if (!nearest.empty()) return nearest;
  // A slip in a name of before ("agent.learning_rat"): what is meant is what it is called now.
  for (const RenamedKey& renamed : renamed_keys())
    if (!did_you_mean(unknown, {std::string(renamed.before)}).empty())
      return "; did you mean '" + std::string(renamed.now) + "'?";
  return "; sections: " + join(known.sections);
}

GivenKey given_key(const std::string& assignment) {
  const std::string typed = trimmed(std::string_view(assignment).substr(0, assignment.find('=')));
  const std::string key = current_key(typed);
  return {.key = key, .where = "", .typed_as = key == typed ? "" : typed};
}

std::string note_on_renamed(const std::vector<GivenKey>& given) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const GivenKey& one : given)
    if (!one.typed_as.empty()) names.emplace_back(one.typed_as, one.key);
  return note_on_renamed(names);
}

void set_field(RunConfig& config, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos) throw Error::of("'", assignment, "' is not of the form key=value");
  if (assignment.find_first_of("\r\n") != std::string::npos) throw Error("key=value must be one line");
  check_length(assignment, "key=value");
  const std::string key = given_key(assignment).key;
  // As an assignment it would come after keys that it is to lie below.
  if (key == "preset")
    throw Error("preset is not a setting of its own; allowed: as --preset, or in a file that has the other keys");
  const std::string value = trimmed(std::string_view(assignment).substr(equals + 1));
  const toml::table parsed = parse_value(value);
  config = with(config, {{key, {.node = parsed.get("value"), .where = "", .bare_text = value, .typed_as = {}}}});
}

std::string readable_toml(const RunConfig& config) {
  std::string text = to_toml(config);
  // A run whose file read back as something else could not be resumed: better no run at all.
  if (to_toml(from_toml(text, "the run's own config.toml")) != text)
    throw Error("the run's own config.toml would read back as another configuration");
  return text;
}

RunConfig from_toml(const std::string& text, const std::string& source, RunConfig base) {
  toml::table table;
  return with(std::move(base), read_toml(text, source, table));
}

RunConfig from_user_toml(const std::string& text, const std::string& source, RunConfig base,
                         std::vector<GivenKey>& given) {
  toml::table table;
  const GivenMap map = read_toml(text, source, table);
  for (const auto& [key, value] : map)
    given.push_back({.key = key, .where = value.where, .in_file = true, .typed_as = value.typed_as});
  const auto named = map.find("preset");
  if (named == map.end() || !named->second.node->is_string()) return without_idle_threshold(with(std::move(base), map));
  const toml::node* const node = named->second.node;
  const std::string& where = named->second.where;
  const std::string name = node->ref<std::string>();
  if (!name.empty() && !base.preset.empty() && base.preset != name)
    throw Error::of(where, "preset is '", name, "' and --preset is '", base.preset, "'; allowed: one of them");
  // preset = "" is a run that was made of no preset.
  if (name.empty()) return without_idle_threshold(with(std::move(base), map));
  // A file with every key needs no preset beneath it, so one that is no longer there does no harm.
  const bool complete = map.size() >= field_texts({}).size();
  try {
    base = preset(name);
  } catch (const Error& error) {
    if (!complete) throw Error::of(where, error.what());
  }
  return without_idle_threshold(with(std::move(base), map));
}

}  // namespace deepq
