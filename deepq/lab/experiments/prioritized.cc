// Uniform against prioritised replay: the blind cliff walk, where all depends on one transition among more and more,
// and the chapter's agent on CartPole.
#include <cmath>

#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"
#include "deepq/lab/worlds/cliff_walk.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr int64_t kRepeats = 5;  // for each seed

std::vector<int64_t> lengths(bool quick) {
  if (quick) return {2, 4, 6, 8, 10, 12};
  return {2, 4, 6, 8, 10, 12, 14, 16};
}
std::string value_name(int64_t states) { return "updates-" + std::to_string(states); }

struct Replay {
  const char *name, *text;
  bool prioritized;
  double alpha;
};
constexpr Replay kReplays[] = {{"uniform", "uniform", false, 0},
                               {"prioritized", "prioritised, alpha 0.6", true, 0.6},
                               {"prioritized-alpha-1", "prioritised, alpha 1", true, 1}};

std::string cliff_name(const Replay& replay) { return std::string("cliff-") + replay.name; }
std::string cartpole_name(bool prioritized) { return prioritized ? "cartpole-prioritized" : "cartpole-uniform"; }

JobResult cliff(const Replay& replay, const Job& job) {
  Random random = random_stream(static_cast<uint64_t>(job.seed), Stream::kExperiment);
  JobResult result;
  for (const int64_t states : lengths(job.quick)) {
    // All sequences up to the first mistake: 2^(n+1) - 2 transitions.
    const int64_t memory = (int64_t{2} << states) - 2;
    double logarithm = 0;  // mean over the repeats
    for (int64_t i = 0; i < kRepeats; ++i) {
      job.check_stop();
      const auto sampler = make_sampler({.capacity = memory,
                                         .with_replacement = true,
                                         .prioritized = replay.prioritized,
                                         .priority_alpha = replay.alpha},
                                        1);
      const int64_t most = 1'000 * memory + 1'000'000;
      const double updates = cliff_walk_updates(states, *sampler, random, most);
      if (std::isnan(updates)) ++result.values["unreached"];  // counts as if it had got there at last
      logarithm += std::log10(std::isnan(updates) ? static_cast<double>(most) : updates) / kRepeats;
    }
    result.values[value_name(states)] = logarithm;
    result.curves["updates"].x.push_back(static_cast<double>(states));
    result.curves["updates"].y.push_back(std::pow(10, logarithm));
  }
  return result;
}

Setting cartpole(bool prioritized, bool quick) {
  RunConfig config = configure("chapter", {"agent.bootstrap_at_truncation=true"});
  config.replay.prioritized = prioritized;
  config.train.env_steps = quick ? 15'000 : 50'000;
  config.eval.final_episodes = 20;
  return {cartpole_name(prioritized), [config](const Job& job) { return train({.config = config}, job); },
          to_toml(config)};
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Replay& replay : kReplays)
    all.push_back({cliff_name(replay), [&replay](const Job& job) { return cliff(replay, job); }});
  for (const bool prioritized : {false, true}) all.push_back(cartpole(prioritized, quick));
  return all;
}

// Powers of ten by which uniform needs more updates.
BySeed saving(const Results& results, const Replay& replay, int64_t states) {
  return difference(results, {value_name(states), Worst::kHighest}, cliff_name(kReplays[0]), cliff_name(replay));
}

// By how much the saving grows with each state more: the least squares line through the savings of all lengths.
BySeed growth(const Results& results, const Replay& replay) {
  const std::vector<int64_t> all = lengths(results.quick);
  std::vector<Source> sources;
  double middle = 0;
  for (const int64_t states : all) {
    sources.push_back({cliff_name(kReplays[0]), value_name(states)});
    sources.push_back({cliff_name(replay), value_name(states)});
    middle += static_cast<double>(states) / static_cast<double>(all.size());
  }
  return combine(results, Worst::kHighest, sources, [&](std::span<const double> updates) {
    // Lengths are counted from their middle: then the slope is sum(x y) / sum(x^2), whatever the mean of y.
    double product = 0, square = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      const double x = static_cast<double>(all[i]) - middle;
      // Sources lie in pairs: uniform, then this replay, length by length.
      product += x * (updates[2 * i] - updates[2 * i + 1]);
      square += x * x;
    }
    return product / square;
  });
}

page::Chart cliff_chart(const Results& results) {
  std::vector<Line> lines;
  for (const Replay& replay : kReplays) lines.push_back({cliff_name(replay), replay.text});
  page::ChartBuilder chart = lines_chart(results, "updates", "Blind cliff walk: updates until the error is below 0.001",
                                         lines, {"updates", "states"});
  chart.set_wide();
  chart.set("tall", true);
  chart.set("log_y", true);
  chart.caption(
      "Mean over seeds with its interval, on a log scale. With n states the memory holds 2^(n+1) - 2 transitions.");
  return std::move(chart).finish();
}

page::Chart cartpole_chart(const Results& results) {
  page::ChartBuilder chart =
      lines_chart(results, "return", "CartPole: return of the episodes of training",
                  {{cartpole_name(false), "uniform"}, {cartpole_name(true), "prioritised"}}, {"mean return"});
  chart.set_wide();
  chart.caption("Mean over seeds with its interval.");
  return std::move(chart).finish();
}

