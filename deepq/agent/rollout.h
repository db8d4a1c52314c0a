// The observations of a rollout, while it is collected and learnt from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "deepq/core/observation_rows.h"

namespace deepq {

class RolloutObservations {
 public:
  RolloutObservations(int64_t rows, const ObservationLayout& layout)
      : layout_(layout), rows_(static_cast<size_t>(bytes(rows, layout))) {}

  // From the row `first` on.
  void put(int64_t first, const ObservationRows& observations) {
    DEEPQ_ASSERT(observations.layout() == layout_);
    std::ranges::copy(observations.bytes(), rows_.begin() + first * layout_.row_bytes());
  }

  ObservationRows rows(int64_t first, int64_t count) const {
    const auto bytes = static_cast<size_t>(layout_.row_bytes());
    return {layout_, std::span(rows_).subspan(static_cast<size_t>(first) * bytes, static_cast<size_t>(count) * bytes)};
  }
  ObservationRow operator[](int64_t row) const { return ObservationRows(layout_, rows_)[row]; }
  const ObservationLayout& layout() const { return layout_; }

  // The first `rows` of them.
  void serialize(Archive& archive, int64_t rows) {
    layout_.serialize(archive, "observations", std::span(rows_).first(static_cast<size_t>(bytes(rows, layout_))),
                      {rows, layout_.size()});
  }

  static int64_t bytes(int64_t rows, const ObservationLayout& layout) { return rows * layout.row_bytes(); }

 private:
  ObservationLayout layout_;
  std::vector<std::byte> rows_;
};

}  // namespace deepq
