// Why not a table: how its size grows, how much a table and a network have to see before they know a grid world, and
// what either knows of cells that it never saw.
#include <algorithm>
#include <cmath>

#include "deepq/core/finite.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/grid_learning.h"
#include "deepq/lab/probes/table_sizes.h"
#include "deepq/lab/text.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr int64_t kComparedSide = 20;  // the largest of the quick version
constexpr int64_t kClosedSide = 10, kClosedSteps = 30'000;

std::vector<int64_t> sides(bool quick) {
  return quick ? std::vector<int64_t>{4, 10, kComparedSide} : std::vector<int64_t>{4, 10, kComparedSide, 30, 50, 100};
}

int64_t most_steps(bool table, bool quick) { return table ? 20'000'000 : quick ? 60'000 : 300'000; }

std::string learner(bool table) { return table ? "table" : "network"; }

std::string name(bool table, int64_t side) { return learner(table) + "-" + std::to_string(side); }

struct Block {
  const char *name, *text;
  std::vector<int64_t> (*cells)(int64_t side);
};
const Block kBlocks[] = {{"corner", "in the corner", corner_block}, {"middle", "in the middle", middle_block}};

std::string name(bool table, const Block& block) { return learner(table) + "-unseen-" + block.name; }

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const bool table : {true, false}) {
    for (const int64_t side : sides(quick)) {
      const GridPlan plan{.side = side, .table = table, .most_steps = most_steps(table, quick)};
      all.push_back(
          {name(table, side), [plan](const Job& job) { return learn_grid(plan, job); }, to_toml(grid_config(plan))});
    }
    // A quarter of the grid is closed while training, in two places.
    for (const Block& block : kBlocks) {
      const GridPlan plan{.side = kClosedSide,
                          .table = table,
                          .most_steps = kClosedSteps,
                          .stop_when_solved = false,
                          .closed = block.cells(kClosedSide)};
      all.push_back(
          {name(table, block), [plan](const Job& job) { return learn_grid(plan, job); }, to_toml(grid_config(plan))});
    }
  }
  return all;
}

// The table's steps to 95% of the cells; one that did not get there counts as if it had at its last step.
double table_steps(double solved_at, bool quick) {
  return std::isfinite(solved_at) ? solved_at : static_cast<double>(most_steps(true, quick));
}

// By seed: the exponent k of steps ~ cells^k, by least squares on both logarithms.
BySeed growth(const Results& results) {
  const std::vector<int64_t> all = sides(results.quick);
  std::vector<Source> sources;
  for (const int64_t side : all) sources.push_back({name(true, side), "solved_at"});
  return combine(results, Worst::kHighest, sources, [&](std::span<const double> solved_at) {
    double x = 0, y = 0, xx = 0, xy = 0;
    const auto count = static_cast<double>(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      const double cells = std::log(static_cast<double>(all[i] * all[i])),
                   log_steps = std::log(table_steps(solved_at[i], results.quick));
      x += cells / count;
      y += log_steps / count;
      xx += cells * cells / count;
      xy += cells * log_steps / count;
    }
    // Slope of the regression: covariance divided by variance.
    return (xy - x * y) / (xx - x * x);
  });
}

// Both are looked at for as long as the network is trained; one that diverged did not get there either.
BySeed steps_saved(const Results& results) {
  const auto most = static_cast<double>(most_steps(false, results.quick));
  const auto within = [&](double solved_at) { return std::isfinite(solved_at) ? std::min(solved_at, most) : most; };
  const Measure solved{"solved_at", Worst::kHighest};
  const BySeed network = runs(results, solved, name(false, kComparedSide)),
               table = runs(results, solved, name(true, kComparedSide));
  BySeed saved;
  for (size_t seed = 0; seed < network.values.size(); ++seed) {
    const double of_network = network.values[seed], of_table = table.values[seed];
    // log10 of network / table: below 0 the network is faster.
    saved.values.push_back(std::log10(within(of_network) / within(of_table)));
    saved.diverged += std::isinf(of_network) || std::isinf(of_table);
  }
  return saved;
}

BySeed solved_within(const Results& results, const std::string& setting) {
  BySeed all = runs(results, {"solved_at", Worst::kHighest}, setting);
  // 1 or 0: whether it got there at all; NaN is one that did not.
  for (double& value : all.values) value = std::isfinite(value);
  return all;
}