std::vector<page::Table> tables(const Results& results) {
  page::Table cliff{.caption =
                        "Blind cliff walk: updates until the error is below 0.001, as powers of ten; means over "
                        "seeds of the mean logarithm of five runs",
                    .columns = {"states"},
                    .rows = {}};
  for (const Replay& replay : kReplays) cliff.columns.emplace_back(replay.text);
  for (const int64_t states : lengths(results.quick)) {
    cliff.rows.push_back({std::to_string(states)});
    for (const Replay& replay : kReplays)
      cliff.rows.back().push_back(mean_text(results.values(cliff_name(replay), value_name(states))));
  }
  page::Table cartpole{.caption = "CartPole, means over seeds",
                       .columns = {"replay", "best mean of 100 episodes", "greedy return after it", "seconds"},
                       .rows = {}};
  for (const bool prioritized : {false, true}) {
    std::vector<std::string> row = {prioritized ? "prioritised" : "uniform"};
    for (const char* value : {"best_return", "eval_return", "seconds"})
      row.push_back(mean_text(results.values(cartpole_name(prioritized), value)));
    cartpole.rows.push_back(row);
  }
  return {cliff, cartpole};
}

std::vector<Check> checks(const Results& results) {
  // The claim speaks of few transitions that matter: the longest walk has one reward among 2^(n + 1) - 2.
  const int64_t longest = lengths(results.quick).back();
  return {
      pairs_above("on the blind cliff walk with " + std::to_string(longest) + " states prioritised replay needs less",
                  "saving of updates in powers of ten", saving(results, kReplays[1], longest)),
      pairs_above("prioritised replay saves more the longer the walk", "growth of the saving with each state",
                  growth(results, kReplays[1])),
      pairs_above("on CartPole prioritised replay learns better", "difference of the mean return over training",
                  difference(results, {"mean_return"}, cartpole_name(true), cartpole_name(false)))};
}

// Runs on the cliff walk that were ended before they had got there.
std::string unreached_note(const Results& results) {
  double count = 0;
  for (const Replay& replay : kReplays)
    for (const double of_seed : finite_values(results.values(cliff_name(replay), "unreached"))) count += of_seed;
  if (count == 0) return "";
  return "On the blind cliff walk " + page::fixed_text(count, 0) +
         " runs were ended before the error was below 0.001; they count as if it had been at their last update.";
}

Finding figures(const Results& results) {
  Finding finding;
  page::IntervalChart savings{.title = "Blind cliff walk: updates that prioritised replay (alpha 0.6) saves",
                              .caption = "In powers of ten: at 1 uniform replay needs ten times as many.",
                              .rows = {},
                              .reference = 0};
  for (const int64_t states : lengths(results.quick)) {
    const stats::Interval of_length = finite_mean(saving(results, kReplays[1], states).values);
    if (std::isfinite(of_length.value))
      savings.rows.push_back({std::to_string(states) + " states", of_length.value, of_length.low, of_length.high});
  }
  // The longest walk is where the claim expects the most.
  const int64_t longest = lengths(results.quick).back();
  const auto mean = [&](bool prioritized) {
    return plain_mean(results.values(cartpole_name(prioritized), "mean_return"));
  };
  finding.measured = "on the blind cliff walk with " + std::to_string(longest) + " states replay by priority saved " +
                     page::brief_text(finite_mean(saving(results, kReplays[1], longest).values).value) +
                     " powers of ten of the updates; on CartPole the return over training was " + mean(true) +
                     " with priorities and " + mean(false) + " without.";
  finding.terms = {{"blind cliff walk",
                    "A row of states in each of which one of two actions ends the walk: only the one "
                    "sequence without a mistake comes to the reward (Schaul et al. 2016)."},
                   {"powers of ten", "1: a tenth of the updates, 2: a hundredth."}};
  finding.intervals = {savings,
                       {.title = "CartPole: return over training",
                        .caption = "Mean over all episodes, each weighted by its length.",
                        .rows = mean_rows(results, "mean_return",
                                          {{cartpole_name(false), "uniform"}, {cartpole_name(true), "prioritised"}})}};
  finding.charts = {cliff_chart(results), cartpole_chart(results)};
  finding.tables = tables(results);
  finding.notes = {
      "An update with prioritised replay takes longer; the tables count updates, CartPole's also seconds, "
      "which depend on what else the machine did."};
  if (const std::string note = unreached_note(results); !note.empty()) finding.notes.push_back(note);
  return finding;
}

}  // namespace

Experiment prioritized() {
  return {
      .name = "prioritized",
      .section = "Prioritized Experience Replay",
      .question = "Why replay some transitions more often than others?",
      .because =
          "Because most transitions have nothing left to teach, their TD error being near zero. Draws by the "
          "size of the error find the few that still surprise, such as the one reward at the end of a long "
          "walk; where all transitions teach about as much, there is little to find.",
      .claim =
          "Replay by priority learns with fewer updates than uniform replay, most of all where few transitions "
          "matter.",
      .design =
          "The blind cliff walk of Schaul et al. 2016 (section 3.1, appendix B.1) with 2 to 16 states (12 in the quick "
          "version): a table learns by Q-learning, step size 1/4, gamma 1 - 1/n, from a memory of all sequences of "
          "actions; counted are the updates, one transition each, until the mean squared error of the action values is "
          "below 0.001, for uniform and for proportional draws with alpha 0.6 (deepq's default; what the verdict "
          "takes) "
          "and 1. And the chapter's agent on CartPole-v1 with and without priorities (alpha 0.6, beta from 0.4 to 1), "
          "50,000 environment steps (15,000), bootstrapping through the time limit: the mean return over training.",
      .core_minutes = 1.1,
      .quick_core_minutes = 0.07,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
