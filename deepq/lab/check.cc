#include "deepq/lab/check.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/lab/text.h"
#include "deepq/page/text.h"
#include "deepq/stats/permutation.h"

namespace deepq::lab {
namespace {

constexpr double kHalf = 0.5;

std::vector<double> measured(const BySeed& by_seed) {
  std::vector<double> kept;
  for (const double value : by_seed.values)
    if (!std::isnan(value)) kept.push_back(value);
  return kept;
}

// -1, 0 or 1 of each: what the sign tests see, and a run that diverged is infinite.
std::vector<double> sides_of(const Check& check) {
  std::vector<double> sides;
  for (const double value : measured(check.by_seed))
    sides.push_back(value > check.threshold ? 1 : value < check.threshold ? -1 : 0);
  return sides;
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

double p_of(const Check& check) {
  const std::vector<double> values = measured(check.by_seed);
  if (values.empty()) return 1;  // nothing was measured, so nothing is decided
  // Sign flips take the differences as they are; a run that diverged has been given a finite number (outcomes.h).
  return check.decider == Decider::kSignFlips ? stats::paired_test(values).p : stats::sign_test(sides_of(check), 0);
}

// Above 0: the test saw more above the threshold than below it.
double direction(const Check& check) {
  return sum_of(check.decider == Decider::kSignFlips ? measured(check.by_seed) : sides_of(check));
}

Check check_of(Decider decider, std::string statement, std::string quantity, BySeed by_seed, double threshold,
               bool above) {
  return {.statement = std::move(statement),
          .quantity = std::move(quantity),
          .decider = decider,
          .by_seed = std::move(by_seed),
          .threshold = threshold,
          .above = above};
}

}  // namespace

Answer Check::answer() const {
  // By the test alone. The interval is shown beside it and is too narrow for few seeds.
  if (adjusted_p > kLevel) return Answer::kOpen;
  return (direction(*this) > 0) == above ? Answer::kHolds : Answer::kFails;
}

std::string Check::seeds_text() const {
  // Diverged seeds have a value that counts (outcomes.h); unmeasured ones are NaN.
  const size_t all = by_seed.values.size(), unmeasured = all - measured(by_seed).size();
  std::string text;
  if (by_seed.diverged > 0) text += std::to_string(by_seed.diverged) + " diverged and count as the worst";
  if (unmeasured > 0)
    text += (text.empty() ? "" : ", ") + std::to_string(unmeasured) + " could not be measured and " +
            (unmeasured == 1 ? "is" : "are") + " left out";
  return text.empty() ? "" : "of " + std::to_string(all) + " seeds, " + text;
}

std::string Check::number_text() const {
  const std::string seeds = seeds_text();
  return statement + ": " + quantity + " is " + interval_text(interval) + (seeds.empty() ? "" : " (" + seeds + ")");
}

std::string Check::text() const {
  const auto number = page::brief_text;
  return number_text() + ", claimed " + (above ? "above " : "below ") + number(threshold) + "; " +
         decider_text(decider) + " over " + std::to_string(measured(by_seed).size()) + " seeds, p = " + number(p) +
         ", adjusted " + number(adjusted_p) + ": " + answer_text(answer());
}

Check pairs_above(std::string statement, std::string quantity, BySeed differences) {
  return check_of(Decider::kSignFlips, std::move(statement), std::move(quantity), std::move(differences), 0, true);
}

Check pairs_below(std::string statement, std::string quantity, BySeed differences) {
  return check_of(Decider::kSignFlips, std::move(statement), std::move(quantity), std::move(differences), 0, false);
}

Check runs_above(std::string statement, std::string quantity, BySeed runs, double bound) {
  return check_of(Decider::kSignTest, std::move(statement), std::move(quantity), std::move(runs), bound, true);
}

Check runs_below(std::string statement, std::string quantity, BySeed runs, double bound) {
  return check_of(Decider::kSignTest, std::move(statement), std::move(quantity), std::move(runs), bound, false);
}

Check most_runs(std::string statement, std::string quantity, BySeed happened) {
  return check_of(Decider::kFractionTest, std::move(statement), std::move(quantity), std::move(happened), kHalf, true);
}

Check few_runs(std::string statement, std::string quantity, BySeed happened) {
  return check_of(Decider::kFractionTest, std::move(statement), std::move(quantity), std::move(happened), kHalf, false);
}

void decide(std::vector<Check>& checks) {
  std::vector<double> p;
  for (Check& check : checks) p.push_back(check.p = p_of(check));
  const std::vector<double> adjusted = stats::holm(p);  // over all statements of the experiment
  for (size_t i = 0; i < checks.size(); ++i) checks[i].adjusted_p = adjusted[i];
}

void show(std::vector<Check>& checks) {
  for (Check& check : checks) {
    const bool fraction = check.decider == Decider::kFractionTest && !measured(check.by_seed).empty();
    check.interval = fraction ? fraction_interval(check.by_seed.values) : finite_mean(check.by_seed.values);
  }
}

bool can_decide(int64_t seeds, size_t statements) {
  // The first step of Holm multiplies the smallest p by the number of statements.
  return stats::least_paired_p(static_cast<size_t>(seeds)) * static_cast<double>(statements) <= kLevel;
}

stats::Interval fraction_interval(const std::vector<double>& happened) {
  double count = 0, hits = 0;
  for (const double value : happened) {
    if (std::isnan(value)) continue;
    ++count;
    hits += value != 0;
  }
  if (count == 0) throw Error("fraction_interval: there is no run; it needs at least one");
  constexpr double kZ = 1.959964;  // of 95%
  const double fraction = hits / count, z2 = kZ * kZ;
  // Wilson 1927: pulled towards one half, so that 0 of 20 is no certainty.
  const double center = (fraction + z2 / (2 * count)) / (1 + z2 / count);
  const double half = kZ * std::sqrt(fraction * (1 - fraction) / count + z2 / (4 * count * count)) / (1 + z2 / count);
  return {fraction, std::max(0.0, center - half), std::min(1.0, center + half)};
}

Verdict verdict(const std::vector<Check>& checks) {
  DEEPQ_ASSERT(!checks.empty());
  const auto count = [&](Answer answer) {
    return std::count_if(checks.begin(), checks.end(), [&](const Check& check) { return check.answer() == answer; });
  };
  const auto all = static_cast<std::ptrdiff_t>(checks.size());
  // One open statement among those that hold is "in part"; without one that holds, one that fails decides.
  if (count(Answer::kHolds) == all) return Verdict::kHolds;
  if (count(Answer::kOpen) == all) return Verdict::kUndecided;
  return count(Answer::kHolds) > 0 ? Verdict::kPart : Verdict::kFails;
}

std::string verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kPart:
      return "holds in part";
    case Verdict::kFails:
      return "does not hold here";
    default:
      return "not decided here";
  }
}

std::string answer_text(Answer answer) {
  return answer == Answer::kHolds ? "holds" : answer == Answer::kFails ? "does not hold" : "not decided";
}

std::string decider_text(Decider decider) {
  switch (decider) {
    case Decider::kSignFlips:
      return "sign flips, paired by seed,";
    case Decider::kSignTest:
      return "sign test of the median";
    default:
      return "exact binomial test";
  }
}

}  // namespace deepq::lab
