#include "deepq/lab/check.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/page/text.h"

namespace deepq::lab {

Answer Check::answer() const {
  if (!std::isfinite(interval.value)) return Answer::kOpen;
  if (above ? interval.low > threshold : interval.high < threshold) return Answer::kHolds;
  if (above ? interval.high <= threshold : interval.low >= threshold) return Answer::kFails;
  return Answer::kOpen;
}

std::string Check::text() const {
  const auto number = page::brief_text;
  std::string text = statement + ": " + quantity + " is " + number(interval.value);
  if (interval.low < interval.high) text += " [" + number(interval.low) + ", " + number(interval.high) + "]";
  text += std::string(above ? ", claimed above " : ", claimed below ") + number(threshold) + ": ";
  return text + (answer() == Answer::kHolds ? "holds" : answer() == Answer::kFails ? "does not hold" : "not decided");
}

Check claim_above(std::string statement, std::string quantity, const stats::Interval& interval, double threshold) {
  return {std::move(statement), std::move(quantity), interval, threshold, true};
}

Check claim_below(std::string statement, std::string quantity, const stats::Interval& interval, double threshold) {
  return {std::move(statement), std::move(quantity), interval, threshold, false};
}

stats::Interval exact(double value) { return {value, value, value}; }

stats::Interval share_interval(const std::vector<double>& happened) {
  double count = 0, hits = 0;
  for (const double value : happened) {
    if (std::isnan(value)) continue;
    ++count;
    hits += value != 0;
  }
  if (count == 0) throw Error("share_interval: there is no run; it needs at least one");
  constexpr double kZ = 1.959964;  // of 95%
  const double share = hits / count, z2 = kZ * kZ;
  const double centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const double half = kZ * std::sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count);
  return {share, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Verdict verdict(const std::vector<Check>& checks) {
  DEEPQ_ASSERT(!checks.empty());
  const auto count = [&](Answer answer) {
    return std::count_if(checks.begin(), checks.end(), [&](const Check& check) { return check.answer() == answer; });
  };
  const auto all = static_cast<std::ptrdiff_t>(checks.size());
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

}  // namespace deepq::lab
