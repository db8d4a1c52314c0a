#include "deepq/record/run_data.h"

#include <algorithm>
#include <charconv>

#include "deepq/config/flat_toml.h"
#include "deepq/core/error.h"
#include "deepq/record/csv_text.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq {
namespace {

// Logs are optional: one that was deleted is an empty one.
std::string optional_text(const std::string& path) { return path_exists(path) ? read_file(path) : ""; }

// The first fields of a line; whether all of them are numbers.
bool read_numbers(std::string_view line, std::initializer_list<double*> values) {
  for (double* value : values) {
    const std::string_view field = line.substr(0, line.find(','));
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), *value);
    if (error != std::errc() || end != field.data() + field.size()) return false;
    line.remove_prefix(std::min(field.size() + 1, line.size()));
  }
  return true;
}

}  // namespace

CsvTable::CsvTable(std::string_view text, const std::string& source, const CsvColumns& all)
    : names_(all.with_header(first_line(text)).value_or(all).names()), columns_(names_.size()) {
  size_t line_number = 0;
  text = without_byte_order_mark(text);
  while (!text.empty()) {
    bool whole = true;
    const std::string_view line = take_line(text, &whole);
    if (!whole) break;  // the writer may be in the middle of it
    ++line_number;
    const std::string where = source + " line " + std::to_string(line_number);
    if (line_number > 1) {
      append_row(line, where);
    } else if (line != join(names_, ",")) {
      throw Error::of(where, ": the header must be '", join(names_, ","), "'");
    }
  }
  // What an older deepq did not write is unknown.
  for (const std::string& name : all.names())
    if (std::ranges::find(names_, name) == names_.end()) {
      names_.push_back(name);
      columns_.emplace_back(rows(), kNaN);
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

std::vector<double> readable_returns(const std::string& folder) {
  std::string text = optional_text(episodes_path(folder));
  // An empty text stays one: 0 - 1 is the largest number, as npos is, and 1 more is 0.
  text.erase(0, std::min(text.find('\n'), text.size() - 1) + 1);  // the header
  std::vector<double> returns;
  for (std::string_view left = text; left.find('\n') != std::string_view::npos;) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(line.size() + 1);
    double episode = 0, env_steps = 0, episode_return = 0;
    if (!read_numbers(line, {&episode, &env_steps, &episode_return})) break;
    if (episode != static_cast<double>(returns.size()) + 1) break;  // also where the table began anew
    returns.push_back(episode_return);
  }
  return returns;
}

RunData read_run(const std::string& folder) {
  const auto path = [&](const char* name) { return folder + "/" + name; };
  const auto table = [&](const char* name, const CsvColumns& columns) {
    return CsvTable(optional_text(path(name)), path(name), columns);
  };
  RunStatus status = run_status(folder);
  // What was trained, where config.toml has been changed since: the page must show the run's own settings.
  const std::string config_text =
      status.trained_config.empty() ? read_file(config_path(folder)) : status.trained_config;
  return {.folder = folder,
          .config_text = config_text,
          .config = flat_toml(config_text, config_path(folder)),
          .episodes = table(kEpisodesFile, CsvColumns::of<EpisodeRecord>()),
          .metrics = table(kMetricsFile, CsvColumns::of<MetricsRecord>()),
          .evaluations = table(kEvaluationsFile, CsvColumns::of<EvaluationRecord>()),
          .status = std::move(status)};
}

}  // namespace deepq
