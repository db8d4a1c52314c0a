#include "deepq/train/report_charts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/page/curves.h"
#include "deepq/page/text.h"
#include "deepq/train/run_config.h"

namespace deepq::report {
namespace {

using page::align;
using page::Chart;
using page::ChartBuilder;
using page::Curves;
using page::every_kth;
using page::fixed_text;
using page::Reduce;
using page::running_mean;
using page::Values;

constexpr size_t kMaxRunLines = 20;  // more thin lines than this hide each other

// A run that was stopped because it had learnt enough would go on as it was; one that ended for another reason is not
// known to.
bool is_carried_on(const RunData& run) { return run.summary() && run.summary()->stopped_by == "solved"; }

double last_step(const RunData& run) { return run.episodes.rows() == 0 ? 0 : run.episodes["env_steps"].back(); }

// The environment steps of the learning curve: of one run the ends of its episodes, of several places that all share.
struct StepAxis {
  Values x;
  std::vector<size_t> rows;  // of one run: the episodes that are drawn
  size_t k = 1;              // one in so many is
  double longest = 0, ended = std::numeric_limits<double>::infinity(), carried = ended;

  explicit StepAxis(const std::vector<RunData>& runs) {
    for (const RunData& run : runs) longest = std::max(longest, last_step(run));
    for (const RunData& run : runs) {
      const double end = last_step(run);
      if (end == 0) continue;
      double& first = is_carried_on(run) && end < longest ? carried : ended;
      first = std::min(first, end);
    }
    if (runs.size() == 1) {
      rows = every_kth(runs[0].episodes.rows(), page::kMaxPoints, k);
      for (const size_t row : rows) x.push_back(runs[0].episodes["env_steps"][row]);
    } else if (longest > 0) {
      for (size_t i = 1; i <= kPlaces; ++i) x.push_back(std::round(longest * static_cast<double>(i) / kPlaces));
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
      const auto ended_by = std::upper_bound(ends.begin(), ends.end(), step) - ends.begin();
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
    phases.push_back({{"first", phase.first == 1 ? 0 : ends[phase.first - 2]}, {"name", phase.name}});
  }
  chart.set("phases", phases);
}

void add_solved(ChartBuilder& chart, const RunData& run) {
  if (!run.summary() || run.summary()->first_episode_solved <= 0) return;
  const auto row = run.summary()->first_episode_solved - run.first_episode();
  if (row < 0 || row >= static_cast<int64_t>(run.episodes.rows())) return;
  chart.set("solved", {{"x", run.episodes["env_steps"][static_cast<size_t>(row)]},
                       {"label", "solved at episode " + std::to_string(run.summary()->first_episode_solved)}});
}

Chart learning_curve(const std::vector<RunData>& runs, const StepAxis& axis) {
  ChartBuilder chart("learning", "Learning curve", "environment step", axis.x);
  chart.set_wide();
  chart.set("tall", true);
  chart.set("y", "return");
  std::vector<Values> common;
  for (const RunData& run : runs) {
    if (run.episodes.rows() == 0) continue;
    const Values& returns = run.episodes["return"];
    const Values means = running_mean(page::share_ties(run.episodes["env_steps"], returns), kReturnWindow);
    if (runs.size() == 1) chart.add("return", "dots", axis.at(run, returns));
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

Chart epsilon_chart(const std::vector<RunData>& runs, const StepAxis& axis) {
  ChartBuilder chart("epsilon", "Epsilon", "environment step", axis.x);
  chart.set("y", "epsilon");
  std::vector<Values> common;
  for (const RunData& run : runs)
    if (run.episodes.rows() > 0) common.push_back(axis.common(axis.at(run, run.episodes["epsilon"])));
  chart.caption("Chance of a random action when the episode ended.");
  chart.add_mean("epsilon", common);
  return std::move(chart).finish();
}

Curves metric(const std::vector<RunData>& runs, const std::string& column, Reduce reduce) {
  std::vector<Values> xs, ys;
  for (const RunData& run : runs) {
    xs.push_back(run.metrics["env_steps"]);
    ys.push_back(run.metrics[column]);
  }
  return align(xs, ys, reduce, page::kMaxSmallPoints);
}

// A metric over the environment steps. One long run gets a band too, of the records that share a point, so that
// thinning hides no spike.
void add_metric(ChartBuilder& chart, const std::vector<RunData>& runs, const std::string& column,
                const std::string& label) {
  const Curves mean = metric(runs, column, Reduce::kMean);
  const bool thinned = mean.records_per_point > 1;
  const std::string records = "a point is the mean of about " + std::to_string(mean.records_per_point) + " records";
  if (thinned && mean.y.size() == 1) {
    chart.add("low", "low", metric(runs, column, Reduce::kMin).y[0]);
    chart.add("high", "high", metric(runs, column, Reduce::kMax).y[0]);
    chart.caption("Thinned: " + records + "; band: their lowest to highest.");
  } else if (thinned) {
    chart.caption("Thinned: " + records + ".");
  }
  chart.add_mean(label, mean.y);
}

Chart metric_chart(const std::vector<RunData>& runs, const std::string& column, const std::string& label,
                   const std::string& title, const std::string& caption) {
  ChartBuilder chart(column, title, "environment step", metric(runs, column, Reduce::kMean).x);
  chart.caption(caption);
  chart.set("y", label);
  add_metric(chart, runs, column, label);
  chart.set("log_switch", true);
  return std::move(chart).finish();
}

// What no value can exceed: the largest reward at every step, for ever. 0 where that is not known, or where learning
// adds to rewards.
double value_bound(const RunData& run) try {
  const RunConfig config = from_toml(run.config_text, "config.toml");
  if (!is_env_id(config.env.id) || config.agent.gamma >= 1 || config.agent.munchausen) return 0;
  const double largest = find_env(config.env.id, config.env_options)()->spec().largest_reward;
  const double clip = config.agent.reward_clip;
  const double reward = clip > 0 ? std::min(clip, largest) : largest;
  return reward * config.agent.reward_scale / (1 - config.agent.gamma);
} catch (const Error&) {  // of another version
  return 0;
}

Chart q_chart(const std::vector<RunData>& runs) {
  const Curves max_q = metric(runs, "max_abs_q", Reduce::kMax);
  ChartBuilder chart("mean_q", "Action values", "environment step", max_q.x);
  chart.caption("Mean Q of the actions taken, and the largest |Q| in any batch" +
                std::string(runs.size() == 1 ? "." : " of any run."));
  Values largest(max_q.x.size(), kNaN);
  for (const Values& run : max_q.y) {
    for (size_t i = 0; i < run.size(); ++i) largest[i] = std::fmax(largest[i], run[i]);
  }
  chart.set("y", "action value");
  if (const double bound = runs.empty() ? 0 : value_bound(runs[0]); bound > 0) {
    chart.set("mark", {{"y", bound}, {"label", "no return passes " + page::short_text(bound)}});
    chart.caption(
        "Dotted: the largest reward at every step, for ever, which is 1 / (1 - gamma) times it; values above "
        "are overestimates.");
  }
  chart.add("max |Q|", "second", largest);
  add_metric(chart, runs, "mean_q", "mean Q");
  return std::move(chart).finish();
}

// Of the evaluations during training alone: the one after it may be of another agent and of other episodes.
Values in_training(const RunData& run, const char* column) {
  Values out;
  for (size_t row = 0; row < run.evaluations.rows(); ++row)
    if (run.evaluations["final"][row] == 0) out.push_back(run.evaluations[column][row]);
  return out;
}

// The row of the evaluation that the summary tells of, if the run's state is that.
std::optional<size_t> final_row(const RunData& run) {
  if (!run.summary() || run.summary()->eval_episodes == 0) return {};
  for (size_t row = run.evaluations.rows(); row-- > 0;)
    if (run.evaluations["final"][row] != 0) return row;
  return {};
}

// The final evaluation as a mark of its own, and x with its place.
void add_final_mark(ChartBuilder& chart, const Values& x, const RunData& run) {
  const auto row = final_row(run);
  if (!row) return;
  Values mark(x.size(), kNaN);
  mark.back() = run.evaluations["mean_return"][*row];
  chart.add("after training", "dots", mark);
  chart.caption("The dot is the evaluation after training, of " + run.summary()->eval_episodes_text() +
                (run.summary()->eval_agent == "best" ? ", by the best agent." : "."));
}

// Gives runs that are carried on their last value at the further steps of the run with the most evaluations. Returns
// the step at which the first of them ended; infinity: none is.
double carry_on(const std::vector<RunData>& runs, std::vector<Values>& xs, std::vector<Values>& ys) {
  const Values longest = *std::ranges::max_element(xs, {}, &Values::size);
  double first = std::numeric_limits<double>::infinity();
  for (size_t run = 0; run < runs.size(); ++run) {
    if (!is_carried_on(runs[run]) || xs[run].empty() || xs[run].size() == longest.size()) continue;
    first = std::min(first, xs[run].back());
    for (const double step : longest) {
      if (step <= xs[run].back()) continue;
      xs[run].push_back(step);
      ys[run].push_back(ys[run].back());
    }
  }
  return first;
}

Chart evaluation_chart(const std::vector<RunData>& runs) {
  std::vector<Values> xs, means;
  for (const RunData& run : runs) {
    xs.push_back(in_training(run, "env_steps"));
    means.push_back(in_training(run, "mean_return"));
  }
  const double carried = carry_on(runs, xs, means);
  const Curves curves = align(xs, means, Reduce::kMean, page::kMaxPoints);
  Values x = curves.x;
  if (const auto row = runs.size() == 1 ? final_row(runs[0]) : std::nullopt)
    if (const double end = runs[0].evaluations["env_steps"][*row]; x.empty() || x.back() < end) x.push_back(end);
  const auto to_the_end = [&](Values values) {
    values.resize(x.size(), kNaN);
    return values;
  };
  ChartBuilder chart("evaluation", "Evaluation", "environment step", x);
  chart.set_wide();
  chart.set("tall", true);
  chart.set("y", "return");
  chart.set("points", true);
  std::vector<Values> y;
  for (const Values& run : curves.y) y.push_back(to_the_end(run));
  if (runs.size() > 1) {
    chart.caption("Mean return of the evaluations during training.");
    if (std::isfinite(carried)) {
      chart.set("dashed_from", carried);
      chart.caption(
          "From step " + fixed_text(carried, 0) +
          " on, runs that were stopped because they had solved the task count with their last value (dashed).");
    }
  } else {
    chart.caption("Mean return of each evaluation during training; band: lowest to highest episode.");
    const auto edge = [&](const char* column, Reduce reduce) {
      const Curves edges = align(xs, {in_training(runs[0], column)}, reduce, page::kMaxPoints);
      return to_the_end(edges.y.empty() ? Values() : edges.y[0]);
    };
    chart.add("low", "low", edge("min_return", Reduce::kMin));
    chart.add("high", "high", edge("max_return", Reduce::kMax));
  }
  chart.add_mean("mean return", y);
  if (runs.size() == 1) add_final_mark(chart, x, runs[0]);
  if (curves.records_per_point > 1) {
    chart.caption("A point is the mean of about " + std::to_string(curves.records_per_point) + " evaluations.");
  }
  return std::move(chart).finish();
}

}  // namespace

bool is_chapters(const std::vector<RunData>& runs) {
  return std::ranges::all_of(runs, [](const RunData& run) { return run.setting("preset") == "chapter"; });
}

std::vector<Chart> make_charts(const std::vector<RunData>& runs) {
  const StepAxis axis(runs);
  std::vector<Chart> charts = {learning_curve(runs, axis)};
  const bool evaluated =
      std::any_of(runs.begin(), runs.end(), [](const RunData& run) { return !in_training(run, "env_steps").empty(); });
  if (evaluated) charts.push_back(evaluation_chart(runs));
  charts.push_back(epsilon_chart(runs, axis));
  charts.push_back(metric_chart(runs, "loss", "loss", "Loss", "Mean loss of the updates."));
  charts.push_back(q_chart(runs));
  charts.push_back(metric_chart(runs, "grad_norm", "gradient norm", "Gradient norm",
                                "Norm of the whole gradient, before clipping."));
  return charts;
}

}  // namespace deepq::report
