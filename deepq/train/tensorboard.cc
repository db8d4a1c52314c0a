#include "deepq/train/tensorboard.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/hash.h"
#include "deepq/core/protobuf.h"

namespace deepq {
namespace {

using namespace protobuf;
using namespace tensorboard;

uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

constexpr size_t kHeader = 12, kRecordOverhead = 16;  // length and checksum; the data's checksum too

// Appends a record: length, checksum, what `put_data` appends, checksum.
template <class PutData>
void append_record(std::string& out, const PutData& put_data) {
  const size_t begin = out.size();
  out.append(kHeader, '\0');
  put_data();
  const uint64_t length = out.size() - begin - kHeader;
  std::memcpy(out.data() + begin, &length, sizeof length);
  const uint32_t length_crc = masked_crc({out.data() + begin, sizeof length});
  std::memcpy(out.data() + begin + sizeof length, &length_crc, sizeof length_crc);
  const uint32_t data_crc = masked_crc({out.data() + begin + kHeader, length});
  out.append(reinterpret_cast<const char*>(&data_crc), sizeof data_crc);
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

constexpr std::string_view kNameBegin = "events.out.tfevents.", kNameEnd = ".deepq";

// The event file in `folder`, or a name for a new one.
std::string event_file(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kNameBegin) && name.ends_with(kNameEnd)) found.push_back(name);
  }
  if (error) throw Error::of("cannot read the folder ", folder, ": ", error.message());
  if (!found.empty()) return folder + "/" + *std::min_element(found.begin(), found.end());
  return folder + "/" + std::string(kNameBegin) + std::to_string(static_cast<int64_t>(now())) + "." +
         std::to_string(getpid()) + std::string(kNameEnd);
}

// Four spaces before each line: Markdown shows it as it is.
std::string as_markdown_code(const std::string& text) {
  std::string code = "    ";
  for (const char c : text) {
    code += c;
    if (c == '\n') code += "    ";
  }
  return code;
}

// Whether the text is records from its beginning to its end; the head's time and configuration may be others.
bool has_whole_records(std::string_view text, std::string_view) {
  std::string_view data;
  while (!text.empty())
    if (tensorboard::take_record(text, data) != tensorboard::Taken::kWhole) return false;
  return true;
}

std::string head_of_file(const std::string& config_toml) {
  std::string head;
  tensorboard::append_version(head, now());
  tensorboard::append_text(head, now(), "config", as_markdown_code(config_toml));
  return head;
}

}  // namespace

tensorboard::Taken tensorboard::take_record(std::string_view& text, std::string_view& data) {
  uint64_t length = 0;
  uint32_t crc = 0;
  if (text.size() < kRecordOverhead) return Taken::kTorn;
  std::memcpy(&length, text.data(), sizeof length);
  std::memcpy(&crc, text.data() + sizeof length, sizeof crc);
  if (crc != masked_crc(text.substr(0, sizeof length))) return Taken::kDamaged;
  if (length > text.size() - kRecordOverhead) return Taken::kTorn;
  data = text.substr(kHeader, length);
  std::memcpy(&crc, text.data() + kHeader + length, sizeof crc);
  if (crc != masked_crc(data)) return Taken::kDamaged;
  text.remove_prefix(length + kRecordOverhead);
  return Taken::kWhole;
}

void tensorboard::append_version(std::string& out, double wall_time) {
  append_record(out, [&] {
    put_double(out, event::kWallTime, wall_time);
    put_text(out, event::kFileVersion, "brain.Event:2");
  });
}

void tensorboard::append_scalars(std::string& out, double wall_time, int64_t step, std::span<const Scalar> scalars) {
  constexpr size_t kSimpleValueSize = 1 + sizeof(float);
  const auto value_size = [](const Scalar& scalar) { return text_field_size(scalar.tag.size()) + kSimpleValueSize; };
  size_t summary_size = 0;
  for (const Scalar& scalar : scalars) summary_size += text_field_size(value_size(scalar));
  append_record(out, [&] {
    put_double(out, event::kWallTime, wall_time);
    put_int(out, event::kStep, step);
    begin_text(out, event::kSummary, summary_size);
    for (const Scalar& scalar : scalars) {
      begin_text(out, summary::kValue, value_size(scalar));
      put_text(out, value::kTag, scalar.tag);
      put_float(out, value::kSimpleValue, static_cast<float>(scalar.value));
    }
  });
}

void tensorboard::append_text(std::string& out, double wall_time, std::string_view tag, std::string_view markdown) {
  std::string plugin, description, content, text, summaries;
  put_text(plugin, metadata::kPluginName, "text");
  put_text(description, metadata::kPluginData, plugin);
  put_int(content, tensor::kDtype, tensor::kDtypeString);
  put_text(content, tensor::kStringValue, markdown);
  put_text(text, value::kTag, std::string(tag) + "/text_summary");
  put_text(text, value::kTensor, content);
  put_text(text, value::kMetadata, description);
  put_text(summaries, summary::kValue, text);
  append_record(out, [&] {
    put_double(out, event::kWallTime, wall_time);
    put_text(out, event::kSummary, summaries);
  });
}

TensorBoardLog::TensorBoardLog(const std::string& folder, const std::string& config_toml, LogStart start)
    : file_(event_file(folder), start, head_of_file(config_toml), has_whole_records) {}

void TensorBoardLog::write(int64_t step, std::span<const tensorboard::Scalar> scalars) {
  record_.clear();
  tensorboard::append_scalars(record_, now(), step, scalars);
  file_.append(record_);
}

void TensorBoardLog::on_step(int64_t) { file_.flush_if_due(); }

void TensorBoardLog::on_episode(const EpisodeRecord& r) {
  write(r.env_steps, std::array<tensorboard::Scalar, 3>{{{"train/return", r.episode_return},
                                                         {"train/length", static_cast<double>(r.length)},
                                                         {"train/epsilon", r.epsilon}}});
}

void TensorBoardLog::on_metrics(const MetricsRecord& r) {
  write(r.env_steps, std::array<tensorboard::Scalar, 5>{{{"train/loss", r.loss},
                                                         {"train/mean_q", r.mean_q},
                                                         {"train/max_abs_q", r.max_abs_q},
                                                         {"train/grad_norm", r.grad_norm},
                                                         {"train/learning_rate", r.learning_rate}}});
}

void TensorBoardLog::on_evaluation(const EvaluationRecord& r) {
  // The one after training may be of another agent and of other episodes: no point of the same curve.
  const auto tag = [&](std::string_view in_training, std::string_view after) { return r.final ? after : in_training; };
  write(r.env_steps,
        std::array<tensorboard::Scalar, 5>{{{tag("eval/mean_return", "final_eval/mean_return"), r.mean_return},
                                            {tag("eval/std_return", "final_eval/std_return"), r.std_return},
                                            {tag("eval/min_return", "final_eval/min_return"), r.min_return},
                                            {tag("eval/max_return", "final_eval/max_return"), r.max_return},
                                            {tag("eval/mean_length", "final_eval/mean_length"), r.mean_length}}});
}

void TensorBoardLog::serialize(Archive& archive) {
  const auto scope = archive.scope("tensorboard");
  file_.serialize(archive);
}

}  // namespace deepq
