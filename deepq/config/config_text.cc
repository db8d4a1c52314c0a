// Writing a RunConfig: as TOML, and its documentation as Markdown.
#include <algorithm>

#include "deepq/config/active_keys.h"
#include "deepq/config/config_members.h"
#include "deepq/config/renamed_keys.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

// A TOML basic string.
std::string toml_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // Control characters must be escaped in basic strings (TOML 1.0); \u00XX reaches them all.
    if (byte < 0x20 || byte == 0x7f) {
      result += "\\u00";
      result += kHex[byte >> 4];
      result += kHex[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

// A TOML float: with a point or an exponent.
std::string float_text(double value) {
  const std::string text = number_text(value);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

std::string list_text(const std::vector<int64_t>& values) {
  std::vector<std::string> texts;
  for (const int64_t value : values) texts.push_back(std::to_string(value));
  return "[" + join(texts) + "]";
}

// Hands every field over as texts.
class FieldPrinter : public FieldVisitor {
 public:
  void flag(std::string_view name, bool& value, std::string_view doc) override {
    field(name, value ? "true" : "false", "true, false", doc);
  }
  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view doc) override {
    field(name, std::to_string(value), allowed.text(), doc);
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view doc) override {
    field(name, float_text(value), allowed.text(), doc);
  }
  void text(std::string_view name, std::string& value, std::string_view doc) override {
    field(name, toml_string(value), "text", doc);
  }
  void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view doc) override {
    field(name, list_text(value), "list of " + allowed.text(), doc);
  }

  std::string result;

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view doc) override {
    const std::vector<std::string> allowed(names.begin(), names.end());
    field(name, toml_string(names[static_cast<size_t>(index)]), join(allowed), doc);
  }

  virtual void field(std::string_view name, const std::string& value, const std::string& allowed,
                     std::string_view doc) = 0;
};

class TomlPrinter : public FieldPrinter {
 public:
  explicit TomlPrinter(const RunConfig& config) : config_(config), env_section_(section_read_by(config.env.id)) {}

  void section(std::string_view name, std::string_view doc) override {
    prefix_ = std::string(name) + ".";
    result.append("\n# ").append(doc).append(".\n[").append(name).append("]\n");
  }

 protected:
  void field(std::string_view name, const std::string& value, const std::string&, std::string_view doc) override {
    // Comments begin in one column where names and values leave room.
    constexpr size_t kCommentColumn = 40;
    std::string line = std::string(name) + " = " + value;
    line.resize(std::max(line.size(), kCommentColumn), ' ');
    const std::string missing = what_is_missing(config_, prefix_ + std::string(name), env_section_);
    // A key that does nothing in this run says so, so that nobody tunes it.
    result.append(line).append("  # ").append(missing.empty() ? "" : "no effect here; ").append(doc).append("\n");
  }

 private:
  const RunConfig& config_;
  std::string_view env_section_;
  std::string prefix_;
};

class TextCollector : public FieldPrinter {
 public:
  std::vector<FieldText> fields;
  void section(std::string_view name, std::string_view) override { prefix_ = std::string(name) + "."; }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view doc) override {
    FieldPrinter::choice_index(name, index, names, doc);
    fields.back().words.assign(names.begin(), names.end());
  }
  void field(std::string_view name, const std::string& value, const std::string& allowed,
             std::string_view doc) override {
    fields.push_back({prefix_ + std::string(name), value, allowed, std::string(doc)});
    if (value == "true" || value == "false") fields.back().words = {"true", "false"};
  }

 private:
  std::string prefix_;
};

class MarkdownPrinter : public FieldPrinter {
 public:
  void section(std::string_view name, std::string_view doc) override {
    prefix_ = std::string(name) + ".";
    result.append("\n## ").append(name).append("\n\n").append(doc).append(".\n");
    begin_table();
  }
  void begin_table() { result += "\n| key | default | allowed | meaning |\n|---|---|---|---|\n"; }

 protected:
  void field(std::string_view name, const std::string& value, const std::string& allowed,
             std::string_view doc) override {
    const std::string key = prefix_ + std::string(name), member = config_member(key);
    result.append("| `").append(key).append("` | `").append(value).append("` | ");
    result.append(allowed).append(" | ").append(doc);
    result += member == key ? " |\n" : " (C++: `" + member + "`) |\n";
  }

 private:
  std::string prefix_;
};

std::string renamed_keys_markdown() {
  std::string text =
      "\n## Names of before\n\n"
      "Files, `--set`, Python's keywords and the folders of older runs are read by these, too, in this version for the "
      "last\ntime; whoever typed one is told what it is called now.\n\n"
      "| before | now |\n|---|---|\n";
  for (const RenamedKey& key : renamed_keys())
    text.append("| ").append(key.before).append(" | `").append(key.now).append("` |\n");
  return text;
}

}  // namespace

std::string to_toml(const RunConfig& config) {
  // visit_fields() takes what it may change; printing changes nothing.
  RunConfig copy = config;
  TomlPrinter printer(config);
  visit_fields(copy, printer);
  return printer.result;
}

std::vector<FieldText> field_texts(const RunConfig& config) {
  RunConfig copy = config;
  TextCollector collector;
  visit_fields(copy, collector);
  return collector.fields;
}

std::string config_markdown() {
  RunConfig defaults;
  MarkdownPrinter printer;
  printer.result =
      "# Configuration\n\n"
      "Every key of `--set key=value` and of TOML files, where the part before the point is the `[section]`.\n"
      "This page is generated from the code.\n\n"
      "Not every key acts in every run: [which act with what](#which-keys-act) is at the end. A key that was set and "
      "does\n"
      "nothing is refused by its name: always by `--set` and by Python's keywords; in files where its value is "
      "neither\n"
      "the default nor that of the file's `preset`, so that a run's own config.toml and what `deepq presets NAME` "
      "prints\n"
      "stay valid.\n\n"
      "`preset` in a file means what `--preset` means: the other keys of the file lie on top. The summary and the "
      "report\n"
      "of a run call it \"rainbow with 3 settings changed\" where it is; the environment, the seed, the length of\n"
      "training, evaluations, logs, files and threads are not counted.\n\n"
      "In C++ `agent.gamma` is the member `agent.gamma` of `deepq::RunConfig`; where a member has another name, it is "
      "said.\n";
  printer.begin_table();
  visit_fields(defaults, printer);
  return printer.result + "\n## Which keys act\n" + active_keys_markdown() + renamed_keys_markdown();
}

}  // namespace deepq
