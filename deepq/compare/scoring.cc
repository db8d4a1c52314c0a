#include "deepq/compare/scoring.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/env/atari_scores.h"
#include "deepq/page/curves.h"

namespace deepq::compare {
namespace {

constexpr size_t kWindow = 100;      // episodes
constexpr double kRounding = 1e-12;  // by less than this fraction equal scores differ

struct Name {
  const char *name, *description;
};

constexpr std::array<Name, 4> kScores{{{"final", "mean return of the evaluation after training"},
                                       {"last100", "mean return of the last 100 training episodes"},
                                       {"best100", "highest mean return of 100 training episodes in a row"},
                                       {"auc", "mean return over all environment steps of training"}}};
constexpr std::array<Name, 3> kNormalizations{
    {{"none", "returns as they are"},
     {"human", "0 is random play, 1 the human tester"},
     {"range", "0 is the lowest score of all groups on a task, 1 the highest"}}};

template <size_t count>
size_t find_name(const std::array<Name, count>& names, std::string_view name, const char* what) {
  std::vector<std::string> allowed;
  for (size_t i = 0; i < count; ++i) {
    if (name == names[i].name) return i;
    allowed.push_back(names[i].name);
  }
  throw Error::of(what, " is '", name, "'; allowed: ", join(allowed), did_you_mean(name, allowed));
}

// What each episode weighs: its length, or, where nobody says it, its part of the steps since the last end before.
std::vector<double> weights_of(const Run& run) {
  if (!run.lengths.empty()) return run.lengths;
  std::vector<double> weights = run.steps;
  // Steps at each end become steps since the end before.
  std::adjacent_difference(weights.begin(), weights.end(), weights.begin());
  return page::share_ties(run.steps, weights);
}

double mean_over_steps(const Run& run) {
  std::vector<double> weights = weights_of(run), areas = run.returns;
  for (size_t i = 0; i < areas.size(); ++i) areas[i] *= weights[i];  // a return for each step that it took to get it
  // Their mean over ties, so that the sum has the same bits in any order of these.
  areas = page::share_ties(run.steps, areas);
  weights = page::share_ties(run.steps, weights);
  const double length = std::accumulate(weights.begin(), weights.end(), 0.0);
  // 0 where every episode is said to end at step 0: then each counts alike.
  if (length > 0) return std::accumulate(areas.begin(), areas.end(), 0.0) / length;
  const std::vector<double> returns = page::share_ties(run.steps, run.returns);
  return std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
}

}  // namespace

Score parse_score(std::string_view name) { return static_cast<Score>(find_name(kScores, name, "--score")); }
Normalization parse_normalization(std::string_view name) {
  return static_cast<Normalization>(find_name(kNormalizations, name, "--normalize"));
}
std::string name_of(Score score) { return kScores[static_cast<size_t>(score)].name; }
std::string name_of(Normalization normalization) { return kNormalizations[static_cast<size_t>(normalization)].name; }
std::string describe(Score score) { return kScores[static_cast<size_t>(score)].description; }
std::string describe(Normalization normalization) {
  return kNormalizations[static_cast<size_t>(normalization)].description;
}

Run up_to(Run run, double step) {
  // The first episode in any case: a run without one has no score.
  const auto end = std::max<int64_t>(1, std::ranges::upper_bound(run.steps, step) - run.steps.begin());
  for (std::vector<double>* column : {&run.steps, &run.returns, &run.lengths, &run.ended})
    if (!column->empty()) column->resize(static_cast<size_t>(end));
  return run;
}

double score_of(const Run& run, Score score) {
  if (!run.has_episodes && score != Score::kFinal)
    throw Error::of("--score is ", name_of(score), ", but ", run.source,
                    " is a score without episodes; allowed: final");
  switch (score) {
    case Score::kFinal:
      if (std::isnan(run.final_evaluation)) {
        throw Error::of("--score is final, but ", run.source,
                        " has no evaluation after training; allowed: last100, best100, auc");
      }
      return run.final_evaluation;
    case Score::kLast100:
      // Of all episodes while there are fewer than 100.
      return page::running_mean(page::share_ties(run.steps, run.returns), kWindow).back();
    case Score::kBest100:
      return page::best_window_mean(page::share_ties(run.steps, run.returns), kWindow);
    case Score::kAuc:
      return mean_over_steps(run);
  }
  DEEPQ_ASSERT(false && "a score without a case");
  return 0;
}

std::vector<double> curve_of(const Run& run, const std::vector<double>& steps) {
  const std::vector<double> means = page::running_mean(page::share_ties(run.steps, run.returns), kWindow);
  std::vector<double> curve;
  for (const double step : steps) {
    const auto ended = std::upper_bound(run.steps.begin(), run.steps.end(), step) - run.steps.begin();
    // What was known at that step: no look ahead.
    curve.push_back(ended == 0 ? kNaN : means[static_cast<size_t>(ended) - 1]);
  }
  return curve;
}

Scale scale_of(const std::string& task, const std::vector<double>& scores, Normalization normalization) {
  if (normalization == Normalization::kHuman) {
    const std::optional<AtariScores> known = atari_scores(env_id_of(task));
    if (!known) throw Error::of("--normalize is human, but '", task, "' is no Atari game with a human score");
    return {known->random, known->human};
  }
  if (normalization == Normalization::kRange) {
    const auto [lowest, highest] = std::minmax_element(scores.begin(), scores.end());
    const double largest = std::max(std::abs(*lowest), std::abs(*highest));
    if (*highest - *lowest > kRounding * largest) return {*lowest, *highest};
    return {*lowest, *lowest + std::max(1.0, largest)};  // all alike: what rounding leaves must not fill the scale
  }
  return {};
}

}  // namespace deepq::compare
