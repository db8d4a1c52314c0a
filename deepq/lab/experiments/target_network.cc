// The target network's one number: every how many updates it is copied (C), or how much of the online network it takes
// over at each (tau; Lillicrap et al. 2016). C = 1 and tau = 1 are the same: targets that move with every update, no
// target network at all.
#include <algorithm>
#include <cmath>

#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/target_watch.h"
#include "deepq/lab/text.h"

namespace deepq::lab {
namespace {

struct Rule {
  const char *name, *text;
  std::vector<std::string> assignments;
};

// Of any return: rewards of 1.
double bound() { return 1 / (1 - configure("chapter", {}).agent.gamma); }

const char* const kNone = "hard-1";
const char* const kHard = "hard-100";
const char* const kSoft = "soft-0.005";

const std::vector<Rule>& rules() {
  const auto hard = [](const char* name, const char* text, const std::string& updates) {
    return Rule{name, text, {"target.sync_every_updates=" + updates}};
  };
  const auto soft = [](const char* name, const char* text, const std::string& tau) {
    // tau acts whenever the target is synchronised: at every update.
    return Rule{name, text, {"target.sync_every_updates=1", "target.tau=" + tau}};
  };
  static const std::vector<Rule> kRules = {hard(kNone, "C = 1, tau = 1: none", "1"),
                                           hard("hard-10", "C = 10", "10"),
                                           hard(kHard, "C = 100", "100"),
                                           hard("hard-1000", "C = 1,000", "1000"),
                                           hard("hard-10000", "C = 10,000", "10000"),
                                           soft("soft-0.1", "tau = 0.1", "0.1"),
                                           soft("soft-0.01", "tau = 0.01", "0.01"),
                                           soft(kSoft, "tau = 0.005", "0.005"),
                                           soft("soft-0.001", "tau = 0.001", "0.001")};
  return kRules;
}

JobResult run(const RunConfig& config, const Job& job) {
  TargetWatch watch(config, job.seed);
  // Measures at every environment step, and so after every update.
  JobResult result = train({.config = config,
                            .probes = config.train.env_steps,
                            .probe = [&](Trainer& trainer, int64_t, JobResult&) { watch.see(trainer); },
                            .final_evaluation = false},
                           job);
  watch.write(result);
  // Drifts differ by powers of ten: differences of logarithms are ratios.
  result.values["log_drift"] = std::log10(result.values["drift"]);
  return result;
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Rule& rule : rules()) {
    RunConfig config = configure("chapter", rule.assignments);
    config.agent.bootstrap_at_truncation = true;
    config.train.env_steps = quick ? 12'000 : 40'000;
    all.push_back({rule.name, [config](const Job& job) { return run(config, job); }, to_toml(config)});
  }
  return all;
}

std::vector<Line> lines(const std::string& kind) {
  std::vector<Line> lines;
  for (const Rule& rule : rules()) {
    const std::string name = rule.name;
    // C = 1, which is no target network, is drawn with either kind: both are held against it.
    if (kind.empty() || name == kNone || name.starts_with(kind)) lines.push_back({name, rule.text});
  }
  return lines;
}

std::vector<Check> checks(const Results& results) {
  std::vector<Check> checks;
  const Measure drift{"log_drift", Worst::kHighest}, evaluation{"evaluation"}, lost{"lost", Worst::kHighest};
  for (const auto& [name, text] : {std::pair{kHard, "C = 100"}, std::pair{kSoft, "tau = 0.005"}}) {
    const std::string with = text;
    checks.push_back(pairs_below("with " + with + " the targets move less in an update than with C = 1",
                                 "difference of log10 of the drift", difference(results, drift, name, kNone)));
    checks.push_back(pairs_above("with " + with + " the greedy policy is better over training than with C = 1",
                                 "difference of the mean return of all evaluations",
                                 difference(results, evaluation, name, kNone)));
    checks.push_back(pairs_below("with " + with + " less is lost after the best evaluation than with C = 1",
                                 "difference of the fraction lost", difference(results, lost, name, kNone)));
  }
  checks.push_back(pairs_above("C = 10,000 is too slow: C = 100 is better over training",
                               "difference of the mean return of all evaluations",
                               difference(results, evaluation, kHard, "hard-10000")));
  return checks;
}

page::Table table(const Results& results) {
  page::Table table{.caption = "Target networks, means over seeds",
                    .columns = {"target", "best evaluation", "online to target network", "largest |Q|"},
                    .rows = {}};
  for (const Rule& rule : rules()) {
    table.rows.push_back({rule.text});
    for (const char* value : {"best", "lag", "max_abs_q"})
      table.rows.back().push_back(mean_text(results.values(rule.name, value)));
  }
  return table;
}

std::string runs_beyond_bound(const Results& results, const char* setting) {
  // One that diverged had passed it.
  const std::vector<double> largest = runs(results, {"max_abs_q", Worst::kHighest}, setting).values;
  const double most = bound() * (1 + 1e-9);  // 1 - gamma is not exact
  return std::to_string(std::count_if(largest.begin(), largest.end(), [&](double q) { return q > most; })) + " of " +
         std::to_string(largest.size());
}

std::string measured(const Results& results) {
  const auto mean = [&](const char* setting, const char* value) { return plain_mean(results.values(setting, value)); };
  return "copied at every update (C = 1), a target moved " + mean(kNone, "drift") + " in an update, with C = 100 " +
         mean(kHard, "drift") + "; |Q| passed 100, which no return can pass, in " + runs_beyond_bound(results, kNone) +
         " runs, with C = 100 in " + runs_beyond_bound(results, kHard) + ", with tau = 0.005 in " +
         runs_beyond_bound(results, kSoft) + ". The greedy return over training was " + mean(kNone, "evaluation") +
         ", " + mean(kHard, "evaluation") + " and " + mean(kSoft, "evaluation") + ".";
}

Finding figures(const Results& results) {
  Finding finding;
  finding.measured = measured(results);
  finding.intervals = {
      {.title = "Greedy return over training",
       .caption = "Mean of 25 evaluations of 10 greedy episodes, evenly spread.",
       .rows = mean_rows(results, "evaluation", lines(""))},
      {.title = "Drift of the targets",
       .caption = "How much the target value of a state changes in one update, mean over 32 states and all updates.",
       .rows = mean_rows(results, "drift", lines("")),
       .log_scale = true},
      {.title = "Lost after the best",
       .caption = "1 - (mean of the evaluations after the best) / (the best), the fraction of it that is lost.",
       .rows = mean_rows(results, "lost", lines(""))}};
  // The chapter's own rule is the grey line that all others are held against.
  const Line chapter{kHard, "C = 100, the chapter's"};
  finding.multiples = {multiples(results, {.curve = "evaluation",
                                           .title = "Greedy return while training",
                                           .reference = chapter,
                                           .lines = lines(""),
                                           .axes = {"greedy return"}}),
                       multiples(results, {.curve = "drift",
                                           .title = "Drift of the targets while training",
                                           .reference = chapter,
                                           .lines = lines(""),
                                           .axes = {"drift"},
                                           .log_y = true})};
  finding.multiples[1].caption +=
      " A target that is copied does not move in between: where no copy fell into a bin of training its drift is "
      "0, "
      "which a log scale leaves out; the line joins what is left of it.";
  finding.terms = {
      {"hard copies, C", "The target network becomes a copy of the online network, all at once, every C updates."},
      {"soft copies, tau", "At every update it moves the fraction tau of the way to the online network."},
      {"drift", "How much the target value of a state changes from one update to the next."},
      {"lost after the best", "How far the evaluations after the best one fall behind it: 0 is nothing, 1 is all."}};
  finding.tables = {table(results)};
  finding.notes = {
      "Drift and loss are to be read beside the return: values that never grow do not move, and a policy that never "
      "was good has little to lose."};
  return finding;
}

}  // namespace

