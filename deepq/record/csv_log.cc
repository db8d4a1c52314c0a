#include "deepq/record/csv_log.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "deepq/record/csv_text.h"
#include "deepq/record/files.h"
#include "deepq/record/run_paths.h"

namespace deepq {
namespace {

// One line, made on the stack: a visitor of a record's fields, of which it takes those that are columns.
class Row {
 public:
  explicit Row(const CsvColumns& columns) : columns_(columns) {}

  template <class Value>
  void operator()(const RecordField&, const Value& value) {
    if constexpr (std::is_arithmetic_v<Value>) {
      // Fields are counted as visit_fields() hands them over; columns_ knows which of them are columns.
      if (!columns_.has(field_++)) return;
      if (end_ != text_.data()) *end_++ = ',';
      if constexpr (std::same_as<Value, bool>)
        *end_++ = value ? '1' : '0';
      else
        // Shortest text that reads back as the same bits.
        end_ = std::to_chars(end_, text_.data() + text_.size(), value).ptr;
    } else {
      ++field_;
    }
  }
  std::string_view line() {
    *end_++ = '\n';
    return {text_.data(), static_cast<size_t>(end_ - text_.data())};
  }

 private:
  // The longest number is a double's, -2.2250738585072014e-308.
  static constexpr size_t kMostColumns = 16, kLongestNumber = 24;
  const CsvColumns& columns_;
  size_t field_ = 0;
  std::array<char, kMostColumns*(kLongestNumber + 1)> text_;
  char* end_ = text_.data();
};

// Whole lines after the head, each with its number of fields, which hold nothing but numbers.
bool has_whole_rows(std::string_view text, std::string_view head) {
  if (!LogFile::has_whole_lines(text, head)) return false;
  const auto columns = std::ranges::count(head, ',');
  for (text.remove_prefix(head.size()); !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
    const std::string_view row = text.substr(0, text.find('\n'));
    // Digits, and the letters of nan, inf and 1e-5.
    const bool numbers = row.find_first_not_of("0123456789.,+-einfa") == std::string_view::npos;
    if (!numbers || std::ranges::count(row, ',') != columns) return false;
  }
  return true;
}

// Those of the file that is there, so that it has one header for all its rows.
CsvColumns columns_in(const std::string& path, LogStart start, const CsvColumns& all) {
  if (start == LogStart::kAnew || !path_exists(path)) return all;
  // A file of an older deepq keeps the columns that it has, in the order that it has them.
  const MappedFile file(path);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  return all.with_header(first_line(text)).value_or(all);
}

}  // namespace

template <class Record>
void CsvLog::Table::append(const Record& record) {
  Row row(columns);
  visit_fields(record, row);
  file.append(row.line());
}

CsvLog::Table::Table(const std::string& path, LogStart start, const CsvColumns& all)
    : columns(columns_in(path, start, all)), file(path, start, columns.header() + "\n", has_whole_rows) {}

CsvLog::CsvLog(const std::string& folder, LogStart start)
    : episodes_(folder + "/" + kEpisodesFile, start, CsvColumns::of<EpisodeRecord>()),
      metrics_(folder + "/" + kMetricsFile, start, CsvColumns::of<MetricsRecord>()),
      evaluations_(folder + "/" + kEvaluationsFile, start, CsvColumns::of<EvaluationRecord>()) {}

void CsvLog::take_notices(std::vector<std::string>& notices) {
  for (Table* table : {&episodes_, &metrics_, &evaluations_})
    if (std::string notice = table->file.take_notice(); !notice.empty()) notices.push_back(std::move(notice));
}

void CsvLog::on_step(int64_t) {
  for (Table* table : {&episodes_, &metrics_, &evaluations_}) table->file.flush_if_due();
}

void CsvLog::on_episode(const EpisodeRecord& record) { episodes_.append(record); }
void CsvLog::on_metrics(const MetricsRecord& record) { metrics_.append(record); }
void CsvLog::on_evaluation(const EvaluationRecord& record) { evaluations_.append(record); }

void CsvLog::flush() {
  for (Table* table : {&episodes_, &metrics_, &evaluations_}) table->file.flush();
}

void CsvLog::serialize(Archive& archive) {
  const auto csv = archive.scope("csv");
  const auto one = [&](std::string_view name, Table& table) {
    const auto scope = archive.scope(name);
    table.file.serialize(archive);
  };
  one("episodes", episodes_);
  one("metrics", metrics_);
  one("evaluations", evaluations_);
}

}  // namespace deepq
