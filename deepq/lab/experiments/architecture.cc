// Networks of several widths and depths on CartPole: what they reach, whether they keep it, and what they cost.
#include <algorithm>
#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/solving.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr int64_t kChapterWidth = 64, kChapterDepth = 2;
constexpr int64_t kNarrow = 8, kDeep = 6;  // the exercise: 8 neurons, five layers and more
constexpr double kSolved = 195;            // the chapter's threshold
constexpr int64_t kEvaluationEpisodes = 5;

struct Shape {
  int64_t width, depth;
};

std::string name(const Shape& shape) { return std::to_string(shape.width) + "x" + std::to_string(shape.depth); }

std::vector<Shape> shapes(bool quick) {
  if (quick) return {{8, 2}, {8, 6}, {64, 2}, {64, 6}, {256, 2}};
  std::vector<Shape> all;
  for (const int64_t width : {8, 32, 64, 256}) {
    for (const int64_t depth : {1, 2, 4, 6}) {
      const bool dear = width == 256 && depth == 4;  // a third of the time of all, and between two that are measured
      if (!dear) all.push_back({width, depth});
    }
  }
  return all;
}

void evaluate_now(Trainer& trainer, int64_t env_steps, JobResult& result) {
  const RunConfig& config = trainer.config();
  Curve& curve = result.curves["greedy"];
  curve.x.push_back(static_cast<double>(env_steps));
  curve.y.push_back(evaluate(trainer.policy(), find_env(config.env.id),
                             {.episodes = kEvaluationEpisodes, .streams = probe_streams(config.train.seed, env_steps)})
                        .mean_return);
}

Setting setting(const Shape& shape, bool quick) {
  RunConfig config = configure("chapter", {"agent.bootstrap_at_truncation=true"});
  config.network.hidden_sizes.assign(static_cast<size_t>(shape.depth), shape.width);
  config.train.env_steps = quick ? 8'000 : 20'000;
  return {name(shape),
          [config](const Job& job) {
            JobResult result = train({.config = config,
                                      .probes = config.train.env_steps / 500,
                                      .probe = evaluate_now,
                                      .final_evaluation = false},
                                     job);
            const Solving solving = solving_of(result.curves.at("greedy"), kSolved);
            result.values["greedy"] = solving.mean;
            result.values["first_solved"] = solving.first;
            result.values["lost"] = solving.lost;
            // One environment step for each update: acting is in it.
            result.values["microseconds"] = 1e6 * result.values["seconds"] / result.values["updates"];
            return result;
          },
          to_toml(config)};
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Shape& shape : shapes(quick)) all.push_back(setting(shape, quick));
  return all;
}

std::vector<Check> checks(const Results& results) {
  const Shape chapter{kChapterWidth, kChapterDepth}, narrow{kNarrow, kChapterDepth}, deep{kChapterWidth, kDeep};
  const Measure greedy{"greedy"}, lost{"lost", Worst::kHighest};
  const std::string quantity = "difference of the mean greedy return";
  return {
      // Each shape against the chapter's, in one of the two dimensions.
      pairs_above("8 neurons a layer learn worse than 64", quantity,
                  difference(results, greedy, name(chapter), name(narrow))),
      pairs_above("six layers learn worse than two", quantity, difference(results, greedy, name(chapter), name(deep))),
      pairs_above("six layers lose what they had more often than two", "difference of the fraction of evaluations lost",
                  difference(results, lost, name(deep), name(chapter)))};
}

page::Table grid(const Results& results, const std::string& caption, const char* key) {
  page::Table table{.caption = caption, .columns = {"width"}, .rows = {}};
  std::vector<int64_t> widths, depths;
  for (const Shape& shape : shapes(results.quick)) {
    if (std::find(widths.begin(), widths.end(), shape.width) == widths.end()) widths.push_back(shape.width);
    if (std::find(depths.begin(), depths.end(), shape.depth) == depths.end()) depths.push_back(shape.depth);
  }
  for (const int64_t depth : depths)
    table.columns.push_back(std::to_string(depth) + (depth == 1 ? " layer" : " layers"));
  for (const int64_t width : widths) {
    table.rows.push_back({std::to_string(width)});
    for (const int64_t depth : depths) {
      const std::string setting = name({width, depth});
      // The one shape that is left out, and in the quick version most, have empty cells.
      table.rows.back().push_back(results.jobs.contains(setting) ? mean_text(results.values(setting, key)) : "");
    }
  }
  return table;
}

