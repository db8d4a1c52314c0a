#include "deepq/lab/text.h"

#include <cmath>

#include "deepq/core/finite.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr stats::Interval kNone{kNaN, kNaN, kNaN};

}  // namespace

std::vector<double> finite_values(const std::vector<double>& values) {
  std::vector<double> kept;
  for (const double value : values) {
    if (std::isfinite(value)) kept.push_back(value);
  }
  return kept;
}

stats::Interval finite_mean(const std::vector<double>& values) {
  const std::vector<double> kept = finite_values(values);
  return kept.size() < stats::kLeastRuns ? kNone : stats::mean_interval(kept);
}

std::string interval_text(const stats::Interval& interval) {
  if (!std::isfinite(interval.value)) return "–";
  // All runs agree: a range would repeat the number twice.
  return interval.low == interval.high ? page::brief_text(interval.value) : page::interval_text(interval);
}

std::string counted(const std::string& text, const std::vector<double>& values) {
  const size_t count = finite_values(values).size();
  if (count == values.size()) return text;
  return text + " (" + std::to_string(count) + " of " + std::to_string(values.size()) + ")";
}

std::string mean_text(const std::vector<double>& values) { return counted(interval_text(finite_mean(values)), values); }

std::string plain_mean(const std::vector<double>& values) {
  constexpr double kLeast = 1e-3;
  const double mean = finite_mean(values).value;
  return mean != 0 && std::abs(mean) < kLeast ? "almost 0" : page::brief_text(mean);
}

std::string iqm_text(const std::vector<double>& values) {
  const std::vector<double> kept = finite_values(values);
  return counted(interval_text(kept.size() < stats::kLeastRuns ? kNone : stats::iqm_interval(kept)), values);
}

}  // namespace deepq::lab
