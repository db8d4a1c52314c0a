#include "deepq/stats/permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "deepq/core/error.h"
#include "deepq/core/random.h"

namespace deepq::stats {
namespace {

// Two sums of the same scores in another order differ by less than this fraction of the largest score.
constexpr double kRounding = 1e-12;

double largest(std::span<const double> values) {
  double size = 0;
  for (const double value : values) size = std::max(size, std::abs(value));
  return size;
}

double mean_difference(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// How many arrangements are at least as far above, or below, as the observed one, which counts too.
class Tails {
 public:
  Tails(double observed, double tie_break, double scale)
      : observed_(observed), tie_break_(tie_break), tolerance_(kRounding * scale) {}

  // `tie_break()` tells equal statistics apart; it is asked where it matters.
  template <class TieBreak>
  void count(double statistic, const TieBreak& tie_break) {
    int side = sign(statistic - observed_);
    // IQMs of few runs are often equal though the runs differ: without this, many arrangements would count on both
    // sides.
    if (side == 0) side = sign(tie_break() - tie_break_);
    ++total_;
    // A full tie counts on both sides, as the observed arrangement itself does: p is never too small.
    above_ += side >= 0;
    below_ += side <= 0;
  }

  double p(Sides sides) const {
    const double total = static_cast<double>(total_);
    const double above = static_cast<double>(above_) / total, below = static_cast<double>(below_) / total;
    if (sides == Sides::kGreater) return above;
    if (sides == Sides::kLess) return below;
    return std::min(1.0, 2 * std::min(above, below));
  }

 private:
  int sign(double difference) const { return std::abs(difference) <= tolerance_ ? 0 : difference > 0 ? 1 : -1; }

  double observed_, tie_break_, tolerance_;
  size_t total_ = 1, above_ = 1, below_ = 1;
};

double least_p(double arrangements, const PermutationOptions& options) {
  const bool exact = arrangements <= static_cast<double>(kExactArrangements);
  // The observed arrangement is one of all of them, or one beside those that are drawn.
  const double possible = exact ? arrangements : static_cast<double>(options.draws) + 1;
  return std::min(1.0, (options.sides == Sides::kTwo ? 2 : 1) / possible);
}

double arrangement_count(std::span<const size_t> runs_of_x, std::span<const size_t> runs_of_y) {
  double count = 1;  // exact as long as it matters
  for (size_t task = 0; task < runs_of_x.size(); ++task) {
    double ways = 1;
    for (size_t i = 1; i <= runs_of_x[task]; ++i) {
      // N choose k, factor by factor: whole at every step.
      ways = ways * static_cast<double>(runs_of_y[task] + i) / static_cast<double>(i);
    }
    count *= ways;
  }
  return count;
}

void check_draws(const PermutationOptions& options) {
  if (options.draws < 1) throw Error("permutation test: draws is 0; it must be at least 1");
}

void check_finite(std::span<const double> values, const char* what) {
  if (values.empty()) throw Error::of(what, ": there is no value; at least one is needed");
  for (const double value : values) {
    if (!std::isfinite(value)) throw Error::of(what, ": a value is ", number_text(value), "; it must be finite");
  }
}

std::vector<size_t> sizes_of(const Scores& scores) {
  std::vector<size_t> counts;
  for (const std::vector<double>& runs : scores) counts.push_back(runs.size());
  return counts;
}

// The runs of both groups, and which of them are the first group's at present.
class Labels {
 public:
  Labels(const Scores& x, const Scores& y) : x_(x), y_(y), pooled_(x) {
    for (size_t task = 0; task < x.size(); ++task) {
      pooled_[task].insert(pooled_[task].end(), y[task].begin(), y[task].end());
      in_y_.emplace_back(pooled_[task].size(), 0);
      // x..., y...: 0s before 1s, which is where std::next_permutation begins.
      std::fill(in_y_[task].begin() + static_cast<std::ptrdiff_t>(x[task].size()), in_y_[task].end(), 1);
    }
  }

  // Each arrangement once, the observed one first; false after the last.
  bool next() {
    // An odometer: the labels of the first task go through all orders, then the next task moves on by one.
    for (std::vector<char>& labels : in_y_) {
      if (std::next_permutation(labels.begin(), labels.end()))
        return true;  // otherwise sorted again: the next task's turn
    }
    return false;
  }

  void shuffle(Random& random) {
    for (std::vector<char>& labels : in_y_) {
      for (size_t i = labels.size(); i > 1; --i) std::swap(labels[i - 1], labels[random.below(i)]);  // Fisher and Yates
    }
  }

  double measure(const std::function<double(const Scores&)>& statistic) {
    // The pooled runs are dealt out anew by their labels; how many each group has of a task stays.
    for (size_t task = 0; task < pooled_.size(); ++task) {
      size_t of_x = 0, of_y = 0;
      for (size_t run = 0; run < pooled_[task].size(); ++run) {
        const double score = pooled_[task][run];
        if (in_y_[task][run]) {
          y_[task][of_y++] = score;
        } else {
          x_[task][of_x++] = score;
        }
      }
    }
    return statistic(x_) - statistic(y_);
  }

  double means() const { return mean(x_) - mean(y_); }  // of what was measured last

  double scale() const {
    double scale = 0;
    for (const std::vector<double>& runs : pooled_) scale = std::max(scale, largest(runs));
    return scale;
  }

 private:
  Scores x_, y_, pooled_;
  std::vector<std::vector<char>> in_y_;  // [task][run of both groups]
};

}  // namespace

TestResult permutation_test(const Scores& x, const Scores& y, const std::function<double(const Scores&)>& statistic,
                            const PermutationOptions& options) {
  check_scores(x);
  check_scores(y);
  check_draws(options);
  if (x.size() != y.size()) {
    throw Error::of("permutation test: one group has ", x.size(), " tasks, the other ", y.size(),
                    "; both must have the same");
  }
  Labels labels(x, y);
  const double observed = labels.measure(statistic);
  Tails tails(observed, labels.means(), labels.scale());
  const auto count = [&] { tails.count(labels.measure(statistic), [&] { return labels.means(); }); };
  const double arrangements = arrangement_count(sizes_of(x), sizes_of(y));
  const bool exact = arrangements <= static_cast<double>(kExactArrangements);
  if (exact) {
    while (labels.next()) count();  // the observed one is counted by Tails already
  } else {
    Random random(options.seed);
    for (size_t i = 0; i < options.draws; ++i) {
      labels.shuffle(random);
      count();
    }
  }
  return {observed, tails.p(options.sides), least_p(arrangements, options), exact};
}

TestResult permutation_test(const std::vector<double>& x, const std::vector<double>& y,
                            const PermutationOptions& options) {
  return permutation_test(Scores{x}, Scores{y}, mean, options);
}

double least_permutation_p(std::span<const size_t> runs_of_x, std::span<const size_t> runs_of_y,
                           const PermutationOptions& options) {
  DEEPQ_ASSERT(runs_of_x.size() == runs_of_y.size());
  check_draws(options);
  return least_p(arrangement_count(runs_of_x, runs_of_y), options);
}

TestResult paired_test(const std::vector<double>& differences,
                       const std::function<double(std::span<const double>)>& statistic,
                       const PermutationOptions& options) {
  check_finite(differences, "paired test");
  check_draws(options);
  std::vector<double> flipped = differences;
  const double observed = statistic(differences);
  Tails tails(observed, mean_difference(differences), largest(differences));
  const auto count = [&] { tails.count(statistic(flipped), [&] { return mean_difference(flipped); }); };
  // 2^n ways to flip n signs; 2^1000 is still a double and far beyond what is gone through.
  const double arrangements = std::ldexp(1.0, static_cast<int>(std::min<size_t>(differences.size(), 1000)));
  const bool exact = arrangements <= static_cast<double>(kExactArrangements);
  if (exact) {
    // 0: the observed one, counted already.
    for (size_t signs = 1; signs < static_cast<size_t>(arrangements); ++signs) {
      for (size_t i = 0; i < differences.size(); ++i) flipped[i] = signs >> i & 1 ? -differences[i] : differences[i];
      count();
    }
  } else {
    Random random(options.seed);
    for (size_t draw = 0; draw < options.draws; ++draw) {
      for (size_t i = 0; i < differences.size(); ++i) flipped[i] = random.below(2) ? -differences[i] : differences[i];
      count();
    }
  }
  return {observed, tails.p(options.sides), least_p(arrangements, options), exact};
}

TestResult paired_test(const std::vector<double>& differences, const PermutationOptions& options) {
  return paired_test(differences, mean_difference, options);
}

double least_paired_p(size_t pairs, const PermutationOptions& options) {
  check_draws(options);
  return least_p(std::ldexp(1.0, static_cast<int>(std::min<size_t>(pairs, 1000))), options);
}

double binomial_test(size_t successes, size_t trials, double chance, Sides sides) {
  if (trials < 1) throw Error("binomial test: there is no trial; at least one is needed");
  if (successes > trials) {
    throw Error::of("binomial test: ", successes, " successes of ", trials, " trials; there can be no more than these");
  }
  if (!(chance > 0 && chance < 1)) {
    throw Error::of("binomial test: the chance is ", number_text(chance), "; it must be between 0 and 1");
  }
  const double n = static_cast<double>(trials);
  const auto mass = [&](size_t count) {
    const double k = static_cast<double>(count);
    // In logarithms: factorials overflow from 171 on.
    return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(chance) +
                    (n - k) * std::log1p(-chance));
  };
  double above = 0, below = 0;
  for (size_t count = 0; count <= trials; ++count) {
    if (count >= successes) above += mass(count);
    if (count <= successes) below += mass(count);
  }
  if (sides == Sides::kGreater) return std::min(1.0, above);
  if (sides == Sides::kLess) return std::min(1.0, below);
  // Twice the smaller tail, as the header says of all tests here.
  return std::min(1.0, 2 * std::min(above, below));
}

double sign_test(std::span<const double> values, double bound, Sides sides) {
  check_finite(values, "sign test");
  // Values at the bound are on neither side and still among the trials.
  const auto above = std::count_if(values.begin(), values.end(), [&](double value) { return value > bound; });
  const auto below = std::count_if(values.begin(), values.end(), [&](double value) { return value < bound; });
  // Both are asked as "at least so many": those above the bound for one side, those below for the other.
  const double greater = binomial_test(static_cast<size_t>(above), values.size(), 0.5, Sides::kGreater);
  const double less = binomial_test(static_cast<size_t>(below), values.size(), 0.5, Sides::kGreater);
  if (sides == Sides::kGreater) return greater;
  if (sides == Sides::kLess) return less;
  return std::min(1.0, 2 * std::min(greater, less));
}

std::vector<double> holm(std::span<const double> p_values) {
  for (const double p : p_values) {
    if (!(p >= 0 && p <= 1)) throw Error::of("Holm's adjustment: a p value is ", number_text(p), "; allowed: 0 to 1");
  }
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double highest = 0;  // a larger p value never gets a smaller adjusted one
  for (size_t place = 0; place < order.size(); ++place) {
    highest = std::max(highest, p_values[order[place]] * static_cast<double>(order.size() - place));
    adjusted[order[place]] = std::min(1.0, highest);
  }
  return adjusted;
}

}  // namespace deepq::stats
