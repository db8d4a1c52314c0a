#include "deepq/lab/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
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

stats::Interval finite_difference(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> kept_x = finite_values(x), kept_y = finite_values(y);
  return std::min(kept_x.size(), kept_y.size()) < stats::kLeastRuns ? kNone
                                                                    : stats::difference_interval(kept_x, kept_y);
}

std::string interval_text(const stats::Interval& interval) {
  if (!std::isfinite(interval.value)) return "–";
  const auto number = page::brief_text;
  if (interval.low == interval.high) return number(interval.value);
  return number(interval.value) + " [" + number(interval.low) + ", " + number(interval.high) + "]";
}

std::string mean_text(const std::vector<double>& values) {
  const size_t count = finite_values(values).size();
  std::string text = interval_text(finite_mean(values));
  if (count < values.size()) text += " (" + std::to_string(count) + " of " + std::to_string(values.size()) + ")";
  return text;
}

}  // namespace deepq::lab
