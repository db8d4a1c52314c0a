// The updates since the last MetricsRecord, and the record that they become.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "deepq/core/archive.h"
#include "deepq/record/records.h"

namespace deepq {

class MetricsWindow {
 public:
  explicit MetricsWindow(size_t batch = 1) { td_errors_.reserve(batch); }

  void add(const LearnStats& stats);
  int64_t updates() const { return updates_; }

  // What `now` says of the run at this moment, completed by what the window knows, which begins anew. `td_errors` are
  // of the last batch.
  MetricsRecord take(MetricsRecord now, std::span<const float> td_errors);

  // Rates are counted from here: the beginning of a run is where they are counted from otherwise.
  void count_rates_from(int64_t env_steps, int64_t updates, double seconds) {
    rates_from_ = {env_steps, updates, seconds};
  }

  void serialize(Archive& archive);

 private:
  struct Moment {
    int64_t env_steps = 0, updates = 0;
    double seconds = 0;
  };
  static constexpr size_t kStatistics = [] {
    size_t count = 0;
    LearnStats stats;
    visit_fields(stats, [&](const RecordField&, double) { ++count; });
    return count;
  }();

  int64_t updates_ = 0;
  std::array<double, kStatistics> reduced_{};  // each LearnStats' field: sum or largest
  Moment rates_from_;
  std::vector<float> td_errors_;  // kept, so that no record allocates
};

}  // namespace deepq
