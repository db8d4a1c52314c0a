#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "deepq/compare/run_files.h"
#include "deepq/core/error.h"

namespace deepq::compare {
namespace {

// The next line without its end, "\n" or "\r\n" (Python's csv module writes the latter).
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A field in quotes may hold commas; a doubled quote in it is one. Blanks around a field do not count.
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  for (std::string& field : fields) {
    const size_t first = field.find_first_not_of(" \t"), last = field.find_last_not_of(" \t");
    field = first == std::string::npos ? "" : field.substr(first, last - first + 1);
  }
  return fields;
}

double number(const std::string& field, const std::string& where, const char* name) {
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
    throw Error::of(where, ": ", name, " is '", field, "'; it must be a finite number");
  }
  return value;
}

// Where the two columns are.
struct Columns {
  size_t step = 0, episode_return = 0, count = 0;
  bool lengths = false;  // `step` is the episode's length

  const char* step_name() const { return lengths ? "l" : "step"; }
};

Columns find_columns(const std::string_view header, const std::string& where) {
  std::vector<std::string> names = split(header);
  for (std::string& name : names) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  }
  const auto place = [&](const char* name) {
    return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  const size_t none = names.size();
  if (place("step") < none && place("return") < none) return {place("step"), place("return"), none, false};
  if (place("l") < none && place("r") < none) return {place("l"), place("r"), none, true};
  throw Error::of(where, ": the columns are '", header,
                  "'; needed are step and return, or r and l as Stable-Baselines3's Monitor writes");
}

std::string env_of(const std::string_view comment) {
  const auto json = nlohmann::json::parse(comment.substr(1), nullptr, false);
  if (!json.is_object() || !json.contains("env_id") || !json["env_id"].is_string()) return "";
  const std::string env = json["env_id"];
  return env == "None" ? "" : env;  // Monitor's name for an environment without one
}

}  // namespace

Run read_csv_run(std::string_view text, const std::string& source) {
  Run run{.source = source};
  Columns columns;
  size_t line_number = 0;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::string where = source + " line " + std::to_string(++line_number);
    if (line.empty()) continue;
    if (line.starts_with('#')) {
      if (run.env.empty()) run.env = env_of(line);
      continue;
    }
    if (columns.count == 0) {
      columns = find_columns(line, where);
      continue;
    }
    const std::vector<std::string> fields = split(line);
    if (fields.size() != columns.count) {
      throw Error::of(where, " has ", fields.size(), " values; the header names ", columns.count);
    }
    const double before = run.steps.empty() ? 0 : run.steps.back();
    const double step = number(fields[columns.step], where, columns.step_name());
    run.steps.push_back(columns.lengths ? before + step : step);
    if (run.steps.back() < before) {
      throw Error::of(
          where, ": ", columns.step_name(), " is ", number_text(step),
          columns.lengths ? "; it must not be negative" : "; steps must not go down, and start at 0 or above");
    }
    if (columns.lengths) run.lengths.push_back(step);
    run.returns.push_back(number(fields[columns.episode_return], where, columns.lengths ? "r" : "return"));
  }
  if (run.returns.empty()) throw Error::of(source, " holds no episode; a run needs at least one");
  return run;
}

}  // namespace deepq::compare
