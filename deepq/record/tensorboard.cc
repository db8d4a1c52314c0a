#include "deepq/record/tensorboard.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <vector>

#include "deepq/config/flat_toml.h"
#include "deepq/core/crc32c.h"
#include "deepq/core/error.h"
#include "deepq/core/protobuf.h"
#include "deepq/core/system.h"
#include "deepq/record/run_paths.h"

namespace deepq {
namespace {

using namespace protobuf;
using namespace tensorboard;

uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;  // TensorFlow's mask: a CRC of what holds CRCs would be weak
}

constexpr size_t kHeader = 12, kRecordOverhead = 16;  // length and checksum; the data's checksum too

// Appends a record: length, checksum, what `put_data` appends, checksum.
template <class PutData>
void append_record(std::string& out, const PutData& put_data) {
  const size_t begin = out.size();
  out.append(kHeader, '\0');  // filled in when the length is known
  put_data();
  const uint64_t length = out.size() - begin - kHeader;
  std::memcpy(out.data() + begin, &length, sizeof length);
  const uint32_t length_crc = masked_crc({out.data() + begin, sizeof length});
  std::memcpy(out.data() + begin + sizeof length, &length_crc, sizeof length_crc);
  const uint32_t data_crc = masked_crc({out.data() + begin + kHeader, static_cast<size_t>(length)});
  out.append(reinterpret_cast<const char*>(&data_crc), sizeof data_crc);
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

constexpr std::string_view kNameBegin = kEventFileBegin, kNameEnd = ".deepq";

// The event file in `folder`, or a name for a new one.
std::string event_file(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kNameBegin) && name.ends_with(kNameEnd)) found.push_back(name);
  }
  if (error) throw Error::of("cannot read the folder ", folder, ": ", error.message());
  // The oldest: names begin with the time.
  if (!found.empty()) return folder + "/" + *std::min_element(found.begin(), found.end());
  return folder + "/" + std::string(kNameBegin) + std::to_string(static_cast<int64_t>(now())) + "." +
         std::to_string(system::process_id()) + std::string(kNameEnd);
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
  // The configuration twice: as a text to read, and as hparams to sort and filter runs by.
  tensorboard::append_text(head, now(), "config", as_markdown_code(config_toml));
  const FlatToml config = flat_toml(config_toml, kConfigFile);
  std::vector<tensorboard::Setting> settings;
  for (const auto& [key, text] : config) settings.push_back({key, text});
  tensorboard::append_hparams(head, now(), settings);
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
  // The checksum of the length has been right, so the file ends within the record.
  if (length > text.size() - kRecordOverhead) return Taken::kTorn;  // the writer may be in the middle of it
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
  // Protocol buffers give the length before the content, so it is computed first and nothing is written twice.
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

void tensorboard::append_hparams(std::string& out, double wall_time, std::span<const Setting> settings) {
  std::string session, data, plugin, description, start, summaries;
  for (const Setting& setting : settings) {
    std::string text, entry;
    double number = 0;
    const char* const end = setting.value.data() + setting.value.size();
    // A value is a number, true or false, or else text: google.protobuf.Value has a field for each.
    if (const auto read = std::from_chars(setting.value.data(), end, number); read.ec == std::errc() && read.ptr == end)
      put_double(text, hparams::kNumber, number);
    else if (setting.value == "true" || setting.value == "false")
      put_int(text, hparams::kBool, setting.value == "true" ? 1 : 0);
    else
      put_text(text, hparams::kText, setting.value);
    put_text(entry, hparams::kKey, setting.name);
    put_text(entry, hparams::kValue, text);
    put_text(session, hparams::kSettings, entry);
  }
  // The plugin's data lie in the metadata of an empty value; the plugin reads nothing else.
  put_int(data, hparams::kVersion, 0);
  put_text(data, hparams::kSessionStart, session);
  put_text(plugin, metadata::kPluginName, "hparams");
  put_text(plugin, metadata::kPluginContent, data);
  put_text(description, metadata::kPluginData, plugin);
  put_text(start, value::kTag, "_hparams_/session_start_info");
  put_text(start, value::kMetadata, description);
  put_text(summaries, summary::kValue, start);
  append_record(out, [&] {
    put_double(out, event::kWallTime, wall_time);
    put_text(out, event::kSummary, summaries);
  });
}

void tensorboard::append_text(std::string& out, double wall_time, std::string_view tag, std::string_view markdown) {
  std::string plugin, description, content, text, summaries;
  // The text plugin shows string tensors under TAG/text_summary, and only where their metadata name it.
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

namespace {

// The scalars of a record: a visitor of its fields, of which it takes the numbers that have a tag.
class Scalars {
 public:
  explicit Scalars(TagNames names, std::string_view before = "") : names_(names), before_(before) {}

  template <class Value>
  void operator()(const RecordField& field, const Value& value) {
    if constexpr (std::is_arithmetic_v<Value>) {
      const std::string_view tag = tag_of(field, names_);
      if (tag.empty()) return;
      DEEPQ_ASSERT(count_ < scalars_.size());
      // prefixed_ owns the text: a Scalar only refers to its tag.
      if (!before_.empty()) prefixed_[count_] = before_ + std::string(tag);
      scalars_[count_] = {before_.empty() ? tag : prefixed_[count_], static_cast<double>(value)};
      ++count_;
    }
  }
  std::span<const tensorboard::Scalar> all() const { return std::span(scalars_).first(count_); }

 private:
  static constexpr size_t kMost = 16;
  TagNames names_;
  std::string before_;
  std::array<std::string, kMost> prefixed_;
  std::array<tensorboard::Scalar, kMost> scalars_;
  size_t count_ = 0;
};

}  // namespace

void TensorBoardLog::write(int64_t step, std::span<const tensorboard::Scalar> scalars) {
  record_.clear();
  tensorboard::append_scalars(record_, now(), step, scalars);
  file_.append(record_);
}

void TensorBoardLog::on_step(int64_t) { file_.flush_if_due(); }

void TensorBoardLog::on_episode(const EpisodeRecord& record) {
  Scalars scalars(names_);
  visit_fields(record, scalars);
  scalars(kMeanReturnOf100, returns_.add(record.episode_return));
  scalars(kMeanLengthOf100, lengths_.add(static_cast<double>(record.length)));
  write(record.env_steps, scalars.all());
}

void TensorBoardLog::on_metrics(const MetricsRecord& record) {
  Scalars scalars(names_);
  visit_fields(record, scalars);
  write(record.env_steps, scalars.all());
}

void TensorBoardLog::on_evaluation(const EvaluationRecord& record) {
  // The one after training may be of another agent and of other episodes: no point of the same curve.
  Scalars scalars(names_, record.final ? "final_" : "");
  visit_fields(record, scalars);
  write(record.env_steps, scalars.all());
}

void TensorBoardLog::serialize(Archive& archive) {
  const auto scope = archive.scope("tensorboard");
  file_.serialize(archive);
}

}  // namespace deepq
