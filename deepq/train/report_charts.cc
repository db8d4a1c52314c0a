#include "deepq/train/report_charts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "deepq/page/curves.h"
#include "deepq/page/text.h"

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

// The columns of the runs' episodes, at every k-th episode; NaN after a run's end. `common` is the length of the
// shortest.
struct EpisodeAxis {
  Values x;
  std::vector<size_t> rows;
  size_t k = 1, longest = 0, common = std::numeric_limits<size_t>::max();

  explicit EpisodeAxis(const std::vector<RunData>& runs) {
    for (const RunData& run : runs) {
      if (run.episodes.rows() == 0) continue;
      longest = std::max(longest, run.episodes.rows());
      common = std::min(common, run.episodes.rows());
    }
    rows = every_kth(longest, page::kMaxPoints, k);
    for (const size_t row : rows) x.push_back(static_cast<double>(row + 1));
  }

  Values pick(const Values& column, size_t end) const {
    Values out;
    for (const size_t row : rows) out.push_back(row < std::min(end, column.size()) ? column[row] : kNaN);
    return out;
  }

  // What the captions must not keep quiet.
  void add_notes(ChartBuilder& chart) const {
    if (common < longest) {
      chart.caption("The mean ends at episode " + fixed_text(static_cast<double>(common), 0) +
                    ", the last that every run reached.");
    }
    if (k > 1) {
      chart.caption("One in " + std::to_string(k) + " of " + fixed_text(static_cast<double>(longest), 0) +
                    " episodes is drawn.");
    }
  }
};

Chart learning_curve(const std::vector<RunData>& runs, const EpisodeAxis& axis) {
  ChartBuilder chart("learning", "Learning curve", "episode", axis.x);
  chart.set_wide();
  chart.set("tall", true);
  std::vector<Values> common;
  for (const RunData& run : runs) {
    if (run.episodes.rows() == 0) continue;
    const Values& returns = run.episodes["return"];
    const Values means = running_mean(page::share_ties(run.episodes["env_steps"], returns), kReturnWindow);
    if (runs.size() == 1) chart.add("return", "dots", axis.pick(returns, axis.longest));
    if (runs.size() > 1 && runs.size() <= kMaxRunLines) {
      chart.add("seed " + run.setting("train.seed"), "run", axis.pick(means, axis.longest));
    }
    common.push_back(axis.pick(means, axis.common));
  }
  chart.caption(runs.size() == 1             ? "Each dot is an episode; the line is the mean of the last 100 returns."
                : runs.size() > kMaxRunLines ? "Mean of the last 100 returns."
                                             : "Mean of the last 100 returns; each thin line is a run.");
  chart.add_mean("mean of last 100", common);
  axis.add_notes(chart);
  nlohmann::json phases = nlohmann::json::array();
  for (const Phase& phase : kPhases) phases.push_back({{"first", phase.first}, {"name", phase.name}});
  chart.set("phases", phases);
  if (runs.size() == 1 && runs[0].summary() && runs[0].summary()->first_episode_solved > 0) {
    chart.set("solved", runs[0].summary()->first_episode_solved);
  }
  return std::move(chart).finish();
}

Chart epsilon_chart(const std::vector<RunData>& runs, const EpisodeAxis& axis) {
  ChartBuilder chart("epsilon", "Epsilon", "episode", axis.x);
  std::vector<Values> common;
  for (const RunData& run : runs) {
    if (run.episodes.rows() > 0) common.push_back(axis.pick(run.episodes["epsilon"], axis.common));
  }
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
  add_metric(chart, runs, column, label);
  chart.set("log_switch", true);
  return std::move(chart).finish();
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

Chart evaluation_chart(const std::vector<RunData>& runs) {
  std::vector<Values> xs, means;
  for (const RunData& run : runs) {
    xs.push_back(in_training(run, "env_steps"));
    means.push_back(in_training(run, "mean_return"));
  }
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
  std::vector<Values> y;
  for (const Values& run : curves.y) y.push_back(to_the_end(run));
  if (runs.size() > 1) {
    chart.caption("Mean return of the evaluations during training.");
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

std::vector<Chart> make_charts(const std::vector<RunData>& runs) {
  const EpisodeAxis axis(runs);
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
