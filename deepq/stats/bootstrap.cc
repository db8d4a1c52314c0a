#include "deepq/stats/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"

namespace deepq::stats {
namespace {

void check_options(const BootstrapOptions& options) {
  if (options.resamples < 1) throw Error("bootstrap: resamples is 0; it must be at least 1");
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw Error::of("bootstrap: confidence is ", number_text(options.confidence), "; it must be between 0 and 1");
  }
}

std::vector<size_t> run_counts(const Scores& scores) {
  std::vector<size_t> counts;
  for (const std::vector<double>& runs : scores) counts.push_back(runs.size());
  return counts;
}

void resample(const Scores& scores, const std::vector<std::vector<size_t>>& draw, Scores& out) {
  for (size_t task = 0; task < scores.size(); ++task) {
    for (size_t i = 0; i < draw[task].size(); ++i) out[task][i] = scores[task][draw[task][i]];
  }
}

// Linear interpolation between order statistics, as numpy.percentile does.
double percentile(const std::vector<double>& sorted, double fraction) {
  // Between elements 0 and n - 1; at fraction 1 both neighbours are the last.
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval percentile_interval(double value, std::vector<double>& resampled, double confidence) {
  std::sort(resampled.begin(), resampled.end());
  return {value, percentile(resampled, (1 - confidence) / 2), percentile(resampled, (1 + confidence) / 2)};
}

// Of a statistic of one or more numbers: `resampled` fills in one resample's.
template <class Resampled>
std::vector<Interval> intervals(const std::vector<double>& values, const BootstrapOptions& options,
                                const Resampled& resampled) {
  // All elements of one resample together: they keep their dependence on each other.
  std::vector<std::vector<double>> drawn(values.size());  // [element][resample]
  for (size_t i = 0; i < options.resamples; ++i) {
    const std::vector<double> of_resample = resampled();
    DEEPQ_ASSERT(of_resample.size() == values.size());
    for (size_t element = 0; element < values.size(); ++element) drawn[element].push_back(of_resample[element]);
  }
  std::vector<Interval> out;
  for (size_t element = 0; element < values.size(); ++element) {
    out.push_back(percentile_interval(values[element], drawn[element], options.confidence));
  }
  return out;
}

std::vector<Interval> without_intervals(const std::vector<double>& values) {
  std::vector<Interval> out;
  for (const double value : values) out.push_back({value, kNaN, kNaN});
  return out;
}

bool all_defined(const Scores& scores) {
  return std::none_of(scores.begin(), scores.end(), [](const std::vector<double>& runs) {
    return std::any_of(runs.begin(), runs.end(), [](double value) { return std::isnan(value); });
  });
}

// [point] -> [task][run].
std::vector<Scores> by_point(const Curves& curves) {
  if (curves.empty() || curves[0].empty() || curves[0][0].empty()) {
    throw Error("sample-efficiency curve: the first run has no point; each needs at least one");
  }
  std::vector<Scores> points(curves[0][0].size(), Scores(curves.size()));
  for (size_t task = 0; task < curves.size(); ++task) {
    for (const std::vector<double>& run : curves[task]) {
      if (run.size() != points.size()) {
        throw Error::of("sample-efficiency curve: a run has ", run.size(), " points, the first has ", points.size(),
                        "; all must have the same");
      }
      for (size_t point = 0; point < points.size(); ++point) points[point][task].push_back(run[point]);
    }
  }
  return points;
}

}  // namespace

void require_runs(const Scores& scores, const std::string& what) {
  check_scores(scores);
  for (const std::vector<double>& runs : scores) {
    if (runs.size() >= kLeastRuns) continue;
    throw Error::of(what, " needs at least ", kLeastRuns, " runs of each task, better ", kRecommendedRuns,
                    " or more; there is 1");
  }
}

std::string interval_name(size_t runs, double confidence) {
  // Rounded, as 100 * 0.57 is 56.99999999999999.
  const std::string percent = number_text(std::round(1e6 * confidence) / 1e4) + "%";
  if (runs >= kRecommendedRuns) return percent + " bootstrap interval";
  return "bootstrap interval, too few runs for a " + percent + " claim";
}

Resampler::Resampler(const std::vector<size_t>& runs_of_task, uint64_t seed) : random_(seed) {
  for (const size_t runs : runs_of_task) draw_.emplace_back(runs);
}

const std::vector<std::vector<size_t>>& Resampler::next() {
  for (std::vector<size_t>& runs : draw_) {
    // Task by task: stratified, so that no task is left out of a resample.
    for (size_t& run : runs) run = random_.below(runs.size());
  }
  return draw_;
}

std::vector<Interval> bootstrap_each(const Scores& scores,
                                     const std::function<std::vector<double>(const Scores&)>& statistic,
                                     const BootstrapOptions& options) {
  check_options(options);
  if (!options.intervals) return without_intervals(statistic(scores));
  require_runs(scores);
  Resampler resampler(run_counts(scores), options.seed);
  // One piece of memory for all resamples.
  Scores drawn = scores;
  return intervals(statistic(scores), options, [&] {
    resample(scores, resampler.next(), drawn);
    return statistic(drawn);
  });
}

Interval bootstrap(const Scores& scores, const std::function<double(const Scores&)>& statistic,
                   const BootstrapOptions& options) {
  return bootstrap_each(
      scores, [&](const Scores& drawn) { return std::vector{statistic(drawn)}; }, options)[0];
}

Interval bootstrap(const Scores& x, const Scores& y,
                   const std::function<double(const Scores&, const Scores&)>& statistic,
                   const BootstrapOptions& options) {
  if (options.intervals) require_runs(x);
  if (options.intervals) require_runs(y);
  // One stream for all: the tasks of y follow those of x, so the groups' draws do not depend on each other.
  Scores both = x;
  both.insert(both.end(), y.begin(), y.end());
  Scores drawn_x = x, drawn_y = y;
  const auto on_both = [&](const Scores& drawn) {
    std::copy_n(drawn.begin(), x.size(), drawn_x.begin());
    std::copy_n(drawn.begin() + static_cast<int64_t>(x.size()), y.size(), drawn_y.begin());
    return statistic(drawn_x, drawn_y);
  };
  return bootstrap(both, on_both, options);
}

Interval bootstrap_difference(const Scores& x, const Scores& y, const std::function<double(const Scores&)>& statistic,
                              const BootstrapOptions& options) {
  const auto difference = [&](const Scores& of_x, const Scores& of_y) { return statistic(of_x) - statistic(of_y); };
  return bootstrap(x, y, difference, options);
}

Interval mean_interval(const std::vector<double>& values, const BootstrapOptions& options) {
  return bootstrap({values}, mean, options);
}

Interval iqm_interval(const std::vector<double>& values, const BootstrapOptions& options) {
  return bootstrap({values}, iqm, options);
}

Interval difference_interval(const std::vector<double>& x, const std::vector<double>& y,
                             const BootstrapOptions& options) {
  return bootstrap_difference({x}, {y}, mean, options);
}

std::vector<Interval> efficiency_curve(const Curves& curves, const BootstrapOptions& options) {
  check_options(options);
  const std::vector<Scores> points = by_point(curves);
  Scores drawn = points[0];
  for (std::vector<double>& runs : drawn) std::fill(runs.begin(), runs.end(), 0.0);  // values may be undefined
  // A statistic of one run is allowed, its interval is not.
  if (options.intervals) require_runs(drawn, "the interval of a sample-efficiency curve");
  std::vector<size_t> defined;
  std::vector<double> values;
  for (size_t point = 0; point < points.size(); ++point) {
    // Where one run has no value the IQM of the others would be another task's.
    if (!all_defined(points[point])) continue;
    defined.push_back(point);
    values.push_back(iqm(points[point]));
  }
  Resampler resampler(run_counts(drawn), options.seed);
  std::vector<double> of_resample(defined.size());
  const auto resampled = [&] {
    // One draw for all points: a resample takes whole runs, so that the band is smooth.
    const std::vector<std::vector<size_t>>& draw = resampler.next();
    for (size_t i = 0; i < defined.size(); ++i) {
      resample(points[defined[i]], draw, drawn);
      of_resample[i] = iqm(drawn);
    }
    return of_resample;
  };
  const std::vector<Interval> found =
      options.intervals ? intervals(values, options, resampled) : without_intervals(values);
  // Points where a run has no value stay NaN, three times.
  std::vector<Interval> curve(points.size(), {kNaN, kNaN, kNaN});
  for (size_t i = 0; i < defined.size(); ++i) curve[defined[i]] = found[i];
  return curve;
}

MeanBootstrap::MeanBootstrap(size_t run_count, const BootstrapOptions& options)
    : run_count_(run_count), options_(options), draws_(options.resamples * run_count) {
  check_options(options);
  require_runs({std::vector<double>(run_count)});
  Resampler resampler({run_count}, options.seed);
  for (size_t i = 0; i < options.resamples; ++i) {
    // Counts in place of indices: a mean is then a product with them, and a chart of a thousand points draws once.
    for (const size_t run : resampler.next()[0]) ++draws_[i * run_count + run];
  }
}

Interval MeanBootstrap::operator()(std::span<const double> values) const {
  DEEPQ_ASSERT(values.size() == run_count_);
  std::vector<size_t> present;
  double sum = 0;
  for (size_t run = 0; run < run_count_; ++run) {
    if (!std::isfinite(values[run])) continue;
    present.push_back(run);
    sum += values[run];
  }
  if (present.empty()) return {kNaN, kNaN, kNaN};
  // Runs without a value at this point are left out, not counted as 0.
  const double mean_of_runs = sum / static_cast<double>(present.size());
  std::vector<double> means;
  means.reserve(options_.resamples);
  for (size_t i = 0; i < options_.resamples; ++i) {
    double total = 0;
    uint32_t weight = 0;
    for (const size_t run : present) {
      const uint32_t draws = draws_[i * run_count_ + run];
      total += draws * values[run];
      weight += draws;
    }
    if (weight > 0) means.push_back(total / weight);  // 0: the resample holds none of the runs with a value
  }
  // Few present runs and few resamples: no resample held any of them.
  if (means.empty()) return {mean_of_runs, mean_of_runs, mean_of_runs};
  return percentile_interval(mean_of_runs, means, options_.confidence);
}

}  // namespace deepq::stats
