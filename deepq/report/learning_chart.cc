#include "deepq/report/learning_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "deepq/page/curves.h"
#include "deepq/page/text.h"
#include "deepq/report/charts.h"

namespace deepq::report {
namespace {

using page::Chart;
using page::ChartBuilder;
using page::every_kth;
using page::fixed_text;
using page::running_mean;
using page::Values;

constexpr size_t kMaxRunLines = 20;  // more thin lines than this hide each other

double last_step(const RunData& run) { return run.episodes.rows() == 0 ? 0 : run.episodes["env_steps"].back(); }

// The environment steps of a chart: of one run the ends of its episodes, of several places that all share.
struct StepAxis {
  Values x;
  std::vector<size_t> rows;  // of one run: the episodes that are drawn
  size_t k = 1;              // one in so many is
  double longest = 0, ended = std::numeric_limits<double>::infinity(), carried = ended;

  // With a power above 1 the places are closer together at the beginning, where epsilon falls.
  explicit StepAxis(const std::vector<RunData>& runs, double power = 1) {
    for (const RunData& run : runs) longest = std::max(longest, last_step(run));
    for (const RunData& run : runs) {
      const double end = last_step(run);
      if (end == 0) continue;
      // Of the runs that end before the longest, those that had solved the task are carried on and do not end the mean.
      double& first = is_carried_on(run) && end < longest ? carried : ended;
      first = std::min(first, end);
    }
    if (runs.size() == 1) {
      rows = every_kth(runs[0].episodes.rows(), page::kMaxPoints, k);
      for (const size_t row : rows) x.push_back(runs[0].episodes["env_steps"][row]);
    } else if (longest > 0) {
      for (size_t i = 1; i <= kPlaces; ++i) {
        const double place = std::round(longest * std::pow(static_cast<double>(i) / kPlaces, power));
        // Close to 0 with a power of 3 places round to the same step.
        if (x.empty() || place > x.back()) x.push_back(place);
      }
    }
  }

  // What had been reached at each place; NaN before the first end of an episode, and after the run's end, unless it is
  // carried on and that is wanted.
  Values at(const RunData& run, const Values& column, bool carry = true) const {
    if (!rows.empty()) {
      Values out;
      for (const size_t row : rows) out.push_back(column[row]);
      return out;
    }
    const Values& ends = run.episodes["env_steps"];
    Values out;
    for (const double step : x) {
      // How many episodes had ended by this step: the last of them says what had been reached.
      const auto ended_by = std::upper_bound(ends.begin(), ends.end(), step) - ends.begin();
      // An episode rarely ends on the last step: up to one place (1/300 of the axis) past its last end a run is not
      // over.
      const bool over = step > ends.back() + longest / kPlaces && !(carry && is_carried_on(run));
      out.push_back(ended_by == 0 || over ? kNaN : column[static_cast<size_t>(ended_by) - 1]);
    }
    return out;
  }

  // Only as far as all runs go.
  Values common(Values values) const {
    for (size_t i = 0; i < x.size(); ++i)
      if (rows.empty() && x[i] > ended + longest / kPlaces) values[i] = kNaN;
    return values;
  }

  // What the captions must not keep quiet.
  void add_notes(ChartBuilder& chart) const {
    const auto text = [](double step) { return fixed_text(step, 0); };
    if (carried < longest)
      chart.caption(
          "From step " + text(carried) +
          " on, runs that were stopped because they had solved the task count with their last value (dashed).");
    if (rows.empty() && ended + longest / kPlaces < longest)
      chart.caption("The mean ends at step " + text(ended) + ", the last that every run reached.");
    if (k > 1) chart.caption("One in " + std::to_string(k) + " of the episodes is drawn.");
  }

