#include "python/config_keys.h"

#include "deepq/core/error.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq::python {
namespace {

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

// Hands every field over as texts.
class Collector : public FieldVisitor {
 public:
  struct Field {
    std::string key, value, allowed, doc;
  };
  std::vector<Field> fields;

  void section(std::string_view name, std::string_view) override { prefix_ = std::string(name) + "."; }
  // Values as TOML has them, what is allowed as Python writes it.
  void flag(std::string_view name, bool& value, std::string_view doc) override {
    add(name, value ? "true" : "false", "True, False", doc);
  }
  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view doc) override {
    add(name, std::to_string(value), allowed.text(), doc);
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view doc) override {
    add(name, number_text(value), allowed.text(), doc);
  }
  void text(std::string_view name, std::string& value, std::string_view doc) override {
    add(name, in_quotes(value), "text", doc);
  }
  void integers(std::string_view name, std::vector<int64_t>& value, Range allowed, std::string_view doc) override {
    std::vector<std::string> texts;
    for (const int64_t one : value) texts.push_back(std::to_string(one));
    add(name, "[" + join(texts) + "]", "list of " + allowed.text(), doc);
  }

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view doc) override {
    add(name, in_quotes(names[static_cast<size_t>(index)]), join({names.begin(), names.end()}), doc);
  }

 private:
  void add(std::string_view name, std::string value, std::string allowed, std::string_view doc) {
    fields.push_back({prefix_ + std::string(name), std::move(value), std::move(allowed), std::string(doc)});
  }

  std::string prefix_;
};

Collector collect(RunConfig& config) {
  Collector collector;
  visit_fields(config, collector);
  return collector;
}

}  // namespace

std::vector<std::tuple<std::string, std::string, std::string>> config_keys() {
  RunConfig defaults;
  std::vector<std::tuple<std::string, std::string, std::string>> keys;
  for (const Collector::Field& field : collect(defaults).fields) keys.emplace_back(field.key, field.allowed, field.doc);
  return keys;
}

std::string field_text(RunConfig& config, const std::string& key) {
  for (const Collector::Field& field : collect(config).fields)
    if (field.key == key) return field.value;
  throw Error::of("unknown key '", key, "'");
}

std::tuple<std::string, std::vector<std::string>> newest_checkpoint_path(const std::string& path) {
  std::vector<std::string> set_aside;
  require_exists(path);
  if (!is_folder(path)) return {path, set_aside};
  // A file is taken as the checkpoint that it is; of a run's folder the newest that reads whole.
  require_run_folder(path);
  std::string newest = newest_checkpoint(checkpoint_folder(path), set_aside).path();
  return {std::move(newest), std::move(set_aside)};
}

}  // namespace deepq::python
