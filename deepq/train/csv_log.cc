#include "deepq/train/csv_log.h"

#include <array>
#include <charconv>

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
  static constexpr size_t kMostColumns = 9, kLongestNumber = 24;
  std::array<char, kMostColumns*(kLongestNumber + 1)> text_;
  char* end_ = text_.data();
};

void begin(LogFile& file, std::string_view header) {
  if (file.length() == 0) file.append(header);
}

}  // namespace

CsvLog::CsvLog(const std::string& folder, LogStart start)
    : episodes_(folder + "/episodes.csv", start),
      metrics_(folder + "/metrics.csv", start),
      evaluations_(folder + "/evaluations.csv", start) {
  begin(episodes_, "episode,env_steps,return,length,epsilon,seconds\n");
  begin(metrics_, "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,epsilon,learning_rate,seconds\n");
  begin(evaluations_, "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final\n");
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
  evaluations_.append((Row() << r.env_steps << r.episodes << r.mean_return << r.std_return << r.min_return
                             << r.max_return << r.mean_length << static_cast<int>(r.final))
                          .line());
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
