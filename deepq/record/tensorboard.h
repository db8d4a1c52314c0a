// Scalars and the configuration as a TensorBoard event file, written without TensorFlow. Format: length-prefixed,
// checksummed records of protocol-buffer messages (tensorflow/core/lib/io/record_writer.h,
// tensorflow/core/util/event.proto).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "deepq/config/tag_names.h"
#include "deepq/core/archive.h"
#include "deepq/record/log_file.h"
#include "deepq/record/observer.h"

namespace deepq {

// The records of the format; each appends one to `out`. Wall times are seconds since 1970.
namespace tensorboard {
struct Scalar {
  std::string_view tag;
  double value;
};
// Takes the next record from the front of a file's text; `data` is its message.
enum class Taken { kWhole, kTorn, kDamaged };
Taken take_record(std::string_view& text, std::string_view& data);

// The numbers of the fields in event.proto, summary.proto and tensor.proto.
namespace event {
constexpr uint32_t kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5;
}
namespace summary {
constexpr uint32_t kValue = 1;
}
namespace value {
constexpr uint32_t kTag = 1, kSimpleValue = 2, kTensor = 8, kMetadata = 9;
}
namespace metadata {
constexpr uint32_t kPluginData = 1, kPluginName = 1, kPluginContent = 2;
}
namespace hparams {  // plugins/hparams/plugin_data.proto, and google.protobuf.Value
constexpr uint32_t kVersion = 1, kSessionStart = 3, kSettings = 1, kKey = 1, kValue = 2, kNumber = 2, kText = 3,
                   kBool = 4;
}
namespace tensor {
constexpr uint32_t kDtype = 1, kContent = 4, kFloatValue = 5, kStringValue = 8, kDtypeFloat = 1, kDtypeString = 7;
}

void append_version(std::string& out, double wall_time);
void append_scalars(std::string& out, double wall_time, int64_t step, std::span<const Scalar> scalars);
struct Setting {
  std::string_view name, value;  // numbers and booleans are known by their form
};
void append_hparams(std::string& out, double wall_time, std::span<const Setting> settings);
void append_text(std::string& out, double wall_time, std::string_view tag, std::string_view markdown);
}  // namespace tensorboard

class TensorBoardLog : public Observer {
  // The mean of the last hundred.
  class Window {
   public:
    double add(double value) {
      sum_ += value - std::exchange(values_[count_ % values_.size()], value);
      ++count_;
      return sum_ / static_cast<double>(std::min(count_, values_.size()));
    }

   private:
    std::array<double, 100> values_{};
    size_t count_ = 0;
    double sum_ = 0;
  };

 public:
  // Goes on with the event file that the run folder holds, or starts it (or a new one) with `config_toml` as its first
  // text and the settings that it holds as the hyperparameters of TensorBoard's HParams page. Steps are environment
  // steps. Throws deepq::Error.
  TensorBoardLog(const std::string& folder, const std::string& config_toml, LogStart start = LogStart::kGoOn);

  void set_names(TagNames names) { names_ = names; }

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
  TagNames names_ = TagNames::kDeepq;
  Window returns_, lengths_;  // of the last episodes, for means of them; empty again after a resume
  std::string record_;        // kept, so that no record allocates
};

}  // namespace deepq
