// The run folder's tables: episodes.csv, metrics.csv and evaluations.csv, with one header line each. Numbers are the
// shortest texts that read back as the same double. A row reaches the file within about a second, so a running run can
// be plotted.
#pragma once

#include <string>
#include <vector>

#include "deepq/core/archive.h"
#include "deepq/record/csv_columns.h"
#include "deepq/record/log_file.h"
#include "deepq/record/observer.h"

namespace deepq {

class CsvLog : public Observer {
 public:
  // Opens the three files in the run folder. Throws deepq::Error.
  explicit CsvLog(const std::string& folder, LogStart start = LogStart::kGoOn);

  void on_step(int64_t env_steps) override;
  void on_episode(const EpisodeRecord& record) override;
  void on_metrics(const MetricsRecord& record) override;
  void on_evaluation(const EvaluationRecord& record) override;

  void flush();

  // Loading cuts off the rows that were written after the checkpoint.
  void serialize(Archive& archive);
  void take_notices(std::vector<std::string>& notices);  // of files that began anew

 private:
  struct Table {
    Table(const std::string& path, LogStart start, const CsvColumns& all);
    template <class Record>
    void append(const Record& record);

    CsvColumns columns;
    LogFile file;
  };
  Table episodes_, metrics_, evaluations_;
};

}  // namespace deepq
