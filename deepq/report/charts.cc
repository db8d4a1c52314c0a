#include "deepq/report/charts.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/page/curves.h"
#include "deepq/page/text.h"
#include "deepq/record/run_paths.h"
#include "deepq/report/learning_chart.h"

namespace deepq::report {
namespace {

using page::align;
using page::Chart;
using page::ChartBuilder;
using page::Curves;
using page::fixed_text;
using page::Reduce;
using page::Values;

// Its file has rows, none of which knows the column.
bool lacks(const RunData& run, const std::string& column) {
  return run.metrics.rows() > 0 &&
         std::ranges::all_of(run.metrics[column], [](double value) { return std::isnan(value); });
}

// Of the runs that have it.
Curves metric(const std::vector<RunData>& runs, const std::string& column, Reduce reduce) {
  std::vector<Values> xs, ys;
  for (const RunData& run : runs) {
    if (lacks(run, column)) continue;
    xs.push_back(run.metrics["env_steps"]);
    ys.push_back(run.metrics[column]);
  }
  return align(xs, ys, reduce, page::kMaxSmallPoints);
}

// A metric over the environment steps. One long run gets a band too, of the records that share a point, so that
// thinning hides no spike; thinning_note() says so, once for all metrics, which have their records in common.
void add_metric(ChartBuilder& chart, const std::vector<RunData>& runs, const std::string& column,
                const std::string& label) {
  const Curves mean = metric(runs, column, Reduce::kMean);
  // Lowest and highest record of each point, drawn before the line that they surround.
  if (mean.records_per_point > 1 && mean.y.size() == 1) {  // several runs have their interval as the band
    chart.add("low", "low", metric(runs, column, Reduce::kMin).y[0]);
    chart.add("high", "high", metric(runs, column, Reduce::kMax).y[0]);
  }
  chart.add_mean(label, mean.y);
}

// "gradient norm" of "Gradient norm", but "TD error".
std::string as_label(std::string_view title) {
  std::string text(title);
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string in_words(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

Values mean_over_runs(const std::vector<Values>& runs) {
  Values mean;
  for (size_t i = 0; !runs.empty() && i < runs[0].size(); ++i) {
    Values values;
    for (const Values& run : runs) values.push_back(run[i]);
    // The same mean as the main line's, of the runs that have a value here.
    mean.push_back(page::OverRuns(values.size())(values).value);
  }
  return mean;
}

// The metrics whose fields name this chart (record/records.h): the first as the main line, others beside it. Nothing
// where all runs are of an older deepq, which did not write them.
std::optional<Chart> metric_chart(const std::vector<RunData>& runs, std::string_view title) {
  std::optional<ChartBuilder> chart;
  const MetricsRecord fields;
  visit_fields(fields, [&](const RecordField& field, const auto&) {
    if (field.chart != title) return;
    const std::string name(field.name);
    const auto lacking = std::ranges::count_if(runs, [&](const RunData& run) { return lacks(run, name); });
    // The first field of a title may be missing and a later one there: that one then becomes the main line.
    if (lacking == std::ssize(runs)) return;
    const Curves curves = metric(runs, name, Reduce::kMean);
    const bool first = !chart;
    if (first) chart.emplace(name, std::string(title), "environment step", curves.x);
    chart->caption(page::capitalized(std::string(field.doc)) + ".");
    // Only the main line has a band (roles "low" and "high"), so the metrics beside it are drawn as plain means.
    if (!first) return chart->add(in_words(name), "second", mean_over_runs(curves.y));
    if (lacking > 0)
      chart->caption(std::to_string(lacking) + " of the " + std::to_string(runs.size()) +
                     " runs are of an older deepq, which did not measure it.");
    chart->set("y", as_label(title));
    chart->set("log_switch", true);
    add_metric(*chart, runs, name, in_words(name));
  });
  if (!chart) return {};
  return std::move(*chart).finish();
}

std::vector<std::string> metric_chart_titles() {
  std::vector<std::string> titles;
  const MetricsRecord fields;
  visit_fields(fields, [&](const RecordField& field, const auto&) {
    // Fields of one chart stand side by side in MetricsRecord, so that a title is new where it differs from the last.
    if (!field.chart.empty() && (titles.empty() || titles.back() != field.chart)) titles.emplace_back(field.chart);
  });
  return titles;
}

// What no value can exceed: the largest reward at every step, for ever. 0 where that is not known, or where learning
// adds to rewards or divides them by their running deviation.
double value_bound(const RunData& run) try {
  const RunConfig config = from_toml(run.config_text, kConfigFile);
  if (!is_env_id(config.env.id) || config.agent.gamma >= 1 || config.agent.munchausen) return 0;
  if (config.agent.normalize_rewards) return 0;
  const double largest = find_env(config.env.id, config.env_options)()->spec().largest_reward;
  // The geometric series: r (1 + gamma + gamma^2 + ...) = r / (1 - gamma). Of the reward as learning sees it, scaled or
  // clipped.
  return config.agent.training_reward(largest) / (1 - config.agent.gamma);
} catch (const Error&) {  // of another version
  return 0;
}

// What none of the runs can exceed; 0 where it is not known of one.
double value_bound(const std::vector<RunData>& runs) {
  double bound = 0;
  for (const RunData& run : runs) {
    const double of_run = value_bound(run);
    if (of_run <= 0) return 0;  // a bound that holds for some of the runs would mislead about the others
    bound = std::max(bound, of_run);
  }
  return bound;
}

Chart q_chart(const std::vector<RunData>& runs) {
  const Curves max_q = metric(runs, "max_abs_q", Reduce::kMax);
  ChartBuilder chart("mean_q", "Action values", "environment step", max_q.x);
  chart.caption("Mean Q of the actions taken, and the largest |Q| in any batch" +
                std::string(runs.size() == 1 ? "." : " of any run."));
  Values largest(max_q.x.size(), kNaN);
  for (const Values& run : max_q.y) {
    // fmax leaves out NaN: points that only some runs have are drawn from those.
    for (size_t i = 0; i < run.size(); ++i) largest[i] = std::fmax(largest[i], run[i]);
  }
  chart.set("y", "action value");
  if (const double bound = value_bound(runs); bound > 0) {
    chart.set("mark", {{"y", bound}, {"label", "no return passes " + page::short_text(bound)}});
    chart.caption(
        "Dotted: the largest reward at every step, for ever, which is 1 / (1 - gamma) times it; values above "
        "are overestimates.");
  }
  const bool several = runs.size() > 1;  // a maximum over runs beside a mean over runs: each says which it is
  chart.add(several ? "max |Q| of any run" : "max |Q|", "second", largest);
  add_metric(chart, runs, "mean_q", several ? "mean Q, mean over runs" : "mean Q");
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
  // The last of them: a run that was made longer has had a final evaluation at each of its ends.
  for (size_t row = run.evaluations.rows(); row-- > 0;)
    if (run.evaluations["final"][row] != 0) return row;
  return {};
}

// The final evaluation as a mark of its own, and x with its place.
void add_final_mark(ChartBuilder& chart, const Values& x, const RunData& run) {
  const auto row = final_row(run);
  if (!row) return;
  Values mark(x.size(), kNaN);
  // evaluation_chart() has made the last place of x the step of that evaluation.
  mark.back() = run.evaluations["mean_return"][*row];
  chart.add("after training", "dots", mark);
  chart.caption("The dot is the evaluation after training, of " + run.summary()->eval_episodes_text() +
                (run.summary()->eval_agent == "best" ? ", by the best agent." : "."));
}

// Gives runs that are carried on their last value at the further steps of the run with the most evaluations. Returns
// the step at which the first of them ended; infinity: none is.
double carry_on(const std::vector<RunData>& runs, std::vector<Values>& xs, std::vector<Values>& ys) {
  // A copy, as the loop below lengthens the vectors of xs.
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
  // Before align(), which ends every curve where the shortest run ends.
  const double carried = carry_on(runs, xs, means);
  const Curves curves = align(xs, means, Reduce::kMean, page::kMaxPoints);
  Values x = curves.x;
  // The final evaluation may be later than the last one during training: then it takes one more place, empty in all
  // lines.
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
  chart.set("from_zero", true);
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
      // With the xs of the mean, so that the edges have its points.
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

// Where the latest record of any run is: all charts end there.
double last_place(const std::vector<RunData>& runs) {
  double last = 0;
  for (const RunData& run : runs)
    for (const CsvTable* table : {&run.episodes, &run.metrics, &run.evaluations})
      if (table->rows() > 0) last = std::max(last, (*table)["env_steps"].back());
  return last;
}

}  // namespace

std::string thinning_note(const std::vector<RunData>& runs) {
  // Any column of every version would do: a run writes all its metrics in the same rows, so they are thinned alike.
  const Curves loss = metric(runs, "loss", Reduce::kMean);
  if (loss.records_per_point <= 1) return "";
  std::vector<std::string> charts{"action values"};
  for (const std::string& title : metric_chart_titles()) charts.push_back(as_label(title));
  return page::capitalized(join(charts)) + " are thinned: a point is the mean of about " +
         std::to_string(loss.records_per_point) + " records" +
         (loss.y.size() == 1 ? "; band: their lowest to highest." : ".");
}

std::vector<Chart> make_charts(const std::vector<RunData>& runs) {
  std::vector<Chart> charts = {learning_curve(runs)};
  const bool evaluated =
      std::any_of(runs.begin(), runs.end(), [](const RunData& run) { return !in_training(run, "env_steps").empty(); });
  if (evaluated) charts.push_back(evaluation_chart(runs));
  charts.push_back(epsilon_chart(runs));
  charts.push_back(q_chart(runs));
  for (const std::string& title : metric_chart_titles())
    if (std::optional<Chart> chart = metric_chart(runs, title)) charts.push_back(*std::move(chart));
  // One x axis for all, so that charts that stand below each other can be compared by eye.
  const double last = last_place(runs);
  for (Chart& chart : charts) chart.spec["x_range"] = {0, last};
  return charts;
}

}  // namespace deepq::report
