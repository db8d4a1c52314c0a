#include "deepq/record/metrics_window.h"

#include <algorithm>
#include <cmath>

namespace deepq {
namespace {

// As numpy.quantile gives it: between the two values around the place, in proportion. Reorders them. 0 of none.
double quantile(std::span<float> values, double fraction) {
  if (values.empty()) return 0;
  const double place = fraction * static_cast<double>(values.size() - 1);
  // The elements behind nth_element are no smaller, so the least of them is the next in order.
  const auto below = values.begin() + static_cast<int64_t>(place);
  std::nth_element(values.begin(), below, values.end());
  if (below + 1 == values.end()) return double{*below};
  const double above = *std::min_element(below + 1, values.end());
  return *below + (place - std::floor(place)) * (above - *below);
}

double rate(int64_t count, double seconds) { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }

}  // namespace

void MetricsWindow::add(const LearnStats& stats) {
  ++updates_;
  // `reduced` walks beside the fields, in the order of visit_fields().
  double* reduced = reduced_.data();
  visit_fields(stats, [&](const RecordField& field, double value) {
    if (field.over_updates == OverUpdates::kMax)
      *reduced = std::max(*reduced, value);
    else
      *reduced += value;
    ++reduced;
  });
}

// The quantiles are of one batch and not of all: to sort those of a hundred updates takes as long as two of them.
MetricsRecord MetricsWindow::take(MetricsRecord now, std::span<const float> td_errors) {
  const double* reduced = reduced_.data();
  visit_fields(static_cast<LearnStats&>(now), [&](const RecordField& field, double& value) {
    // Largest of the window, or mean over its updates.
    value = field.over_updates == OverUpdates::kMax ? *reduced : *reduced / static_cast<double>(updates_);
    ++reduced;
  });
  td_errors_.assign(td_errors.begin(), td_errors.end());
  now.td_error_median = quantile(td_errors_, 0.5);
  now.td_error_p90 = quantile(td_errors_, 0.9);
  const double seconds = now.seconds - rates_from_.seconds;
  now.env_steps_per_second = rate(now.env_steps - rates_from_.env_steps, seconds);
  now.updates_per_second = rate(now.updates - rates_from_.updates, seconds);
  rates_from_ = {now.env_steps, now.updates, now.seconds};  // rates are since the last record, not since the beginning
  updates_ = 0;
  reduced_ = {};
  return now;
}

void MetricsWindow::serialize(Archive& archive) {
  const auto scope = archive.scope("metrics");
  archive.value("updates", updates_, kCount);
  double* reduced = reduced_.data();
  LearnStats stats;
  visit_fields(stats, [&](const RecordField& field, double) {
    // A field that is newer than the file is 0 in it.
    if (!archive.loading() || !field.later || archive.contains(field.name)) archive.value(field.name, *reduced);
    ++reduced;
  });
}

}  // namespace deepq
