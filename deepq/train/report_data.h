// What a report reads from one run folder: config.toml, summary.json and the three CSV files, as they are on disk. A
// run that is still going on is fine: no summary yet, and a last line that is not finished is left out.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/train/run.h"

namespace deepq::report {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();  // what a chart or table leaves out

class CsvTable {
 public:
  // `names` are the header that the text must begin with. An empty text is an empty table. Throws deepq::Error that
  // names `source`, the line and what is wrong with it. "nan" and "inf" are numbers.
  CsvTable(std::string_view text, const std::string& source, const std::vector<std::string>& names);

  const std::vector<double>& operator[](std::string_view name) const;
  size_t rows() const { return columns_[0].size(); }

 private:
  void append_row(std::string_view line, const std::string& where);

  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
};

struct RunData {
  std::string config_text;
  std::map<std::string, std::string> config;  // "agent.gamma" -> "0.99"
  CsvTable episodes, metrics, evaluations;
  std::optional<RunSummary> summary;
  std::string version;  // of the program that wrote the summary; "" without one

  std::string setting(const std::string& key) const;  // "" when config.toml has no such key
};

// Every key of a config.toml, "section.name", with its value as text. Throws deepq::Error for what is no TOML.
std::map<std::string, std::string> read_settings(const std::string& text, const std::string& source);

// Throws deepq::Error that names the folder and file.
RunData read_run(const std::string& folder);

}  // namespace deepq::report
