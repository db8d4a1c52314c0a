// What a report reads from one run folder: config.toml, summary.json and the three CSV files, as they are on disk. A
// run that is still going on is fine: no summary yet, and a last line that is not finished is left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deepq/config/flat_toml.h"
#include "deepq/core/finite.h"
#include "deepq/record/csv_columns.h"
#include "deepq/record/run_status.h"

namespace deepq {

class CsvTable {
 public:
  // The text begins with the header of `all` columns, or of those that an older deepq wrote: the others are NaN in
  // every row. An empty text is an empty table. Throws deepq::Error that names `source`, the line and what is wrong
  // with it. "nan" and "inf" are numbers.
  CsvTable(std::string_view text, const std::string& source, const CsvColumns& all);

  const std::vector<double>& operator[](std::string_view name) const;
  size_t rows() const { return columns_[0].size(); }

 private:
  void append_row(std::string_view line, const std::string& where);

  std::vector<std::string> names_;
  std::vector<std::vector<double>> columns_;
};

struct RunData {
  std::string folder, config_text;
  FlatToml config;
  CsvTable episodes, metrics, evaluations;
  RunStatus status;

  const std::optional<RunSummary>& summary() const { return status.summary; }
  std::string setting(const std::string& key) const;  // "" when config.toml has no such key
  int64_t first_episode() const {                     // that the table of episodes tells of; 1 where it tells of none
    return episodes.rows() == 0 ? 1 : static_cast<int64_t>(episodes["episode"][0]);
  }
};

// The returns of the episodes from the first on, as far as episodes.csv can be read. A damaged file is no error.
std::vector<double> readable_returns(const std::string& folder);

// Throws deepq::Error that names the folder and file.
RunData read_run(const std::string& folder);

}  // namespace deepq
