// 95% intervals by the stratified bootstrap (Agarwal et al. 2021, section 4.1): the runs are drawn again, with
// replacement, within each task, the statistic is taken of each such resample, and the interval goes from the 2.5th to
// the 97.5th percentile (linear between order statistics). Everything is seeded: the same scores and options give the
// same bits.
//
// An interval needs at least 2 runs of each task; with fewer a deepq::Error says so. It is too narrow when runs are
// few (its simulated coverage: docs/compare.md): report at least 5 (10 where a run is cheap). Whether groups differ is
// for permutation.h to decide. See aggregates.h for Scores and the statistics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/stats/aggregates.h"

namespace deepq::stats {

constexpr size_t kLeastRuns = 2;        // of each task, for any interval
constexpr size_t kRecommendedRuns = 5;  // 10 where a run is cheap

struct Interval {
  double value, low, high;  // the statistic of the scores themselves, and its interval
};

// What an interval from so many runs is called, on every page and console: "95% bootstrap interval", and with fewer
// than kRecommendedRuns "bootstrap interval, too few runs for a 95% claim".
std::string interval_name(size_t runs, double confidence = 0.95);

struct BootstrapOptions {
  size_t resamples = 2000;
  double confidence = 0.95;  // fraction of the resamples inside
  uint64_t seed = 0;
  bool intervals =
      true;  // false: the statistics alone, NaN for low and high; of any number of runs (but MeanBootstrap)
};

// Throws deepq::Error, "`what` needs at least 2 runs ...", when a task has fewer.
void require_runs(const Scores& scores, const std::string& what = "an interval");

Interval bootstrap(const Scores& scores, const std::function<double(const Scores&)>& statistic,
                   const BootstrapOptions& options = {});

// Several statistics of the same resamples (a profile at many taus): one interval for each element.
std::vector<Interval> bootstrap_each(const Scores& scores,
                                     const std::function<std::vector<double>(const Scores&)>& statistic,
                                     const BootstrapOptions& options = {});

// A statistic of two groups with runs of their own (the probability of improvement): each is resampled by itself.
Interval bootstrap(const Scores& x, const Scores& y,
                   const std::function<double(const Scores&, const Scores&)>& statistic,
                   const BootstrapOptions& options = {});

// statistic(x) - statistic(y).
Interval bootstrap_difference(const Scores& x, const Scores& y, const std::function<double(const Scores&)>& statistic,
                              const BootstrapOptions& options = {});

// Of one task: values[run].
Interval mean_interval(const std::vector<double>& values, const BootstrapOptions& options = {});
Interval iqm_interval(const std::vector<double>& values, const BootstrapOptions& options = {});
// Of mean(x) - mean(y).
Interval difference_interval(const std::vector<double>& x, const std::vector<double>& y,
                             const BootstrapOptions& options = {});

// curves[task][run][point], with the same number of points for all.
using Curves = std::vector<std::vector<std::vector<double>>>;

// Sample efficiency: the IQM over runs at each point of their curves. A resample takes whole runs, so the band is
// smooth. Returns one interval for each point; where a run has no value yet (NaN), three NaN: the IQM of the others
// would be that of the runs whose first episode was short.
std::vector<Interval> efficiency_curve(const Curves& curves, const BootstrapOptions& options = {});

// The mean over one task's runs at many points, how often each resample has a run drawn once: cheap for long curves.
class MeanBootstrap {
 public:
  explicit MeanBootstrap(size_t run_count, const BootstrapOptions& options = {});

  // values[run]. One that is not finite is left out; all left out give NaN.
  Interval operator()(std::span<const double> values) const;

 private:
  size_t run_count_;
  BootstrapOptions options_;
  std::vector<uint32_t> draws_;  // [resamples, run_count]: how often a resample holds a run
};

// The draws behind all of the above, for statistics of other things than Scores. next()[task][i] is the run that takes
// place i in the resample; a task keeps its number of runs.
class Resampler {
 public:
  Resampler(const std::vector<size_t>& runs_of_task, uint64_t seed);
  const std::vector<std::vector<size_t>>& next();

 private:
  Random random_;
  std::vector<std::vector<size_t>> draw_;
};

}  // namespace deepq::stats