  static constexpr double kPlaces = 300;
};

// The chapter tells its three phases of its own agent.
void add_phases(ChartBuilder& chart, const RunData& run) {
  const Values& ends = run.episodes["env_steps"];
  nlohmann::json phases = nlohmann::json::array();
  for (const Phase& phase : kPhases) {
    if (phase.first > ends.size()) break;
    // A phase begins where the episode before its first one ended.
    phases.push_back({{"first", phase.first == 1 ? 0 : ends[phase.first - 2]}, {"name", phase.name}});
  }
  chart.set("phases", phases);
}

void add_solved(ChartBuilder& chart, const RunData& run) {
  if (!run.summary() || run.summary()->first_episode_solved <= 0) return;
  // The table begins at a later episode than the first where episodes.csv was lost meanwhile (record/run_notes.h).
  const auto row = run.summary()->first_episode_solved - run.first_episode();
  if (row < 0 || row >= static_cast<int64_t>(run.episodes.rows())) return;
  chart.set("solved", {{"x", run.episodes["env_steps"][static_cast<size_t>(row)]},
                       {"label", "solved at episode " + std::to_string(run.summary()->first_episode_solved)}});
}

}  // namespace

Chart learning_curve(const std::vector<RunData>& runs) {
  const StepAxis axis(runs);
  ChartBuilder chart("learning", "Learning curve", "environment step", axis.x);
  chart.set_wide();
  chart.set("tall", true);
  chart.set("y", "return");
  chart.set("from_zero", true);
  std::vector<Values> common;
  for (const RunData& run : runs) {
    if (run.episodes.rows() == 0) continue;
    const Values& returns = run.episodes["return"];
    const Values means = running_mean(page::share_ties(run.episodes["env_steps"], returns), kReturnWindow);
    if (runs.size() == 1) chart.add("return", "dots", axis.at(run, returns));
    // The thin line of a run ends where the run does; only the mean goes on with its last value.
    if (runs.size() > 1 && runs.size() <= kMaxRunLines)
      chart.add("seed " + run.setting("train.seed"), "run", axis.at(run, means, false));
    common.push_back(axis.common(axis.at(run, means)));
  }
  chart.caption(runs.size() == 1             ? "Each dot is an episode; the line is the mean of the last 100 returns."
                : runs.size() > kMaxRunLines ? "Mean of the last 100 returns."
                                             : "Mean of the last 100 returns; each thin line is a run.");
  chart.add_mean("mean of last 100", common);
  if (axis.carried < axis.longest) chart.set("dashed_from", axis.carried);
  axis.add_notes(chart);
  if (runs.size() == 1 && is_chapters(runs)) add_phases(chart, runs[0]);
  if (runs.size() == 1) add_solved(chart, runs[0]);
  return std::move(chart).finish();
}

Chart epsilon_chart(const std::vector<RunData>& runs) {
  // With a cubed axis half of the places lie in the first eighth of the run, where epsilon usually falls.
  const StepAxis axis(runs, 3);
  ChartBuilder chart("epsilon", "Epsilon", "environment step", axis.x);
  chart.set("y", "epsilon");
  chart.set("y_range", {0, 1});
  std::vector<Values> common;
  bool is_zero = true;
  for (const RunData& run : runs) {
    if (run.episodes.rows() == 0) continue;
    const Values& epsilon = run.episodes["epsilon"];
    Values values = axis.at(run, epsilon);
    // at() knows nothing before the first end of an episode; epsilon is known from the first episode on.
    for (size_t i = 0; i < values.size() && axis.x[i] < run.episodes["env_steps"][0]; ++i) values[i] = epsilon[0];
    common.push_back(axis.common(std::move(values)));
    is_zero = is_zero && std::ranges::all_of(epsilon, [](double value) { return value == 0; });
  }
  chart.caption("Chance of a random action when the episode ended.");
  if (is_zero && !common.empty()) chart.caption("It was 0 throughout.");
  chart.add_mean("epsilon", common);
  return std::move(chart).finish();
}

bool is_carried_on(const RunData& run) { return run.summary() && run.summary()->stopped_by == "solved"; }

bool is_chapters(const std::vector<RunData>& runs) {
  return std::ranges::all_of(runs, [](const RunData& run) { return run.setting("preset") == "chapter"; });
}

}  // namespace deepq::report
