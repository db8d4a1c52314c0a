#include "deepq/compare/event_file.h"

#include <cstring>
#include <optional>

#include "deepq/core/error.h"
#include "deepq/core/protobuf.h"
#include "deepq/record/tensorboard.h"

namespace deepq::compare {
namespace {

using namespace tensorboard;
using protobuf::Reader;

std::optional<double> float_in(std::string_view bytes) {
  float value = 0;
  if (bytes.size() != sizeof value) return {};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// TensorFlow 2 writes scalars as tensors of one number.
std::optional<double> scalar_of_tensor(std::string_view message) {
  std::optional<double> scalar;
  bool is_float = false;
  for (Reader fields(message); fields.next();) {
    if (fields.field() == tensor::kDtype) is_float = fields.number() == tensor::kDtypeFloat;
    if (fields.field() == tensor::kContent || fields.field() == tensor::kFloatValue) scalar = float_in(fields.bytes());
  }
  // Fields come in any order, so only the end knows whether the content was floats.
  return is_float ? scalar : std::nullopt;
}

void add_value(std::string_view message, double step, EventScalars& scalars) {
  std::string tag;
  std::optional<double> scalar;
  for (Reader fields(message); fields.next();) {
    if (fields.field() == value::kTag) tag = fields.bytes();
    if (fields.field() == value::kSimpleValue) scalar = float_in(fields.bytes());
    if (fields.field() == value::kTensor) scalar = scalar_of_tensor(fields.bytes());
  }
  if (scalar) scalars.by_tag[tag].emplace_back(step, *scalar);  // histograms, texts and pictures have none
}

void add_event(std::string_view message, const std::string& source, EventScalars& scalars) {
  double step = 0;  // a step of 0 is not written
  std::string_view values_of_event;
  Reader fields(message);
  while (fields.next()) {
    if (fields.field() == event::kStep) step = static_cast<double>(fields.number());
    if (fields.field() == event::kSummary) values_of_event = fields.bytes();
  }
  if (fields.is_damaged()) throw Error::of(source, " is damaged: an event cannot be read");
  for (Reader values(values_of_event); values.next();)
    if (values.field() == summary::kValue) add_value(values.bytes(), step, scalars);
}

}  // namespace

EventScalars read_event_file(std::string_view bytes, const std::string& source) {
  EventScalars scalars;
  std::string_view message;
  for (size_t place = 0, size = bytes.size(); !bytes.empty(); place = size - bytes.size()) {
    switch (take_record(bytes, message)) {
      case Taken::kWhole:
        add_event(message, source, scalars);
        break;
      // The writer was killed, or is still writing: what came before counts.
      case Taken::kTorn:
        scalars.torn = true;
        return scalars;
      case Taken::kDamaged:
        throw Error::of(source, place == 0 ? " is no event file of TensorBoard" : " is damaged",
                        ": the checksum at byte ", place, " is wrong");
    }
  }
  return scalars;
}

}  // namespace deepq::compare
