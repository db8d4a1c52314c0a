// The chapter's question why replay is a problem for an on-policy method. SARSA learns the value of the policy whose
// next action a' it is shown; replayed, that action is of older, more exploring policies, so it learns their mixture's.
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/cliff_learner.h"
#include "deepq/lab/text.h"

namespace deepq::lab {
namespace {

constexpr int64_t kReplay = 10'000;  // the chapter's buffer
constexpr int64_t kSmallReplay = 1'000;
constexpr size_t kLastPoints = 5;  // of 50: the last tenth of a run

struct Learner {
  const char *name, *text;
  CliffTarget target;
  int64_t replay_capacity;
};
// One world and one exploration: they differ in the target and in how far back the replay reaches.
const Learner kLearners[] = {
    {"sarsa", "SARSA", CliffTarget::kReplayedAction, 0},
    {"sarsa-replay-1000", "SARSA, replay of 1,000", CliffTarget::kReplayedAction, kSmallReplay},
    {"sarsa-replay", "SARSA, replay of 10,000", CliffTarget::kReplayedAction, kReplay},
    {"sarsa-replay-new-action", "the same, a' drawn anew", CliffTarget::kPresentAction, kReplay},
    {"q-learning", "Q-learning", CliffTarget::kGreedyAction, 0},
    {"q-learning-replay", "Q-learning, replay of 10,000", CliffTarget::kGreedyAction, kReplay}};

JobResult run_learner(const Learner& learner, int64_t steps, const Job& job) {
  job.check_stop();
  const CliffRun run = run_cliff({.target = learner.target, .replay_capacity = learner.replay_capacity, .steps = steps},
                                 static_cast<uint64_t>(job.seed));
  JobResult result;
  double bias = 0, error = 0, value = 0;
  for (size_t i = 0; i < run.at.size(); ++i) {
    for (const auto& [key, y] : {std::pair{"bias", run.errors[i].bias}, {"error", run.errors[i].error}}) {
      result.curves[key].x.push_back(run.at[i]);
      result.curves[key].y.push_back(y);
    }
    // The last tenth of the run alone, where epsilon is near its end.
    if (i + kLastPoints < run.at.size()) continue;
    bias += run.errors[i].bias / kLastPoints;
    error += run.errors[i].error / kLastPoints;
    value += run.errors[i].value / kLastPoints;
  }
  result.values = {{"bias", bias}, {"error", error}, {"value", value}};
  return result;
}

std::vector<Setting> settings(bool quick) {
  const int64_t steps = quick ? 20'000 : 40'000;
  std::vector<Setting> all;
  for (const Learner& learner : kLearners)
    all.push_back({learner.name, [&learner, steps](const Job& job) { return run_learner(learner, steps, job); }});
  return all;
}

std::vector<Check> checks(const Results& results) {
  // A run that diverged counts as the one with the largest error, on either side.
  const auto errors = [&](const char* more, const char* less) {
    return difference(results, {"error", Worst::kHighest}, more, less);
  };
  return {
      runs_below("SARSA with replay values its own policy too low", "mean of Q less the policy's exact value",
                 runs(results, {"bias", Worst::kHighest}, "sarsa-replay"), 0),
      pairs_above("replay makes SARSA's values worse", "difference of the error", errors("sarsa-replay", "sarsa")),
      pairs_above("the longer the replay reaches back, the worse", "difference of the error (10,000 less 1,000)",
                  errors("sarsa-replay", "sarsa-replay-1000")),
      pairs_above("the old next action is to blame", "difference of the error (replayed a' less a' drawn anew)",
                  errors("sarsa-replay", "sarsa-replay-new-action")),
      pairs_above("Q-learning with replay is nearer to what it learns than SARSA with replay",
                  "difference of the error", errors("sarsa-replay", "q-learning-replay")),
  };
}

std::vector<Line> lines() {
  std::vector<Line> all;
  for (const Learner& learner : kLearners) all.push_back({learner.name, learner.text});
  return all;
}

Multiples bias_charts(const Results& results) {
  Multiples charts = multiples(results, {.curve = "bias",
                                         .title = "Bias: Q less the exact value",
                                         .reference = {"sarsa", "SARSA without replay"},
                                         .lines = lines(),
                                         .axes = {"bias"}});
  charts.caption +=
      " SARSA against its own present policy, Q-learning against the best one; weighted by what the present policy "
      "visits.";
  return charts;
}

Finding figures(const Results& results) {
  Finding finding;
  page::Table table{.caption = "The last tenth of the runs, means over seeds",
                    .columns = {"learner", "measured against", "bias", "its policy's value"},
                    .rows = {}};
  for (const Learner& learner : kLearners) {
    const auto text = [&](const char* key) { return mean_text(results.values(learner.name, key)); };
    // Each against what it claims to learn; so biases of Sarsa and Q-learning are of two truths.
    const bool greedy = learner.target == CliffTarget::kGreedyAction;
    table.rows.push_back({learner.text, greedy ? "the best policy" : "its own policy", text("bias"), text("value")});
  }
  finding.tables = {table};
  finding.intervals = {{.title = "Error of Q (root mean square)",
                        .caption = "In units of return; a step costs 1, a fall 100.",
                        .rows = mean_rows(results, "error", lines())}};
  const auto mean = [&](const char* setting) { return plain_mean(results.values(setting, "error")); };
  finding.measured = "SARSA's values were off by " + mean("sarsa") + " without replay, by " + mean("sarsa-replay") +
                     " with it and by " + mean("sarsa-replay-new-action") +
                     " with replay where the next action is drawn anew; Q-learning's with replay by " +
                     mean("q-learning-replay") + ".";
  finding.terms = {
      {"error", "Root mean square of Q less its exact value, in units of return: a step costs 1, a fall 100."},
      {"a' drawn anew",
       "The next action of a replayed transition is not the stored one but what the present "
       "policy would do."}};
  finding.multiples = {bias_charts(results)};
  finding.notes = {
      "Q-learning's target, the best policy's value, is right for every replayed (s, a, r, s'), whoever acted: that is "
      "off-policy. SARSA's is right only for an a' that its present policy would take.",
      "Q-learning's own policy goes along the edge and, exploring, falls: its exact value is that of the policy that "
      "it "
      "follows while it learns, not of the one that it learns."};
  return finding;
}

}  // namespace

Experiment sarsa_replay() {
  return {
      .name = "sarsa-replay",
      .section = "Exercises: conceptual question 1",
      .question = "Why can SARSA not use replay, and why can Q-learning?",
      .because =
          "Because SARSA's target holds the next action that was really taken, and a stored one was taken by an "
          "older policy: SARSA then learns the value of a mixture of policies that it no longer follows. "
          "Q-learning's target takes the best next action, whoever acted, so old data are as good as new.",
      .claim =
          "Replay is wrong for an on-policy method: SARSA then learns the value of a mixture of old policies, while "
          "Q-learning, being off-policy, learns its own target from any data.",
      .design =
          "CliffWalking-v1, tables, gamma 0.99, step size 0.1, epsilon-greedy with epsilon falling linearly from 1 "
          "to 0.1 over 40,000 steps (quick: 20,000). Without replay each transition is learnt from once; with it 8 are "
          "in "
          "each step, drawn uniformly as (s, a, r, s', a') from the last 10,000, or 1,000, and as a control the same "
          "with a' drawn anew from the present policy. Measured at 50 points, the last five "
          "of which count: Q less its exact value, by dynamic programming on the task's own table of outcomes, for "
          "SARSA that of its present epsilon-greedy policy and for Q-learning the best one's, weighted by the "
          "discounted visits of the present policy.",
      .core_minutes = 0.15,
      .quick_core_minutes = 0.03,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
