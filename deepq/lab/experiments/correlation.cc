// Consecutive samples are correlated, and a network that learns from them forgets what is not among them (McCloskey and
// Cohen 1989, "Catastrophic Interference"): the chapter's agent with memories of several sizes, down to none.
#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/replay_watch.h"
#include "deepq/lab/text.h"

namespace deepq::lab {
namespace {

struct Memory {
  const char *name, *text;
  std::vector<std::string> assignments;
};

const char* const kReplay = "replay-10000";
const char* const kBatch = "newest-64";
const char* const kNewest = "newest-1";

const std::vector<Memory>& memories() {
  static const std::vector<Memory> kMemories = {
      {kReplay, "replay, 10,000", {}},
      {"replay-1000", "replay, 1,000", {"replay.capacity=1000"}},
      {kBatch, "the newest 64", {"replay.capacity=64"}},
      {kNewest, "the newest alone", {"replay.capacity=1", "agent.batch_size=1"}}};
  return kMemories;
}

JobResult run(const RunConfig& config, const Job& job) {
  ReplayWatch watch(config, find_env(config.env.id)()->spec(), job.seed);
  JobResult result = train({.config = config,
                            // After every step: the watch keeps the whole history of the run.
                            .probes = config.train.env_steps,
                            .probe = [&](Trainer& trainer, int64_t, JobResult&) { watch.see(trainer); }},
                           job);
  watch.write(result);
  // Errors of different memories differ by powers of ten: differences of logarithms are ratios.
  result.values["log_fall_error"] = std::log10(result.values["fall_error"]);
  return result;
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Memory& memory : memories()) {
    RunConfig config = configure("chapter", memory.assignments);
    config.agent.bootstrap_at_truncation = true;
    config.train.env_steps = quick ? 20'000 : 40'000;
    // For the table of greedy returns alone.
    config.eval.final_episodes = 20;
    all.push_back({memory.name, [config](const Job& job) { return run(config, job); }, to_toml(config)});
  }
  return all;
}

std::vector<Check> checks(const Results& results) {
  // A run that diverged counts as the most correlated.
  const auto alike = [](const char* value) { return Measure{value, Worst::kHighest}; };
  const auto to_replay = [&](const Measure& measure, const char* setting) {
    return difference(results, measure, kReplay, setting);
  };
  std::vector<Check> checks = {
      runs_above("consecutive samples are correlated", "lag-1 autocorrelation of the observations in the newest 64",
                 runs(results, {"lag_one"}, kBatch), 0.5),
      runs_below("samples from replay are not, even in order of time",
                 "lag-1 autocorrelation of the observations in a batch of replay",
                 runs(results, alike("lag_one"), kReplay), 0.1),
      pairs_below("any two samples of a batch are less correlated with replay",
                  "difference of the mean correlation of their observations, to the newest 64",
                  to_replay(alike("pairs"), kBatch)),
      pairs_below("TD errors are less correlated with replay",
                  "difference of their lag-1 autocorrelation, to the newest 64",
                  to_replay(alike("td_lag_one"), kBatch))};
  // Against the same number of newest transitions, and against DQN without any memory.
  for (const auto& [name, text] :
       {std::pair{kBatch, "from the newest 64"}, std::pair{kNewest, "from the newest alone"}}) {
    const std::string than = std::string(" than learning ") + text;
    checks.push_back(pairs_below("replay forgets old falls less" + than,
                                 "difference of log10 of the error of their values",
                                 to_replay(alike("log_fall_error"), name)));
    checks.push_back(pairs_above("replay learns better" + than, "difference of the mean return over training",
                                 to_replay({"mean_return"}, name)));
  }
  return checks;
}

page::Table table(const std::string& caption, const Results& results, const std::vector<std::string>& columns,
                  const std::vector<const char*>& values) {
  page::Table table{.caption = caption, .columns = columns, .rows = {}};
  for (const Memory& memory : memories()) {
    table.rows.push_back({memory.text});
    for (const char* value : values) table.rows.back().push_back(mean_text(results.values(memory.name, value)));
  }
  return table;
}

Finding figures(const Results& results) {
  std::vector<Line> lines;
  for (const Memory& memory : memories()) lines.push_back({memory.name, memory.text});
  Finding finding;
  finding.intervals = {{.title = "Lag-1 autocorrelation of the observations in a batch",
                        .caption = "Samples in order of time, mean over the four components; 0: independent.",
                        .rows = mean_rows(results, "lag_one", lines)},
                       {.title = "Return over training",
                        .caption = "Mean over all episodes, each weighted by its length.",
                        .rows = mean_rows(results, "mean_return", lines)},
                       {.title = "Greedy return at the end",
                        .caption = "Mean of 20 episodes without exploration.",
                        .rows = mean_rows(results, "eval_return", lines)}};
  const auto mean = [&](const char* setting, const char* value) { return plain_mean(results.values(setting, value)); };
  finding.measured = "in order of time, neighbours among the newest 64 had a correlation of " +
                     mean(kBatch, "lag_one") + ", among 64 of replay of " + mean(kReplay, "lag_one") +
                     "; the return over training was " + mean(kReplay, "mean_return") + " with replay, " +
                     mean(kBatch, "mean_return") + " with the newest 64 and " + mean(kNewest, "mean_return") +
                     " with the newest transition alone.";
  finding.terms = {
      {"lag-1 autocorrelation",
       "How much each sample resembles the one before it: 1 as good as the same, 0 independent."},
      {"old falls",
       "The first 50 times that the pole fell: what they are worth is known, 1, so its error is forgetting."},
      {"TD error", "How far a value is from its target, the reward and the discounted value of what came next."}};
  // Errors of the four memories differ by powers of ten: log scales.
  page::ChartBuilder falls = lines_chart(results, "fall_error", "Error of the values of old falls", lines, {"error"});
  falls.set("log_y", true);
  falls.caption("Root mean square of Q(s, a) - 1 for the first 50 falls of the run, on a log scale.");
  page::ChartBuilder old = lines_chart(results, "old_td", "TD error of old transitions", lines, {"TD error"});
  old.set("log_y", true);
  old.caption("Root mean square over the first 1,000 transitions of the run, on a log scale.");
  finding.charts = {lines_chart(results, "return", "Return", lines, {"mean return"}).finish(),
                    std::move(falls).finish(), std::move(old).finish(),
                    lines_chart(results, "lag_one", "Autocorrelation", lines, {"lag-1 autocorrelation"}).finish()};
  finding.tables = {
      table("What is in 64 samples, means over seeds", results,
            {"learns from", "correlation of any two", "worth so many independent ones", "lag-1, TD errors"},
            {"pairs", "effective", "td_lag_one"}),
      table("What is kept, means over seeds", results,
            {"learns from", "error of old falls", "TD error, first 1,000", "TD error, newest 64"},
            {"fall_error", "old_td", "new_td"})};
  finding.notes = {
      "An old fall's value is 1 for certain, so its error is forgetting and not a moving target; a TD error also grows "
      "with the values. A buffer of 10,000 loses the first falls too, after 10,000 steps.",
      "\"The newest alone\" learns from one transition an update, the others from 64."};
  return finding;
}

}  // namespace

Experiment correlation() {
  return {
      .name = "correlation",
      .section = "Experience Replay: Breaking the Correlation",
      .question = "Why not learn from each transition as it comes?",
      .because =
          "Because consecutive transitions are nearly the same: the newest 64 are one experience told 64 times, "
          "they pull the network to where the agent is now, and what it had learnt of other places fades. "
          "Replay mixes old and new, so that a batch says more and the old is rehearsed.",
      .claim = "Consecutive samples are correlated; replay breaks the correlation, forgets less and learns better.",
      .design =
          "The chapter's agent on CartPole-v1, bootstrapping at truncation, 40,000 environment steps (quick: 20,000), "
          "with a buffer of 10,000, of 1,000, of 64 (one batch: every update sees the newest 64), and with the newest "
          "transition alone. 50 times a run, 64 samples as the agent learns from are put in order of time; measured "
          "are the lag-1 autocorrelation of their observations and of their TD errors, and the mean correlation of any "
          "two, all relative to the last 10,000 transitions. Forgetting: the error of the values of the first 50 falls "
          "of the run, which are 1, and the TD errors of its first 1,000 transitions, over the second half of the run.",
      .core_minutes = 1.2,
      .quick_core_minutes = 0.13,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
