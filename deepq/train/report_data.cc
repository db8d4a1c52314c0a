#include "deepq/train/report_data.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "deepq/core/error.h"
#include "deepq/train/run_folder.h"

namespace deepq::report {
namespace {

const std::vector<std::string> kEpisodeColumns = {"episode", "env_steps", "return", "length", "epsilon", "seconds"};
const std::vector<std::string> kMetricsColumns = {"env_steps", "updates", "loss",          "mean_q", "max_abs_q",
                                                  "grad_norm", "epsilon", "learning_rate", "seconds"};
const std::vector<std::string> kEvaluationColumns = {"env_steps",  "episodes",   "mean_return", "std_return",
                                                     "min_return", "max_return", "mean_length", "final"};

void flatten(const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      flatten(*inner, name + ".", out);
    } else if (const auto* text = node.as_string()) {
      out[name] = text->get();
    } else if (const auto* number = node.as_floating_point()) {
      out[name] = number_text(number->get());  // toml++ would write 0.05 with all its 17 digits
    } else {
      std::ostringstream value;
      node.visit([&](const auto& element) { value << element; });
      out[name] = value.str();
    }
  }
}

}  // namespace

std::map<std::string, std::string> read_settings(const std::string& text, const std::string& source) {
  try {
    std::map<std::string, std::string> values;
    flatten(toml::parse(text), "", values);
    return values;
  } catch (const toml::parse_error& error) {
    throw Error::of(source, " line ", error.source().begin.line, ": ", error.description(), "; it must be TOML");
  }
}

CsvTable::CsvTable(std::string_view text, const std::string& source, const std::vector<std::string>& names)
    : names_(names), columns_(names.size()) {
  size_t line_number = 0;
  // Only whole lines count: the writer may be in the middle of the last one.
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    ++line_number;
    const std::string where = source + " line " + std::to_string(line_number);
    if (line_number > 1) {
      append_row(line, where);
    } else if (line != join(names, ",")) {
      throw Error::of(where, ": the header must be '", join(names, ","), "'");
    }
  }
}

void CsvTable::append_row(std::string_view line, const std::string& where) {
  const size_t count = static_cast<size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  if (count != names_.size()) {
    throw Error::of(where, " has ", count, " values; the header names ", names_.size());
  }
  for (size_t i = 0; i < names_.size(); ++i) {
    const std::string_view field = line.substr(0, line.find(','));
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size()) {
      throw Error::of(where, ": ", names_[i], " is '", field, "'; it must be a number");
    }
    columns_[i].push_back(value);
    line.remove_prefix(std::min(field.size() + 1, line.size()));
  }
}

const std::vector<double>& CsvTable::operator[](std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  DEEPQ_ASSERT(found != names_.end());
  return columns_[static_cast<size_t>(found - names_.begin())];
}

std::string RunData::setting(const std::string& key) const {
  const auto found = config.find(key);
  return found == config.end() ? "" : found->second;
}

RunData read_run(const std::string& folder) {
  const std::filesystem::path base(folder);
  const auto path = [&](const char* name) { return (base / name).string(); };
  const auto table = [&](const char* name, const std::vector<std::string>& columns) {
    return CsvTable(read_file(path(name)), path(name), columns);
  };
  const std::string config_text = read_file(path("config.toml"));
  RunData run{.config_text = config_text,
              .config = read_settings(config_text, path("config.toml")),
              .episodes = table("episodes.csv", kEpisodeColumns),
              .metrics = table("metrics.csv", kMetricsColumns),
              .evaluations = table("evaluations.csv", kEvaluationColumns),
              .summary = {},
              .version = ""};
  if (const std::string source = path("summary.json"); std::filesystem::exists(source)) {
    const std::string text = read_file(source);
    run.summary = RunSummary::from_json(text, source);
    const auto summary = nlohmann::json::parse(text);
    if (summary.contains("deepq_version") && summary["deepq_version"].is_string())
      run.version = summary["deepq_version"];
  }
  return run;
}

}  // namespace deepq::report
