// Scalars and the configuration as a TensorBoard event file, written without TensorFlow. Format: length-prefixed,
// checksummed records of protocol-buffer messages (tensorflow/core/lib/io/record_writer.h,
// tensorflow/core/util/event.proto).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "deepq/core/archive.h"
#include "deepq/train/log_file.h"
#include "deepq/train/observer.h"

namespace deepq {

// The records of the format; each appends one to `out`. Wall times are seconds since 1970.
namespace tensorboard {
struct Scalar {
  std::string_view tag;
  double value;
};
void append_version(std::string& out, double wall_time);
void append_scalars(std::string& out, double wall_time, int64_t step, std::span<const Scalar> scalars);
void append_text(std::string& out, double wall_time, std::string_view tag, std::string_view markdown);
}  // namespace tensorboard

class TensorBoardLog : public Observer {
 public:
  // Goes on with the event file that the run folder holds, or starts it (or a new one) with `config_toml` as its first
  // text. Steps are environment steps. Throws deepq::Error.
  TensorBoardLog(const std::string& folder, const std::string& config_toml, LogStart start = LogStart::kGoOn);

  void on_step(int64_t env_steps) override;
  void on_episode(const EpisodeRecord& record) override;
  void on_metrics(const MetricsRecord& record) override;
  void on_evaluation(const EvaluationRecord& record) override;

  void flush() { file_.flush(); }
  std::string take_notice() { return file_.take_notice(); }

  // Loading cuts off the records that were written after the checkpoint.
  void serialize(Archive& archive);

 private:
  void write(int64_t step, std::span<const tensorboard::Scalar> scalars);

  LogFile file_;
  std::string record_;  // kept, so that no record allocates
};

}  // namespace deepq
