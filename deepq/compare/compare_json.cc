#include <nlohmann/json.hpp>

#include "deepq/compare/verdict.h"

namespace deepq::compare {
namespace {

using Json = nlohmann::ordered_json;
using stats::Interval;

Json to_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

// A curve's intervals as three arrays.
Json columns(const std::vector<Interval>& intervals) {
  Json json{{"value", Json::array()}, {"low", Json::array()}, {"high", Json::array()}};
  for (const Interval& interval : intervals) {
    json["value"].push_back(interval.value);
    json["low"].push_back(interval.low);
    json["high"].push_back(interval.high);
  }
  return json;
}

Json to_json(const GroupResult& group, const Comparison& comparison) {
  Json runs = Json::object(), returns = Json::object();
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    // Keyed by the name of the task: readers need not count places.
    runs[comparison.tasks[task]] = group.run_counts[task];
    returns[comparison.tasks[task]] = group.returns[task];
  }
  return {{"name", group.name},
          {"runs", runs},
          {"returns", returns},
          {"enough_runs", group.fewest_runs() >= stats::kRecommendedRuns},
          {"iqm", to_json(group.iqm)},
          {"median", to_json(group.median)},
          {"mean", to_json(group.mean)},
          {"optimality_gap", group.gap ? to_json(*group.gap) : Json(nullptr)},
          {"performance_profile", columns(group.profile)},
          // Columns beside `taus` and `curve_x`, which are the same for all groups; NaN becomes null.
          {"sample_efficiency", columns(group.curve)}};
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json groups = Json::array(), pairs = Json::array();
  for (const GroupResult& group : comparison.groups) groups.push_back(to_json(group, comparison));
  for (const PairResult& pair : comparison.pairs) {
    pairs.push_back({{"x", comparison.groups[pair.x].name},
                     {"y", comparison.groups[pair.y].name},
                     {"probability_of_improvement", to_json(pair.improvement)},
                     {"iqm_difference", to_json(pair.iqm_difference)},
                     {"p", pair.p},
                     {"adjusted_p", pair.adjusted_p},
                     {"least_adjusted_p", pair.least_adjusted_p},
                     {"can_be_decided", pair.can_be_decided()},
                     {"decided", pair.decided()},
                     {"verdict", verdict_of(comparison, pair)}});
  }
  return Json{{"score", name_of(comparison.score)},
              {"normalization", name_of(comparison.normalization)},
              {"gamma", comparison.gamma ? Json(*comparison.gamma) : Json(nullptr)},
              {"seed", comparison.bootstrap.seed},
              {"resamples", comparison.bootstrap.resamples},
              {"confidence", comparison.bootstrap.confidence},
              {"interval", comparison.has_intervals() ? Json(comparison.interval_name()) : Json(nullptr)},
              {"level", kLevel},
              {"tasks", comparison.tasks},
              {"groups", groups},
              {"pairs", pairs},
              {"taus", comparison.taus},
              {"curve_x", {{"label", curve_x_label(comparison)}, {"values", comparison.curve_x}}},
              {"notes", comparison.notes}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace deepq::compare