// A count, which no run can change.
std::string count_fact() {
  std::string text = "The tables of the grids that the chapter names have ";
  for (const int64_t side : {4, 10, 100})
    text += page::fixed_text(static_cast<double>(grid_table_values(side)), 0) + (side < 100 ? ", " : "");
  return text + " values, as the environment counts its states and actions; the chapter says 64, 400 and 40,000.";
}

std::vector<Check> checks(const Results& results) {
  const int64_t largest = sides(results.quick).back();
  std::vector<Check> checks = {
      runs_above("a table's experience grows faster than the number of cells", "exponent of steps over cells",
                 growth(results), 1),
      pairs_below("on 20 x 20 cells the network needs fewer steps than the table", "log10 of the ratio of the steps",
                  steps_saved(results)),
      most_runs("the network learns " + std::to_string(largest) + " x " + std::to_string(largest) + " cells in " +
                    page::fixed_text(static_cast<double>(most_steps(false, results.quick)), 0) + " steps",
                "fraction of runs that did", solved_within(results, name(false, largest)))};
  for (const Block& block : kBlocks)
    checks.push_back(pairs_above(
        std::string("from cells ") + block.text + " that neither ever saw the network returns more than the table",
        "difference of the discounted return",
        difference(results, {"unseen_return"}, name(false, block), name(true, block))));
  return checks;
}

page::Chart steps_chart(const Results& results) {
  page::Values cells;
  for (const int64_t side : sides(results.quick)) cells.push_back(static_cast<double>(side * side));
  page::ChartBuilder chart("steps", "Experience until the goal is found from 95% of the cells", "cells", cells);
  chart.set_wide();
  chart.set("y", "environment steps");
  chart.set("tall", true);
  chart.set("log_x", true);
  chart.set("log_y", true);
  for (const bool table : {true, false}) {
    // [seed][side]: a line of the chart is one seed's.
    std::vector<page::Values> runs(static_cast<size_t>(results.seeds()));
    for (const int64_t side : sides(results.quick)) {
      const std::vector<double> solved_at = results.values(name(table, side), "solved_at");
      for (size_t seed = 0; seed < runs.size(); ++seed) runs[seed].push_back(solved_at[seed]);
    }
    chart.add_line_of_runs(learner(table), runs);
  }
  chart.caption(
      "Mean over the seeds that got there with its interval; both scales are logarithmic. Where the line ends, none "
      "did.");
  return std::move(chart).finish();
}

// Of what is the same in all runs.
double first_finite(const std::vector<double>& values) {
  const std::vector<double> finite = finite_values(values);
  return finite.empty() ? kNaN : finite[0];
}

std::vector<page::Table> scaling_tables(const Results& results) {
  page::Table steps{.caption = "Steps until the goal is found from 95% of the cells, means over seeds",
                    .columns = {"grid", "table", "network", "network: fraction of cells solved at the end"},
                    .rows = {}};
  page::Table memory{.caption = "Memory in kB",
                     .columns = {"grid", "table", "network and optimiser", "the network's replay"},
                     .rows = {}};
  for (const int64_t side : sides(results.quick)) {
    const auto kilobytes = [&](bool of_table, const char* key) {
      return page::brief_text(first_finite(results.values(name(of_table, side), key)) / 1000);
    };
    const std::string length = std::to_string(side);
    steps.rows.push_back({length + " x " + length, mean_text(results.values(name(true, side), "solved_at")),
                          mean_text(results.values(name(false, side), "solved_at")),
                          mean_text(results.values(name(false, side), "solved_fraction"))});
    memory.rows.push_back({length + " x " + length, kilobytes(true, "table_bytes"), kilobytes(false, "network_bytes"),
                           kilobytes(false, "replay_bytes")});
  }
  return {steps, memory};
}

std::string measured(const Results& results) {
  const auto mean = [&](const std::string& setting, const char* value) {
    return plain_mean(results.values(setting, value));
  };
  const std::string side = std::to_string(kComparedSide);
  return "on " + side + " x " + side + " cells the table needed " + mean(name(true, kComparedSide), "solved_at") +
         " steps and the network " + mean(name(false, kComparedSide), "solved_at") +
         "; from cells in the corner that neither had seen, the table's return was " +
         mean(name(true, kBlocks[0]), "unseen_return") + " and the network's " +
         mean(name(false, kBlocks[0]), "unseen_return") + ", from such cells in the middle " +
         mean(name(true, kBlocks[1]), "unseen_return") + " and " + mean(name(false, kBlocks[1]), "unseen_return") + ".";
}

