#include "deepq/lab/outcomes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "deepq/core/finite.h"
#include "deepq/lab/text.h"

namespace deepq::lab {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Training was ended for it, or what was measured is not finite any more.
bool has_diverged(const Results& results, const std::string& setting, size_t seed, double value) {
  return results.jobs.at(setting)[seed].diverged || std::isinf(value);
}

double counts_as(Worst worst, const std::vector<double>& finite) {
  if (worst == Worst::kDidNotHappen) return 0;
  if (worst == Worst::kHappened) return 1;
  if (finite.empty()) return kNaN;  // there is nothing to be worse than
  return worst == Worst::kLowest ? *std::min_element(finite.begin(), finite.end())
                                 : *std::max_element(finite.begin(), finite.end());
}

}  // namespace

BySeed combine(const Results& results, Worst worst, const std::vector<Source>& sources,
               const std::function<double(std::span<const double> x)>& number) {
  std::vector<std::vector<double>> values;  // [source][seed]
  std::vector<double> finite;
  for (const Source& source : sources) {
    values.push_back(results.values(source.setting, source.value));
    for (const double value : finite_values(values.back())) finite.push_back(value);
  }
  // The worst of all runs that take part, of either setting: no better than any that it is compared with.
  const double instead = counts_as(worst, finite);
  BySeed all;
  std::vector<double> x(sources.size());
  for (size_t seed = 0; seed < values[0].size(); ++seed) {
    bool diverged = false;
    for (size_t i = 0; i < sources.size(); ++i) {
      const bool this_one = has_diverged(results, sources[i].setting, seed, values[i][seed]);
      x[i] = this_one ? instead : values[i][seed];
      diverged = diverged || this_one;
    }
    all.values.push_back(number(x));
    all.diverged += diverged;
  }
  return all;
}

BySeed difference(const Results& results, const Measure& measure, const std::string& setting,
                  const std::string& other) {
  return combine(results, measure.worst, {{setting, measure.name}, {other, measure.name}},
                 [](std::span<const double> x) { return x[0] - x[1]; });
}

std::string runs_with(const std::vector<double>& happened) {
  return std::to_string(std::ranges::count_if(happened, [](double value) { return value > 0; })) + " of " +
         std::to_string(happened.size());
}

BySeed runs(const Results& results, const Measure& measure, const std::string& setting) {
  BySeed all{.values = results.values(setting, measure.name)};
  // Against a bound only the side matters: infinitely far on the bad one.
  const double beyond = measure.worst == Worst::kLowest    ? -kInfinity
                        : measure.worst == Worst::kHighest ? kInfinity
                                                           : counts_as(measure.worst, {});
  for (size_t seed = 0; seed < all.values.size(); ++seed) {
    if (!has_diverged(results, setting, seed, all.values[seed])) continue;
    // The sign tests see only the side, so infinity is allowed here (check.cc).
    all.values[seed] = beyond;
    ++all.diverged;
  }
  return all;
}

}  // namespace deepq::lab
