#include "deepq/lab/text.h"

#include <cmath>
#include <limits>

#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

std::vector<double> finite(const std::vector<double>& values) {
  std::vector<double> kept;
  for (const double value : values) {
    if (std::isfinite(value)) kept.push_back(value);
  }
  return kept;
}

}  // namespace

stats::Interval finite_mean(const std::vector<double>& values) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> kept = finite(values);
  return kept.size() < stats::kLeastRuns ? stats::Interval{kNaN, kNaN, kNaN} : stats::mean_interval(kept);
}

std::string interval_text(const stats::Interval& interval) {
  if (!std::isfinite(interval.value)) return "–";
  const auto number = page::brief_text;
  if (interval.low == interval.high) return number(interval.value);
  return number(interval.value) + " [" + number(interval.low) + ", " + number(interval.high) + "]";
}

std::string mean_text(const std::vector<double>& values) {
  const size_t count = finite(values).size();
  std::string text = interval_text(finite_mean(values));
  if (count < values.size()) text += " (" + std::to_string(count) + " of " + std::to_string(values.size()) + ")";
  return text;
}

}  // namespace deepq::lab
