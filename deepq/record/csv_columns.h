// Which fields of a record are columns of its CSV file: all but those for callbacks, and in a file that an older deepq
// began, those that it had.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/record_field.h"
#include "deepq/record/records.h"

namespace deepq {

class CsvColumns {
 public:
  template <class Record>
  static CsvColumns of() {
    CsvColumns columns;
    const Record record{};
    visit_fields(record, [&](const RecordField& field, const auto&) {
      columns.fields_.push_back({field.name, field.later, !field.only_in_callbacks});
    });
    return columns;
  }

  // Those of the record's fields, by their number from 0.
  bool has(size_t field) const { return fields_[field].kept; }

  std::string header() const { return join(names(), ","); }

  std::vector<std::string> names() const {
    std::vector<std::string> kept;
    for (const Field& field : fields_)
      if (field.kept) kept.emplace_back(field.name);
    return kept;
  }

  // With the columns of a file that begins so: all, or without some of the later ones. Nothing for any other header.
  std::optional<CsvColumns> with_header(std::string_view header) const {
    CsvColumns found = *this;
    for (Field& field : found.fields_) {
      if (!field.kept) continue;
      const bool is_next = header.substr(0, header.find(',')) == field.name;
      if (!is_next && !field.later) return {};
      field.kept = is_next;
      if (is_next) header.remove_prefix(std::min(field.name.size() + 1, header.size()));
    }
    if (!header.empty()) return {};
    return found;
  }

 private:
  struct Field {
    std::string_view name;
    bool later = false, kept = true;
  };
  std::vector<Field> fields_;
};

}  // namespace deepq
