// The numbers behind charts: ties, running means, thinning, and the mean over runs with its interval.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "deepq/stats/bootstrap.h"

namespace deepq::page {

constexpr size_t kMaxPoints = 2000;  // drawn in a wide chart, whatever the length of the run
constexpr size_t kMaxSmallPoints = 300;

// Episodes that end at the same place (`ends`, ascending) have no order among them: each value becomes the mean of
// those that end with it, with the same bits in whatever order they come. What looks at windows or parts of the
// episodes looks at these.
std::vector<double> share_ties(const std::vector<double>& ends, const std::vector<double>& values);

// Element i is the mean of the `window` values that end with i, or of all up to i while there are fewer. What was
// before leaves no rounding behind: the same windows have the same means.
std::vector<double> running_mean(const std::vector<double>& values, size_t window);

// The largest of the means over `window` values in a row; the mean of all while there are fewer; NaN without values.
double best_window_mean(const std::vector<double>& values, size_t window);

// The mean over runs: with at least 5 a 95% percentile bootstrap interval, with fewer the lowest and highest run. The
// resamples are drawn once, seeded, so the same values give the same interval and neighbouring points of a curve a
// smooth band.
class OverRuns {
 public:
  static constexpr size_t kMinForBootstrap = stats::kRecommendedRuns;
  static constexpr size_t kResamples = 1000;

  explicit OverRuns(size_t run_count);

  // One value per run, in a fixed order of runs. A value that is not finite is left out; all left out give NaN, and
  // where the bootstrap is promised but fewer than 5 are left, there is no interval (NaN).
  stats::Interval operator()(const std::vector<double>& values) const;

  std::string method() const;  // "95% bootstrap interval of the mean"; "lowest to highest run"

 private:
  size_t run_count_;
  std::optional<stats::MeanBootstrap> bootstrap_;  // none: too few runs
};

// Several runs' curves on one x axis. `records_per_point` above 1 says that the curves were thinned.
struct Curves {
  std::vector<double> x;
  std::vector<std::vector<double>> y;  // [run][point]; NaN where a run has no record
  size_t records_per_point = 1;
};

// Every k-th element, and the last, so that at most `max_points` are kept: their indices in 0 ... count - 1.
std::vector<size_t> every_kth(size_t count, size_t max_points, size_t& k);

enum class Reduce { kMean, kMin, kMax };

// Brings runs whose records lie at xs[run] (ascending) to one axis that ends where the shortest run ends. Records at
// the same places are kept as they are while they are few; otherwise each point stands for an equal bin of x and
// reduces the records in it. Runs without records are left out.
Curves align(const std::vector<std::vector<double>>& xs, const std::vector<std::vector<double>>& ys, Reduce reduce,
             size_t max_points);

}  // namespace deepq::page