Experiment target_network() {
  return {
      .name = "target-network",
      .section = "Target Networks: Stabilizing the Target",
      .question = "Why is the target not copied at every step?",
      .because =
          "Because then there is no target network: each update moves the very numbers that it aims at, the "
          "network chases its own guesses, and an error can feed itself. A copy that stands still for a while "
          "turns learning into regression to fixed numbers; the price is that news travels more slowly, one "
          "copy at a time.",
      .claim =
          "A target network, copied every 100 updates or blended with tau = 0.005, keeps the targets still and "
          "learning stable.",
      .design =
          "The chapter's agent on CartPole-v1, bootstrapping at truncation, 40,000 environment steps (quick: 12,000) "
          "with an update each; the target is copied every C = 1, 10, 100, 1,000, 10,000 updates, or becomes "
          "(1 - tau) target + tau online at each, tau = 1 (the same as C = 1), 0.1, 0.01, 0.005, 0.001. Measured: 25 "
          "evaluations of 10 greedy episodes; what is lost of the best of them afterwards; the drift of the targets, "
          "that is the change of max_a Q_target(s, a) from one update to the next, mean over 32 fixed states of "
          "random play; the difference between online and target network there, every 97 updates; the largest |Q| in "
          "any batch, whose bound is 100.",
      .core_minutes = 3.5,
      .quick_core_minutes = 0.25,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