Finding figures(const Results& results) {
  Finding finding;
  finding.facts = {count_fact()};
  page::Table unseen{
      .caption = "Cells never seen in training (10 x 10), means over seeds",
      .columns = {"learner", "return from cells seen", "moves nearer to the goal in cells seen", "in cells unseen"},
      .rows = {}};
  page::IntervalChart returns{.title = "Discounted return from cells never seen in training",
                              .caption = "10 x 10 cells; gamma 0.99, reward 1 at the goal.",
                              .rows = {}};
  for (const Block& block : kBlocks) {
    for (const bool table : {true, false}) {
      const std::string setting = name(table, block), label = learner(table) + ", unseen " + block.text;
      const auto text = [&](const char* key) { return mean_text(results.values(setting, key)); };
      unseen.rows.push_back({label, text("seen_return"), text("seen_closer"), text("unseen_closer")});
      const stats::Interval mean = finite_mean(results.values(setting, "unseen_return"));
      if (std::isfinite(mean.value)) returns.rows.push_back({label, mean.value, mean.low, mean.high});
    }
  }
  const std::string smallest = name(false, sides(results.quick)[0]);
  const double bytes =
      first_finite(results.values(smallest, "network_bytes")) + first_finite(results.values(smallest, "replay_bytes"));
  // 4 values of 8 bytes for each cell
  const std::string side = std::isfinite(bytes) ? page::fixed_text(std::ceil(std::sqrt(bytes / 32)), 0) : "–";
  finding.measured = measured(results);
  finding.terms = {{"exponent of steps over cells", "2: twice the cells take four times the steps; 1: twice as many."},
                   {"unseen cells", "A quarter of the grid that is walled off in training and opened afterwards."},
                   {"log10 of the ratio of the steps", "-1: the network needs a tenth of the table's steps."}};
  finding.tables = {table_sizes()};
  for (const page::Table& table : scaling_tables(results)) finding.tables.push_back(table);
  finding.tables.push_back(unseen);
  finding.intervals = {returns};
  finding.charts = {steps_chart(results)};
  finding.notes = {
      "The table is the smaller of the two on all these grids: with its replay the network's memory, which does not "
      "grow, is passed only from " +
          side + " x " + side + " cells on.",
      "The network's training ends at " + page::fixed_text(static_cast<double>(most_steps(false, results.quick)), 0) +
          " steps, for time. A run that had not got there by then is left out of the means of steps and of the chart; "
          "in "
          "the comparison of steps table and network are both looked at for so long, and such a run counts as if it "
          "had "
          "got there at the end.",
      "A table moves at random where it was never: its return from unseen cells is that of stumbling into seen ones."};
  return finding;
}

}  // namespace

Experiment curse_of_dimensionality() {
  return {
      .name = "curse-of-dimensionality",
      .section = "When Tables Aren't Enough",
      .question = "Why not simply keep a table?",
      .because =
          "Because a table learns every cell by itself: it must visit each of them, and what it learns of one "
          "tells it nothing about the next. A network has the same few weights for all states, so what it "
          "learns in one place also changes its answers in places like it, rightly or wrongly.",
      .claim =
          "Tables do not scale: their size and the experience they need grow with the number of states, and they know "
          "nothing of states they never saw, while a network generalises.",
      .design =
          "GridWorld-v0 without walls, goal in the last cell (reward 1, else 0), gamma 0.99, from random cells, at "
          "most 4 steps for each cell of a side. Tabular Q-learning of step size 1, the best where nothing is "
          "random, and the chapter's network (64-64, step size 0.001) on the two coordinates with a replay of "
          "100,000; both watch uniformly random actions, so that they see the same kind of data. Measured, from 4 x "
          "4 to 100 x 100 cells (quick: 20 x 20): the environment steps until the greedy policy comes to the goal "
          "from 95% of the cells, looked at whenever the steps have grown by a tenth, and memory. And on 10 x 10 "
          "cells, 30,000 steps, with a block of 5 x 5 walled off in training and opened afterwards: the exact "
          "expected discounted return from there, equal values chosen among at random.",
      .core_minutes = 5,
      .quick_core_minutes = 0.13,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
