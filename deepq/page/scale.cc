#include "deepq/page/scale.h"

#include <algorithm>
#include <cmath>

#include "deepq/page/text.h"

namespace deepq::page {
namespace {

// The smallest of 1, 2 and 5 times a power of ten that is no less than `least`.
double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

std::vector<double> multiples(double low, double high) {
  constexpr double kMostTicks = 6;
  const double step = round_step((high - low) / kMostTicks), rounding = 1e-9 * step;
  std::vector<double> found;
  // Multiples of a counter, not a running sum, which would drift; + 0.0 makes -0 a 0.
  for (double i = std::ceil((low - rounding) / step); i * step <= high + rounding; ++i) found.push_back(i * step + 0.0);
  return found;
}

std::vector<double> powers_of_ten(double low, double high) {
  const double first = std::ceil(std::log10(low) - 1e-9), last = std::floor(std::log10(high) + 1e-9);
  const double apart = std::max(1.0, std::ceil((last - first) / 6));  // of many decades not every one
  std::vector<double> found;
  for (double i = first; i <= last; i += apart) found.push_back(std::pow(10, i));
  return found;
}

}  // namespace

void Scale::take(double value) {
  if (!std::isfinite(value) || (log_ && value <= 0)) return;
  low_ = std::min(low_, value);
  high_ = std::max(high_, value);
}

void Scale::take_zero() {
  if (!log_ && low_ > 0 && low_ <= high_ / 2) low_ = 0;
}

double Scale::place(double value) const { return log_ ? std::log(value) : value; }

bool Scale::is_point() const { return !(high_ - low_ > 1e-9 * std::max(std::abs(low_), std::abs(high_))); }

double Scale::percent(double value) const {
  const double low = place(low_), high = place(high_);
  if (is_point()) return 50;
  return 100 * std::clamp((place(value) - low) / (high - low), 0.0, 1.0);
}

std::string Scale::left(double value) const { return "left:" + fixed_text(percent(value), 2) + "%"; }

std::vector<double> Scale::ticks() const {
  if (!std::isfinite(low_)) return {};
  if (is_point()) return {low_};
  if (!log_) return multiples(low_, high_);
  const std::vector<double> decades = powers_of_ten(low_, high_);
  // Within less than a decade powers of ten mark one place at most.
  return decades.size() >= 2 ? decades : multiples(low_, high_);
}

}  // namespace deepq::page
