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

// What spreadsheets put before the first line of UTF-8.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void skip_byte_order_mark(std::string_view& text, const std::string& source) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    throw Error::of(source, " is UTF-16 text; allowed: UTF-8");
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
}

// A field in quotes may hold separators; a doubled quote in it is one. Blanks around a field do not count.
std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
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

// Where no comma separates, one is a decimal point.
double number(const std::string& field, char separator, const std::string& where, const char* name) {
  std::string text = field;
  if (separator != ',' && text.find('.') == std::string::npos && std::count(text.begin(), text.end(), ',') == 1)
    text[text.find(',')] = '.';
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw Error::of(where, ": ", name, " is '", field, "'; it must be a finite number");
  }
  return value;
}

// Where the columns are.
struct Columns {
  size_t step = 0, episode_return = 0, count = 0;
  size_t time = 0;       // `count`: there is none
  bool lengths = false;  // `step` is the episode's length
  char separator = ',';

  const char* step_name() const { return lengths ? "l" : "step"; }
};

Columns find_columns(const std::string_view header, const std::string& where) {
  for (const char separator : {',', ';', '\t'}) {
    std::vector<std::string> names = split(header, separator);
    for (std::string& name : names) {
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    }
    const auto place = [&](const char* name) {
      return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    };
    const size_t none = names.size();
    const bool monitors = place("step") == none || place("return") == none;
    const size_t step = place(monitors ? "l" : "step"), episode_return = place(monitors ? "r" : "return");
    if (step < none && episode_return < none)
      return {step, episode_return, none, monitors ? place("t") : none, monitors, separator};
  }
  throw Error::of(where, ": the columns are '", header,
                  "'; needed are step and return, or r and l as Stable-Baselines3's Monitor writes, separated by "
                  "commas, semicolons or tabs");
}

// Monitor's first line: '#' and JSON.
void read_comment(const std::string_view comment, Run& run) {
  const auto json = nlohmann::json::parse(comment.substr(1), nullptr, false);
  if (!json.is_object()) return;
  if (run.env.empty() && json.contains("env_id") && json["env_id"].is_string()) {
    run.env = json["env_id"];
    if (run.env == "None") run.env = "";  // Monitor's name for an environment without one
  }
  if (json.contains("t_start") && json["t_start"].is_number()) run.began = json["t_start"];
}

bool is_blank(const std::vector<std::string>& fields) {
  return std::all_of(fields.begin(), fields.end(), [](const std::string& field) { return field.empty(); });
}

}  // namespace

Run parse_csv_run(std::string_view text, const std::string& source) {
  skip_byte_order_mark(text, source);
  Run run{.source = source};
  Columns columns;
  size_t line_number = 0;
  double began = 0;  // of the present training: where one goes on in the file, t begins again at 0
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::string where = source + " line " + std::to_string(++line_number);
    if (line.empty()) continue;
    if (line.starts_with('#')) {
      read_comment(line, run);
      continue;
    }
    if (columns.count == 0) {
      columns = find_columns(line, where);
      continue;
    }
    const std::vector<std::string> fields = split(line, columns.separator);
    if (is_blank(fields)) continue;
    if (fields.size() != columns.count) {
      throw Error::of(where, " has ", fields.size(), " values; the header names ", columns.count);
    }
    const double before = run.steps.empty() ? 0 : run.steps.back();
    const auto value = [&](size_t column, const char* name) {
      return number(fields[column], columns.separator, where, name);
    };
    const double step = value(columns.step, columns.step_name());
    run.steps.push_back(columns.lengths ? before + step : step);
    if (run.steps.back() < before) {
      throw Error::of(
          where, ": ", columns.step_name(), " is ", number_text(step),
          columns.lengths ? "; it must not be negative" : "; steps must not go down, and start at 0 or above");
    }
    if (columns.lengths) run.lengths.push_back(step);
    run.returns.push_back(value(columns.episode_return, columns.lengths ? "r" : "return"));
    if (columns.time < columns.count && !std::isnan(run.began)) {
      const double time = value(columns.time, "t"), last = run.ended.empty() ? run.began : run.ended.back();
      if (run.ended.empty()) began = run.began;
      if (began + time < last) began = last;
      run.ended.push_back(began + time);
    }
  }
  return run;
}

Run read_csv_run(std::string_view text, const std::string& source) {
  Run run = parse_csv_run(text, source);
  if (run.returns.empty()) throw Error::of(source, " holds no episode; a run needs at least one");
  return run;
}

}  // namespace deepq::compare
