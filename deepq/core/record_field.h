// Records describe themselves, as configuration structs do (core/fields.h): each has one visit_fields(record, visit)
// that calls visit(field, value) for every field in the order of the tables. CSV files, TensorBoard, summary.json,
// Python's dicts, the report's charts, checkpoints and the docs are visitors of it, so none can drift.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

namespace deepq {

// What a scalar is called in TensorBoard's files: by deepq's own name, as Stable-Baselines3 and as CleanRL call it. ""
// is not written.
struct ScalarTags {
  std::string_view deepq, stable_baselines3, clean_rl;
};

// What a row's value is of the updates since the row before.
enum class OverUpdates { kMean, kMax };

struct RecordField {
  std::string_view name;  // in CSV files, JSON and Python's dicts
  std::string_view doc;   // meaning and unit
  ScalarTags tags = {};
  std::string_view chart = {};                    // title of the report's chart that has it; "": it has no such chart
  OverUpdates over_updates = OverUpdates::kMean;  // of LearnStats
  bool only_in_callbacks = false;                 // and not in the CSV file
  bool later = false;                             // absent in older files
  bool nullable = false;                          // null in JSON where it does not apply
};

// For visit_fields of a record that is read, or written.
template <class Given, class Record>
concept RecordOf = std::same_as<std::remove_const_t<Given>, Record>;

}  // namespace deepq
