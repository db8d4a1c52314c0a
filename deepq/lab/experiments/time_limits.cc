// What follows a time limit: nothing, as the chapter's `done = terminated or truncated` has it, or the value of the
// state (Pardo et al. 2018, "Time Limits in Reinforcement Learning", section 3). The time is not observed, so under the
// chapter's rule the same state is at times an end and at times not.
#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/value_gap.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"

namespace deepq::lab {
namespace {

constexpr int64_t kNear = 10;    // steps before the limit that count as near it
constexpr int64_t kTail = 600;   // steps played beyond the limit, for the true value of what is before it
constexpr int64_t kProbes = 10;  // of which the later half counts: single networks vary too much
constexpr int64_t kProbeEpisodes = 5;

struct Task {
  int64_t limit;
  bool all_kept;  // a control whose replay keeps the falls of its beginnings, which else it has soon forgotten
};
constexpr Task kTasks[] = {{100, false}, {100, true}, {500, false}};

// Bootstrapping at 100 with what is said to keep values down: is it the maximum, the step, or too new a target?
struct Control {
  const char *name, *assignment, *text;
};
constexpr Control kControls[] = {{"double", "agent.double=true", "double"},
                                 {"small-step", "optimizer.learning_rate=0.0001", "step size 0.0001"},
                                 {"slow-target", "target.sync_every_updates=250", "a copy every 250 updates"}};

std::string name(const Task& task, bool bootstrap) {
  return std::string(bootstrap ? "bootstrap-" : "terminal-") + std::to_string(task.limit) +
         (task.all_kept ? "-all-kept" : "");
}

// The network at this point, played greedily and beyond the limit.
void probe(Trainer& trainer, int64_t env_steps, JobResult& result) {
  const RunConfig& config = trainer.config();
  const int64_t limit = config.env.max_episode_steps;
  const auto episodes = play_greedily(trainer.policy(), find_env(config.env.id),
                                      {.episodes = kProbeEpisodes,
                                       .streams = probe_streams(config.train.seed, env_steps),
                                       .max_episode_steps = limit + kTail});
  // The tail of 600 steps is what must follow a state of an episode that did not end.
  GapRules rules{.gamma = config.agent.gamma, .horizon = kTail, .to_step = limit};
  const ValueGap all = value_gap(episodes, rules);
  // The same episodes three times: all before the limit, the last ten, the one at it.
  rules.from_step = limit - kNear;
  const ValueGap near = value_gap(episodes, rules);
  rules.from_step = limit;  // the state at the limit itself: learnt towards, never learnt from
  rules.to_step = limit + 1;
  const ValueGap at = value_gap(episodes, rules);
  double length = 0;
  // Steps, which in CartPole are the return.
  for (const PlayedEpisode& episode : episodes) length += static_cast<double>(episode.rewards.size()) / kProbeEpisodes;
  for (const auto& [key, value] : {std::pair{"near_error", near.estimated - near.realized},
                                   {"near_q", near.estimated},
                                   {"near_return", near.realized},
                                   {"at_q", at.estimated},
                                   {"all_q", all.estimated},
                                   {"all_error", all.estimated - all.realized},
                                   {"beyond_return", length}}) {
    Curve& curve = result.curves[key];
    curve.x.push_back(static_cast<double>(env_steps));
    curve.y.push_back(value);
  }
}

Setting setting(const Task& task, bool bootstrap, bool quick, const Control* control = nullptr) {
  RunConfig config = configure("chapter", {});
  if (control) set_field(config, control->assignment);
  config.agent.bootstrap_at_truncation = bootstrap;
  config.env.max_episode_steps = task.limit;
  config.train.env_steps = quick ? 30'000 : 50'000;
  // As large as the run is long: nothing is ever overwritten.
  if (task.all_kept) config.replay.capacity = config.train.env_steps;
  config.eval.final_episodes = 20;
  return {
      name(task, bootstrap) + (control ? std::string("-") + control->name : ""),
      [config](const Job& job) {
        JobResult result = train({.config = config, .probes = kProbes, .probe = probe}, job);
        for (const auto& key : {"near_error", "near_q", "near_return", "at_q", "all_q", "all_error", "beyond_return"})
          result.values[key] = later_mean(result.curves[key]);
        // Distance from the truth, for the comparison of two that err to different sides.
        result.values["near_off"] = std::abs(result.values["near_error"]);
        return result;
      },
      to_toml(config)};
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Task& task : kTasks)
    for (const bool bootstrap : {false, true}) all.push_back(setting(task, bootstrap, quick));
  for (const Control& control : kControls) all.push_back(setting(kTasks[0], true, quick, &control));
  return all;
}

std::vector<Check> checks(const Results& results) {
  std::vector<Check> checks;
  for (const Task& task : kTasks) {
    // bootstrap - terminal, seeds without such states left out
    const auto gained = [&](const Measure& measure) {
      return difference(results, measure, name(task, true), name(task, false));
    };
    const std::string where = "limit " + std::to_string(task.limit) + (task.all_kept ? ", replay keeps all: " : ": ");
    checks.push_back(runs_below(where + "the chapter's rule values the states before it too low", "error of Q",
                                runs(results, {"near_error", Worst::kHighest}, name(task, false)), 0));
    checks.push_back(pairs_below(where + "with bootstrapping the values are nearer to the truth",
                                 "difference of the absolute error", gained({"near_off", Worst::kHighest})));
    checks.push_back(pairs_above(where + "bootstrapping learns better", "difference of the return over training",
                                 gained({"mean_return"})));
    checks.push_back(pairs_above(where + "bootstrapping balances longer once the limit is lifted",
                                 "difference of the return", gained({"beyond_return"})));
  }
  return checks;
}

// "limit 100, bootstrapped, double": of every setting, in the order of settings().
std::vector<Line> lines() {
  std::vector<Line> all;
  for (const Task& task : kTasks)
    for (const bool bootstrap : {false, true})
      all.push_back({name(task, bootstrap), "limit " + std::to_string(task.limit) +
                                                (bootstrap ? ", bootstrapped" : ", the chapter's rule") +
                                                (task.all_kept ? ", replay keeps all" : "")});
  for (const Control& control : kControls)
    all.push_back(
        {name(kTasks[0], true) + "-" + control.name, std::string("limit 100, bootstrapped, ") + control.text});
  return all;
}

Multiples error_charts(const Results& results) {
  Multiples charts = multiples(results, {.curve = "near_error",
                                         .title = "Error of Q in the last 10 steps before the limit",
                                         .reference = lines()[0],
                                         .lines = lines(),
                                         .axes = {"Q less true return"},
                                         .own_scales = true});
  charts.caption +=
      " Largest Q less the discounted return that follows when the episode goes on beyond the limit; below 0 is too "
      "low. Runs that fall before the limit are left out there.";
  return charts;
}

std::string measured(const Results& results) {
  const auto mean = [&](bool bootstrap, const char* value) {
    return plain_mean(results.values(name(kTasks[0], bootstrap), value));
  };
  // kTasks[0]: a limit of 100; kTasks[2]: the task's own of 500.
  const auto whole = [&](bool bootstrap, const char* value) {
    return plain_mean(results.values(name(kTasks[2], bootstrap), value));
  };
  return "with a limit of 100 steps the values before it were off by " + mean(false, "near_error") +
         " under the chapter's rule and by " + mean(true, "near_error") +
         " with bootstrapping, and once the limit was lifted the pole stood for " + mean(false, "beyond_return") +
         " and " + mean(true, "beyond_return") +
         " steps; with the task's own limit of 500, which is met less often, off by " + whole(false, "near_error") +
         " and " + whole(true, "near_error") + ".";
}

Finding figures(const Results& results) {
  Finding finding;
  page::Table returns{.caption = "Returns, means over seeds",
                      .columns = {"setting", "over training", "greedy after it, within the limit",
                                  "greedy, 600 steps beyond the limit"},
                      .rows = {}};
  page::Table values{
      .caption = "Values, means over seeds",
      .columns = {"setting", "largest Q before the limit", "near it", "at it", "true return from near it"},
      .rows = {}};
  page::Table all{.caption = "Values elsewhere, means over seeds",
                  .columns = {"setting", "error over all states before the limit", "largest |Q| in training"},
                  .rows = {}};
  // A row for each setting in each of the three tables, the controls at their ends.
  for (const auto& [setting, label] : lines()) {
    const auto text = [&, &name = setting](const char* key) { return mean_text(results.values(name, key)); };
    returns.rows.push_back({label, text("mean_return"), text("eval_return"), text("beyond_return")});
    values.rows.push_back({label, text("all_q"), text("near_q"), text("at_q"), text("near_return")});
    all.rows.push_back({label, text("all_error"), text("max_abs_q")});
  }
  finding.measured = measured(results);
  finding.terms = {
      {"the chapter's rule", "A time limit ends the episode's value as a fall does: done = terminated or truncated."},
      {"bootstrapping", "The value of the state at the limit stands for what would have followed."},
      {"replay keeps all", "A replay as long as the run, so that the falls of the beginning stay in it."},
      {"beyond the limit", "The same policy, played on as if there were no limit."}};
  finding.tables = {returns, values, all};
  finding.intervals = {{.title = "Error of Q in the last 10 steps before the limit",
                        .caption = "Largest Q less the true return. The line is no error.",
                        .rows = mean_rows(results, "near_error", lines()),
                        .reference = 0}};
  finding.multiples = {error_charts(results)};
  finding.notes = {
      "No return can be above 1 / (1 - 0.99) = 100: a largest |Q| beyond it is overestimation, and not what the limit "
      "ends or does not end.",
      "When the limit is bootstrapped through, the replay has the state at it as one that was reached, never as one "
      "that was left: the episode is over. Only what is learnt of other states corrects its value, and the states "
      "before it learn from that. Without a reset there would be no such state: the tests show that a limit after "
      "which the world goes on changes no bit of a run.",
      "With a slow target k copies allow no value above (1 - 0.99^k) / (1 - 0.99) without overestimation: 86.6 after "
      "50,000 steps with one every 250, 99.3 with one every 100.",
      "States near the limit are those an episode reaches: a policy that falls before has none there, and such probes "
      "are left out.",
      "The true return is cut off 600 steps beyond the limit, where a reward counts 0.99^600 = 0.002 of one; what is "
      "missing is below 0.3."};
  return finding;
}

}  // namespace

