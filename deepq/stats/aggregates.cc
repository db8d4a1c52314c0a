#include "deepq/stats/aggregates.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "deepq/core/error.h"

namespace deepq::stats {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The mean over tasks of what `measure` says of one task's runs.
template <class Measure>
double over_tasks(const Scores& scores, const Measure& measure) {
  check_scores(scores);
  double sum = 0;
  for (const std::vector<double>& runs : scores) sum += measure(runs);
  return sum / static_cast<double>(scores.size());
}

// Pairs in which x wins, ties counting half, as a fraction: by places in the sorted y instead of all pairs.
double fraction_of_wins(const std::vector<double>& x, std::vector<double> y) {
  std::sort(y.begin(), y.end());
  int64_t halves = 0;  // whole numbers, so that the order of the runs changes no bit
  for (const double score : x) {
    // y sorted: [0, below) lose to this score, [below, not_above) are equal to it.
    const auto [below, not_above] = std::equal_range(y.begin(), y.end(), score);
    halves += (below - y.begin()) + (not_above - y.begin());  // below it: 2 halves, equal: 1
  }
  return static_cast<double>(halves) / (2.0 * static_cast<double>(x.size()) * static_cast<double>(y.size()));
}

// The IQM where tasks have other numbers of runs: with N runs of T tasks each of a task's n counts as N / (T n) runs,
// so that tasks weigh the same; floor(N / 4) are cut from each end. With equal numbers every weight would be 1.
double iqm_of_uneven(const Scores& scores) {
  double total = 0;
  for (const std::vector<double>& runs : scores) total += static_cast<double>(runs.size());
  std::vector<std::pair<double, double>> all;  // score, weight
  for (const std::vector<double>& runs : scores) {
    for (const double score : runs) all.emplace_back(score, total / static_cast<double>(scores.size() * runs.size()));
  }
  std::sort(all.begin(), all.end());
  // The middle half lies between `first` and `last` on the line of all weights, laid end to end.
  const double first = std::floor(total / 4), last = total - first;
  double sum = 0, before = 0;
  for (const auto& [score, weight] : all) {
    // The part of its weight that lies within the cut.
    sum += score * std::max(0.0, std::min(before + weight, last) - std::max(before, first));
    before += weight;
  }
  return sum / (last - first);
}

}  // namespace

void check_scores(const Scores& scores) {
  if (scores.empty()) throw Error("statistics of runs: there is no task; at least one is needed");
  for (size_t task = 0; task < scores.size(); ++task) {
    if (scores[task].empty()) {
      throw Error::of("statistics of runs: task ", task, " has no run; at least one is needed");
    }
    for (size_t run = 0; run < scores[task].size(); ++run) {
      if (!std::isfinite(scores[task][run])) {
        throw Error::of("statistics of runs: task ", task, ", run ", run, " scores ", number_text(scores[task][run]),
                        "; it must be a finite number");
      }
    }
  }
}

double mean(const Scores& scores) { return over_tasks(scores, mean_of); }

double median(const Scores& scores) {
  check_scores(scores);
  std::vector<double> means;
  for (const std::vector<double>& runs : scores) means.push_back(mean_of(runs));
  std::sort(means.begin(), means.end());
  const size_t half = means.size() / 2;
  return means.size() % 2 == 1 ? means[half] : (means[half - 1] + means[half]) / 2;
}

double iqm(const Scores& scores) {
  check_scores(scores);
  if (std::any_of(scores.begin(), scores.end(), [&](const auto& runs) { return runs.size() != scores[0].size(); })) {
    return iqm_of_uneven(scores);
  }
  std::vector<double> all;
  for (const std::vector<double>& runs : scores) all.insert(all.end(), runs.begin(), runs.end());
  std::sort(all.begin(), all.end());
  const size_t cut = all.size() / 4;  // rounded down, as scipy.stats.trim_mean does, which rliable calls
  return mean_of(std::span(all).subspan(cut, all.size() - 2 * cut));
}

double optimality_gap(const Scores& scores, double gamma) {
  if (!std::isfinite(gamma)) throw Error::of("optimality gap: gamma is ", number_text(gamma), "; it must be finite");
  return gamma - over_tasks(scores, [&](const std::vector<double>& runs) {
           double sum = 0;
           for (const double score : runs) sum += std::min(score, gamma);
           return sum / static_cast<double>(runs.size());
         });
}

std::vector<double> performance_profile(const Scores& scores, std::span<const double> taus) {
  std::vector<double> profile;
  for (const double tau : taus) {
    profile.push_back(over_tasks(scores, [&](const std::vector<double>& runs) {
      const auto above = std::count_if(runs.begin(), runs.end(), [&](double score) { return score > tau; });
      return static_cast<double>(above) / static_cast<double>(runs.size());
    }));
  }
  return profile;
}

double probability_of_improvement(const Scores& x, const Scores& y) {
  check_scores(x);
  check_scores(y);
  if (x.size() != y.size()) {
    throw Error::of("probability of improvement: one group has ", x.size(), " tasks, the other ", y.size(),
                    "; both must have the same");
  }
  double sum = 0;
  for (size_t task = 0; task < x.size(); ++task) sum += fraction_of_wins(x[task], y[task]);
  return sum / static_cast<double>(x.size());
}

}  // namespace deepq::stats
