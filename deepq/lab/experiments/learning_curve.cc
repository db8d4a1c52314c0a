// The chapter's learning curve, as its training loop runs it: 500 episodes, and what each of its three phases holds.
#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/phases.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"

namespace deepq::lab {
namespace {

constexpr int64_t kEpisodes = 500;
constexpr int64_t kEpisodesPerPoint = 10;
const char* const kAgent = "chapter";
const char* const kRandom = "random";
// Phase 1 is called near random when it is at most so many steps better than the random policy's 22 or so.
constexpr double kNearRandom = 10;

// Means of ten episodes each.
Curve over_episodes(const std::vector<double>& values) {
  Curve curve;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % kEpisodesPerPoint == 0) {
      // The middle of ten episodes that count from 1: 5.5, 15.5, ...
      curve.x.push_back(static_cast<double>(curve.x.size() * kEpisodesPerPoint) + (kEpisodesPerPoint + 1) / 2.0);
      curve.y.push_back(0);
    }
    curve.y.back() += values[i] / kEpisodesPerPoint;
  }
  return curve;
}

std::string key(const Phase& phase, const char* quantity) { return std::string(phase.name) + "_" + quantity; }

JobResult run_agent(const Job& job) {
  RunConfig config = configure("chapter", {});
  config.train.seed = job.seed;
  config.train.episodes = kEpisodes;
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  EpisodeLog log;
  trainer.add_observer(log);
  while (!trainer.done()) {
    // Epsilon of each step as it is taken; the record of an episode only knows its last.
    log.before_step(trainer.epsilon());
    trainer.step();
    if (trainer.env_steps() % 500 == 0)
      job.report(static_cast<double>(trainer.episodes()) / static_cast<double>(kEpisodes));
  }
  JobResult result;
  result.curves["return"] = over_episodes(log.returns);
  result.curves["epsilon"] = over_episodes(log.epsilons);
  for (const Phase& phase : kPhases) {
    const PhaseFigures figures = phase_figures(phase, log.returns, log.lengths, log.epsilons);
    result.values[key(phase, "return")] = figures.mean_return;
    result.values[key(phase, "epsilon")] = figures.epsilon;
    result.values[key(phase, "rise")] = figures.rise;
  }
  result.values["env_steps"] = static_cast<double>(trainer.env_steps());
  result.values["best_return"] = trainer.returns().best_mean();
  result.values["last_return"] = trainer.returns().last_mean();
  return result;
}

JobResult run_random(const Job& job) {
  const EnvFactory env = find_env("CartPole-v1");
  const EnvSpec spec = env()->spec();
  Policy anyone({}, spec.observation_space, spec.action_count);  // with epsilon 1 it does not matter who plays
  const EvaluationRecord record =
      evaluate(anyone, env, {.episodes = 500, .streams = probe_streams(job.seed), .epsilon = 1});
  return {.values = {{"return", record.mean_return}}, .curves = {}};
}

std::vector<Setting> settings(bool) {
  return {{kAgent, run_agent, to_toml(configure("chapter", {}))}, {kRandom, run_random}};
}

// Seed by seed; of phases, the same run stands on both sides.
BySeed less(const Results& results, const Source& more, const Source& less) {
  return combine(results, Worst::kLowest, {more, less}, [](std::span<const double> x) { return x[0] - x[1]; });
}

std::vector<Check> checks(const Results& results) {
  // The chapter's three phases, by which each statement compares a run with itself.
  const auto& [exploration, learning, refinement] = kPhases;
  const auto paired = [&](const std::string& more, const std::string& other) {
    return less(results, {kAgent, more}, {kAgent, other});
  };
  return {
      runs_above("most actions of episodes 1 to 50 are exploration", "mean epsilon over their steps",
                 runs(results, {key(exploration, "epsilon")}, kAgent), 0.5),
      runs_below("episodes 1 to 50 are near random", "their mean return less the random policy's",
                 less(results, {kAgent, key(exploration, "return")}, {kRandom, "return"}), kNearRandom),
      pairs_above("the return rises from episodes 1 to 50 to episodes 51 to 200", "difference of the mean returns",
                  paired(key(learning, "return"), key(exploration, "return"))),
      pairs_above("it rises again from episodes 51 to 200 to episodes 201 to 500", "difference of the mean returns",
                  paired(key(refinement, "return"), key(learning, "return"))),
      pairs_above("learning is faster in episodes 51 to 200 than after them",
                  "difference of the rise for each 100 episodes",
                  paired(key(learning, "rise"), key(refinement, "rise"))),
  };
}

