// Writing a RunConfig: as TOML, and its documentation as Markdown.
#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/train/run_config.h"

namespace deepq {
namespace {

// A TOML basic string.
std::string toml_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
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
  void section(std::string_view name, std::string_view doc) override {
    result.append("\n# ").append(doc).append(".\n[").append(name).append("]\n");
  }

 protected:
  void field(std::string_view name, const std::string& value, const std::string&, std::string_view doc) override {
    constexpr size_t kCommentColumn = 40;
    std::string line = std::string(name) + " = " + value;
    line.resize(std::max(line.size(), kCommentColumn), ' ');
    result.append(line).append("  # ").append(doc).append("\n");
  }
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
    result.append("| `").append(prefix_).append(name).append("` | `").append(value).append("` | ");
    result.append(allowed).append(" | ").append(doc).append(" |\n");
  }

 private:
  std::string prefix_;
};

}  // namespace

std::string to_toml(const RunConfig& config) {
  RunConfig copy = config;
  TomlPrinter printer;
  visit_fields(copy, printer);
  return printer.result;
}

std::string config_markdown() {
  RunConfig defaults;
  MarkdownPrinter printer;
  printer.result =
      "# Configuration\n\n"
      "Every key of `--set key=value` and of TOML files, where the part before the point is the `[section]`.\n"
      "This page is generated from the code.\n";
  printer.begin_table();
  visit_fields(defaults, printer);
  return printer.result;
}

}  // namespace deepq
