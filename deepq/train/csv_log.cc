#include "deepq/train/csv_log.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "deepq/train/csv_text.h"
#include "deepq/train/files.h"

namespace deepq {
namespace {

// One line, made on the stack.
class Row {
 public:
  template <class Number>
  Row& operator<<(Number value) {
    if (end_ != text_.data()) *end_++ = ',';
    end_ = std::to_chars(end_, text_.data() + text_.size(), value).ptr;
    return *this;
  }
  std::string_view line() {
    *end_++ = '\n';
    return {text_.data(), static_cast<size_t>(end_ - text_.data())};
  }

 private:
  static constexpr size_t kMostColumns = 13, kLongestNumber = 24;
  std::array<char, kMostColumns*(kLongestNumber + 1)> text_;
  char* end_ = text_.data();
};

constexpr std::string_view kEpisodes = "episode,env_steps,return,length,epsilon,seconds\n";
constexpr std::string_view kMetrics =
    "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,epsilon,learning_rate,seconds\n";
constexpr std::string_view kOldEvaluations =
    "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final\n";
constexpr std::string_view kEvaluations =
    "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final,epsilon,agent_env_steps,"
    "max_episode_steps,seed,first_episode\n";

// Whole lines after the head, each with its number of fields, which hold nothing but numbers.
bool has_whole_rows(std::string_view text, std::string_view head) {
  if (!LogFile::has_whole_lines(text, head)) return false;
  const auto columns = std::ranges::count(head, ',');
  for (text.remove_prefix(head.size()); !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
    const std::string_view row = text.substr(0, text.find('\n'));
    const bool numbers = row.find_first_not_of("0123456789.,+-einfa") == std::string_view::npos;
    if (!numbers || std::ranges::count(row, ',') != columns) return false;
  }
  return true;
}

// Of a file that an older deepq began, its own.
std::string_view evaluations_head(const std::string& path, LogStart start) {
  if (start == LogStart::kAnew || !path_exists(path)) return kEvaluations;
  const MappedFile file(path);
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  return kOldEvaluations == std::string(first_line(text)) + "\n" ? kOldEvaluations : kEvaluations;
}

}  // namespace

CsvLog::CsvLog(const std::string& folder, LogStart start)
    : episodes_(folder + "/episodes.csv", start, std::string(kEpisodes), has_whole_rows),
      metrics_(folder + "/metrics.csv", start, std::string(kMetrics), has_whole_rows),
      tells_how_(evaluations_head(folder + "/evaluations.csv", start) == kEvaluations),
      evaluations_(folder + "/evaluations.csv", start, std::string(tells_how_ ? kEvaluations : kOldEvaluations),
                   has_whole_rows) {}

void CsvLog::take_notices(std::vector<std::string>& notices) {
  for (LogFile* file : {&episodes_, &metrics_, &evaluations_})
    if (std::string notice = file->take_notice(); !notice.empty()) notices.push_back(std::move(notice));
}

void CsvLog::on_step(int64_t) {
  for (LogFile* file : {&episodes_, &metrics_, &evaluations_}) file->flush_if_due();
}

void CsvLog::on_episode(const EpisodeRecord& r) {
  episodes_.append(
      (Row() << r.episode << r.env_steps << r.episode_return << r.length << r.epsilon << r.seconds).line());
}

void CsvLog::on_metrics(const MetricsRecord& r) {
  metrics_.append((Row() << r.env_steps << r.updates << r.loss << r.mean_q << r.max_abs_q << r.grad_norm << r.epsilon
                         << r.learning_rate << r.seconds)
                      .line());
}

void CsvLog::on_evaluation(const EvaluationRecord& r) {
  Row row;
  row << r.env_steps << r.episodes << r.mean_return << r.std_return << r.min_return << r.max_return << r.mean_length
      << static_cast<int>(r.final);
  if (tells_how_)
    row << r.epsilon << r.agent_env_steps << r.max_episode_steps << r.streams.run_seed << r.streams.first_episode;
  evaluations_.append(row.line());
}

void CsvLog::flush() {
  for (LogFile* file : {&episodes_, &metrics_, &evaluations_}) file->flush();
}

void CsvLog::serialize(Archive& archive) {
  const auto csv = archive.scope("csv");
  const auto one = [&](std::string_view name, LogFile& file) {
    const auto scope = archive.scope(name);
    file.serialize(archive);
  };
  one("episodes", episodes_);
  one("metrics", metrics_);
  one("evaluations", evaluations_);
}

}  // namespace deepq