page::Chart curve_chart(const Results& results) {
  page::ChartBuilder chart = lines_chart(results, "return", "Return of the chapter's agent, episode by episode",
                                         {{kAgent, "the chapter's agent"}}, {"mean return", "episode"});
  chart.set_wide();
  chart.set("tall", true);
  nlohmann::json phases = nlohmann::json::array();
  for (const Phase& phase : kPhases) phases.push_back({{"first", phase.first}, {"name", phase.name}});
  chart.set("phases", phases);
  // A random policy does not learn: one value over all episodes.
  const size_t points = results.curves(kAgent, "return")[0].x.size();
  std::vector<page::Values> random;
  for (const double value : results.values(kRandom, "return")) random.emplace_back(points, value);
  chart.add_line_of_runs("random policy", random);
  chart.caption("Undiscounted return, means of ten episodes; mean over seeds with its interval.");
  return std::move(chart).finish();
}

Finding figures(const Results& results) {
  Finding finding;
  page::Table table{.caption = "The three phases, means over seeds",
                    .columns = {"phase", "episodes", "epsilon over its steps", "rise for each 100 episodes"},
                    .rows = {}};
  page::IntervalChart means{
      .title = "Mean return of each phase", .caption = "Steps; the last row is the random policy.", .rows = {}};
  const auto add_mean = [&](const char* name, const std::vector<double>& values) {
    const stats::Interval mean = finite_mean(values);
    if (std::isfinite(mean.value)) means.rows.push_back({name, mean.value, mean.low, mean.high});
  };
  // One row for each phase, in the table and among the intervals; the random policy is the last.
  for (const Phase& phase : kPhases) {
    table.rows.push_back({phase.name,
                          std::to_string(phase.first) + " to " +
                              std::to_string(phase.last > 0 ? static_cast<int64_t>(phase.last) : kEpisodes),
                          mean_text(results.values(kAgent, key(phase, "epsilon"))),
                          mean_text(results.values(kAgent, key(phase, "rise")))});
    add_mean(phase.name, results.values(kAgent, key(phase, "return")));
  }
  add_mean("random policy", results.values(kRandom, "return"));
  page::Table runs{
      .caption = "The runs, means over seeds",
      .columns = {"agent", "environment steps", "best 100 episodes", "last 100 episodes"},
      .rows = {{kAgent, mean_text(results.values(kAgent, "env_steps")),
                mean_text(results.values(kAgent, "best_return")), mean_text(results.values(kAgent, "last_return"))}}};
  const auto mean = [&](const Phase& phase, const char* value) {
    return plain_mean(results.values(kAgent, key(phase, value)));
  };
  finding.measured = "the mean return was " + mean(kPhases[0], "return") +
                     " in the first 50 episodes (a random policy's: " + plain_mean(results.values(kRandom, "return")) +
                     "), " + mean(kPhases[1], "return") + " in the next 150 and " + mean(kPhases[2], "return") +
                     " after them; over the steps of the first 50, epsilon was " + mean(kPhases[0], "epsilon") +
                     " on average.";
  finding.terms = {
      {"epsilon", "The fraction of the actions that are drawn at random."},
      {"rise for each 100 episodes", "The slope of the return over the phase's episodes, by least squares."}};
  finding.tables = {table, runs};
  finding.intervals = {means};
  finding.charts = {curve_chart(results)};
  finding.notes = {
      "Epsilon falls with each training step, not with each episode: from 1 it is at its end of 0.01 after about 920 "
      "steps, whatever the number of episodes."};
  return finding;
}

}  // namespace

Experiment learning_curve() {
  return {.name = "learning-curve",
          .section = "DQN in Action",
          .question = "Why should the learning curve have phases?",
          .because =
              "Because an agent that mostly explores is about as good as chance, one whose values have become good "
              "enough to act on improves with every episode, and one that is nearly perfect has little left to "
              "gain. When each begins is up to epsilon, and the chapter's falls with each training step, not with "
              "each episode.",
          .claim =
              "The learning curve has three phases: exploration, where returns are near random (episodes 1 to 50), "
              "fast learning (51 to 200) and refinement (from 201).",
          .design =
              "The chapter's agent (preset chapter) on CartPole-v1 for 500 episodes, exactly as its training loop has "
              "it. For each phase: the mean return in steps, epsilon (the mean over the phase's environment steps), "
              "and the slope of the return over episodes by least squares. Near random: the phase's mean return is at "
              "most 10 steps above that of uniformly random actions, measured over 500 episodes. Phases of the same "
              "run are compared seed by seed.",
          .core_minutes = 1.3,
          .quick_core_minutes = 0.3,
          .settings = settings,
          .checks = checks,
          .figures = figures};
}

}  // namespace deepq::lab