// The runs' standard deviation says what a mean's interval does not: how far one run may be from another.
page::Table spread_table(const Results& results) {
  page::Table table{.caption = "Spread of the mean greedy return over seeds",
                    .columns = {"width x depth", "standard deviation", "lowest", "highest"},
                    .rows = {}};
  for (const std::string& setting : results.settings) {
    const std::vector<double> values = finite_values(results.values(setting, "greedy"));
    // Of one run there is no spread.
    if (values.size() < stats::kLeastRuns) continue;
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    const double mean = stats::mean({values});
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    // n - 1: an estimate from a sample of seeds.
    const double standard_deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
    table.rows.push_back(
        {setting, page::brief_text(standard_deviation), page::brief_text(*lowest), page::brief_text(*highest)});
  }
  return table;
}

page::Chart curve_chart(const Results& results) {
  std::vector<Line> lines;
  for (const Shape& shape : std::vector<Shape>{
           {kNarrow, kChapterDepth}, {kChapterWidth, kChapterDepth}, {256, kChapterDepth}, {kChapterWidth, kDeep}})
    lines.push_back({name(shape), name(shape)});
  page::ChartBuilder chart = lines_chart(results, "greedy", "Greedy return while training", lines, {"greedy return"});
  chart.set_wide();
  chart.set("tall", true);
  chart.caption(
      "Width x depth; every 500 steps the mean of 5 greedy episodes, at most 500 steps each; mean over seeds "
      "with its interval.");
  return std::move(chart).finish();
}

Finding figures(const Results& results) {
  Finding finding;
  std::vector<Line> all;
  for (const std::string& setting : results.settings) all.push_back({setting, setting});
  finding.intervals = {{.title = "Mean greedy return over training",
                        .caption = "Width x depth. Steps, at most 500.",
                        .rows = mean_rows(results, "greedy", all)}};
  const auto mean = [&](const Shape& shape) { return plain_mean(results.values(name(shape), "greedy")); };
  finding.measured = "the mean greedy return over training was " + mean({kNarrow, kChapterDepth}) +
                     " with two layers of 8 neurons, " + mean({kChapterWidth, kChapterDepth}) +
                     " with the chapter's two of 64 and " + mean({kChapterWidth, kDeep}) + " with six of 64.";
  finding.terms = {{"64x2", "Width x depth: two hidden layers of 64 neurons each."},
                   {"evaluations lost", "Those that fall below 195 again after one that had reached it."}};
  // Four shapes in one chart: the chapter's, narrower, wider, deeper. All fifteen would hide each other.
  finding.charts = {curve_chart(results)};
  finding.tables = {
      spread_table(results),
      grid(results, "Environment steps to the first evaluation of 195 (of the runs that had one)", "first_solved"),
      grid(results, "Fraction of the evaluations after it that were below 195 again", "lost"),
      grid(results, "Parameters", "parameters"),
      grid(results, "Microseconds for each training step, acting included", "microseconds")};
  finding.notes = {
      "Nothing is tuned for a shape: all have the chapter's step size of 0.001, which suits the chapter's network.",
      "Times are of this machine, with whatever else it was doing."};
  return finding;
}

}  // namespace

Experiment architecture() {
  return {
      .name = "architecture",
      .section = "Exercises: open-ended",
      .question = "Why should the network be neither too small nor too deep?",
      .because =
          "Because a network of few neurons may not be able to tell apart states that need different actions, "
          "and in a deep one each gradient passes more layers, so that a step size that suits two of them may "
          "not suit six. But CartPole has four numbers and two actions, and asks little of either.",
      .claim = "Too narrow a network (8 neurons) learns worse than the chapter's 64-64, and so does too deep a one.",
      .design =
          "CartPole-v1 with the chapter's agent, but for bootstrapping through the time limit, with hidden layers of "
          "8, 32, 64 and 256 neurons, 1, 2, 4 and 6 of them (but for 4 of 256), for 20,000 steps (quick: five shapes, "
          "8,000 steps). Every 500 steps 5 greedy episodes are played. Measured: the mean of these evaluations over "
          "training (steps); its spread over seeds; the steps to the first evaluation of at least 195, the chapter's "
          "threshold, and the fraction of later ones below it, which are called lost; parameters; time.",
      .core_minutes = 10,
      .quick_core_minutes = 0.25,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
