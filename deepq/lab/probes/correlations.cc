#include "deepq/lab/probes/correlations.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/finite.h"

namespace deepq::lab {
namespace {

bool is_empty(std::span<const double> x, const Moments& population) {
  return x.size() < 2 || !(population.standard_deviation > 0);
}

}  // namespace

Moments moments(std::span<const double> x) {
  const auto count = static_cast<double>(x.size());
  Moments result{0, 0};
  for (const double value : x) result.mean += value / count;
  for (const double value : x) result.standard_deviation += (value - result.mean) * (value - result.mean) / count;
  result.standard_deviation = std::sqrt(result.standard_deviation);
  return result;
}

double lag_one_correlation(std::span<const double> x, const Moments& population) {
  if (is_empty(x, population)) return kNaN;
  double sum = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i) sum += (x[i] - population.mean) * (x[i + 1] - population.mean);
  // n samples have n - 1 neighbours.
  return sum / static_cast<double>(x.size() - 1) / (population.standard_deviation * population.standard_deviation);
}

double pair_correlation(std::span<const double> x, const Moments& population) {
  if (is_empty(x, population)) return kNaN;
  double sum = 0, squares = 0;
  for (const double value : x) {
    const double z = (value - population.mean) / population.standard_deviation;
    sum += z;
    squares += z * z;
  }
  const auto count = static_cast<double>(x.size());
  return (sum * sum - squares) / (count * (count - 1));  // the sum over all pairs, without forming them
}

double effective_samples(double n, double pair_correlation) {
  // The design effect of samples that are all correlated alike.
  return n / (1 + (n - 1) * std::max(0.0, pair_correlation));
}

}  // namespace deepq::lab