Experiment time_limits() {
  return {
      .name = "time-limits",
      .section = "The Complete DQN Algorithm",
      .question = "Why bootstrap through a time limit?",
      .because =
          "Because the pole was still standing: the limit ends the game and not the world, and to say that "
          "nothing follows makes the values before it too low. But where episodes are cut often, the states at "
          "the limit are reached and never left, so nothing in the data corrects their values, and bootstrapped "
          "from, those can run away.",
      .claim =
          "To treat a time limit as a true end teaches values that are too low; bootstrapping through it is better.",
      .design =
          "CartPole-v1 with the chapter's agent (preset chapter) for 50,000 steps (quick: 30,000), with a time limit "
          "of 500 steps, as the task has it, and of 100, which is met far more often, there also with a replay that "
          "keeps the whole run; the time is not observed. "
          "Either the limit ends the episode's value (agent.bootstrap_at_truncation = false, the chapter) or not. As "
          "controls, not part of the verdict: 100 with bootstrapping and double, with a step size of 0.0001, and with "
          "a target copied every 250 updates in place of 100. "
          "Measured: the return over training (steps); and, as the mean of five networks in the later half of "
          "training, over five greedy episodes that are played 600 steps beyond the limit: the largest Q of each "
          "of the last 10 states before the limit less the discounted return that really followed, and the return.",
      .core_minutes = 3.6,
      .quick_core_minutes = 0.53,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
