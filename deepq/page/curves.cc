#include "deepq/page/curves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "deepq/core/finite.h"

namespace deepq::page {
namespace {

// Keeps what rounding takes away (Knuth's two-sum), so that what has come and gone leaves nothing behind.
class Sum {
 public:
  void add(double value) {
    // added is what of `value` arrived in the sum; the two differences are what rounding took from either.
    const double sum = sum_ + value, added = sum - sum_;
    lost_ += (sum_ - (sum - added)) + (value - added);
    sum_ = sum;
  }
  double value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0, lost_ = 0;
};

// Point i takes the records with x in (first + i * width, first + (i + 1) * width]; the first point takes `first` too.
std::vector<double> reduce_to_points(const std::vector<double>& x, const std::vector<double>& y,
                                     const std::vector<double>& ends, Reduce reduce) {
  std::vector<double> out(ends.size(), kNaN);
  size_t record = 0;
  for (size_t point = 0; point < ends.size(); ++point) {
    double sum = 0, smallest = kNaN, largest = kNaN;
    size_t count = 0;
    // x and ends ascend: no record is looked at twice.
    for (; record < x.size() && x[record] <= ends[point]; ++record) {
      if (std::isnan(y[record])) continue;
      sum += y[record];
      // Of NaN and a number fmin and fmax take the number, so the first record replaces NaN.
      smallest = std::fmin(smallest, y[record]);
      largest = std::fmax(largest, y[record]);
      ++count;
    }
    if (count == 0) continue;
    const double mean = sum / static_cast<double>(count);
    out[point] = reduce == Reduce::kMean ? mean : reduce == Reduce::kMin ? smallest : largest;
  }
  return out;
}

}  // namespace

std::vector<double> share_ties(const std::vector<double>& ends, const std::vector<double>& values) {
  std::vector<double> shared = values;
  for (size_t first = 0; first < ends.size();) {
    size_t last = first + 1;
    while (last < ends.size() && ends[last] == ends[first]) ++last;
    const auto begin = shared.begin() + static_cast<int64_t>(first), end = shared.begin() + static_cast<int64_t>(last);
    std::sort(begin, end);      // so that sums are the same in any order
    if (*begin < *(end - 1)) {  // a mean of equal values may be rounded to another
      std::fill(begin, end, std::accumulate(begin, end, 0.0) / static_cast<double>(last - first));
    }
    first = last;
  }
  return shared;
}

std::vector<double> running_mean(const std::vector<double>& values, size_t window) {
  std::vector<double> means(values.size());
  Sum sum;
  for (size_t i = 0; i < values.size(); ++i) {
    sum.add(values[i]);
    // By adding and taking away: a window of 100 over a million episodes costs what a sum does; two-sum keeps it exact.
    if (i >= window) sum.add(-values[i - window]);
    means[i] = sum.value() / static_cast<double>(std::min(i + 1, window));
  }
  return means;
}

double best_window_mean(const std::vector<double>& values, size_t window) {
  if (values.empty()) return kNaN;
  const std::vector<double> means = running_mean(values, window);
  // Not the means of fewer values at the beginning: one lucky first episode would be the best.
  return *std::max_element(means.begin() + static_cast<int64_t>(std::min(window, values.size()) - 1), means.end());
}

OverRuns::OverRuns(size_t run_count) : run_count_(run_count) {
  if (run_count >= kMinForBootstrap) bootstrap_.emplace(run_count, stats::BootstrapOptions{.resamples = kResamples});
}

stats::Interval OverRuns::operator()(const std::vector<double>& values) const {
  double sum = 0, low = kNaN, high = kNaN;
  size_t present = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    low = std::fmin(low, value);
    high = std::fmax(high, value);
    ++present;
  }
  if (bootstrap_ && present >= kMinForBootstrap) return (*bootstrap_)(values);
  const double mean = present > 0 ? sum / static_cast<double>(present) : kNaN;
  // Too few have a value here: no interval, rather than one of another kind in the same band.
  if (bootstrap_) return {mean, kNaN, kNaN};
  return {mean, low, high};
}

std::string OverRuns::method() const {
  return bootstrap_ ? stats::interval_name(run_count_) + " of the mean" : "lowest to highest run";
}

std::vector<size_t> every_kth(size_t count, size_t max_points, size_t& k) {
  // Rounded up; one place is kept for the last.
  k = count > max_points ? (count - 1 + max_points - 2) / (max_points - 1) : 1;
  std::vector<size_t> indices;
  for (size_t i = 0; i < count; i += k) indices.push_back(i);
  if (count > 0 && indices.back() != count - 1) indices.push_back(count - 1);
  return indices;
}

Curves align(const std::vector<std::vector<double>>& xs, const std::vector<std::vector<double>>& ys, Reduce reduce,
             size_t max_points) {
  std::vector<size_t> used;
  for (size_t run = 0; run < xs.size(); ++run) {
    if (!xs[run].empty()) used.push_back(run);
  }
  Curves curves;
  if (used.empty()) return curves;
  size_t fewest = xs[used[0]].size();
  double first = xs[used[0]].front(), last = xs[used[0]].back();
  for (const size_t run : used) {
    fewest = std::min(fewest, xs[run].size());
    first = std::min(first, xs[run].front());
    last = std::min(last, xs[run].back());
  }
  curves.x.assign(xs[used[0]].begin(), xs[used[0]].begin() + static_cast<int64_t>(fewest));
  // Records are written every so many steps, so seeds of one setting usually share their places.
  const bool same_places = std::all_of(used.begin(), used.end(), [&](size_t run) {
    return std::equal(curves.x.begin(), curves.x.end(), xs[run].begin());
  });
  if (same_places && fewest <= max_points) {
    for (const size_t run : used) {
      curves.y.emplace_back(ys[run].begin(), ys[run].begin() + static_cast<int64_t>(fewest));
    }
    return curves;
  }
  // No more points than the run with the fewest records has: else some of its bins could be empty.
  const size_t points = std::min(fewest, max_points);
  curves.records_per_point = (fewest + points - 1) / points;
  curves.x.resize(points);
  for (size_t i = 0; i < points; ++i) {
    curves.x[i] = std::round(first + (last - first) * static_cast<double>(i + 1) / static_cast<double>(points));
  }
  for (const size_t run : used) curves.y.push_back(reduce_to_points(xs[run], ys[run], curves.x, reduce));
  return curves;
}

}  // namespace deepq::page
