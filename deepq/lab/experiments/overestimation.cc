// Vanilla against double DQN: what they say a state is worth, and what greedy play then earns from there (van Hasselt
// et al. 2016, "Deep Reinforcement Learning with Double Q-learning", figure 3).
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

constexpr const char* kTasks[] = {"CartPole", "Acrobot"};
constexpr int64_t kEpisodes = 5;  // played at each measurement

std::string setting_name(const std::string& task, bool twice) { return (twice ? "double-" : "dqn-") + task; }

RunConfig config_of(const std::string& task, bool twice, bool quick) {
  RunConfig config = configure("chapter", {"env.id=" + task + "-v1", "agent.bootstrap_at_truncation=true",
                                           twice ? "agent.double=true" : "agent.double=false"});
  config.train.env_steps = quick ? 20'000 : 50'000;
  config.eval.final_episodes = 20;
  return config;
}

JobResult run(const RunConfig& config, const Job& job) {
  const EnvFactory env = find_env(config.env.id);
  const GapRules rules{.gamma = config.agent.gamma};
  // The same worlds at each moment of a run, so that its curve shows the values and not the episodes.
  const EvaluationPlan plan{// Beyond the limit of training, so that enough follows the last state that counts.
                            .episodes = kEpisodes,
                            .streams = probe_streams(job.seed),
                            .max_episode_steps = rules.to_step + rules.horizon};
  const auto measure = [&](Trainer& trainer, int64_t env_steps, JobResult& result) {
    const ValueGap gap = value_gap(play_greedily(trainer.policy(), env, plan), rules);
    const auto add = [&](const char* name, double value) {
      result.curves[name].x.push_back(static_cast<double>(env_steps));
      result.curves[name].y.push_back(value);
    };
    add("estimated", gap.estimated);
    add("realised", gap.realized);
    add("gap", gap.estimated - gap.realized);
  };
  const int64_t probes = job.quick ? 10 : 25;
  JobResult result = train({.config = config, .probes = probes, .probe = measure}, job);
  for (const char* name : {"estimated", "realised", "gap"}) {
    result.values[name] = later_mean(result.curves[name]);
  }
  // Two that err to different sides are compared by their distance from the truth.
  result.values["distance"] = std::abs(result.values["gap"]);
  return result;
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const char* task : kTasks) {
    for (const bool twice : {false, true}) {
      const RunConfig config = config_of(task, twice, quick);
      all.push_back(
          {setting_name(task, twice), [config](const Job& job) { return run(config, job); }, to_toml(config)});
    }
  }
  return all;
}

void add_charts(const Results& results, const std::string& task, Finding& finding) {
  const auto lines = [&](const std::string& what) {
    return std::vector<Line>{{setting_name(task, false), "vanilla" + what},
                             {setting_name(task, true), "double" + what}};
  };
  page::ChartBuilder values = lines_chart(results, "estimated", task + ": values and the returns they stand for",
                                          lines(": estimated"), {"discounted return"});
  add_lines(values, results, "realised", lines(": realised"));
  values.caption("Means over the states of greedy episodes; then mean over seeds with its interval.");
  finding.charts.push_back(std::move(values).finish());
  finding.charts.push_back(
      lines_chart(results, "return", task + ": return of the episodes of training", lines(""), {"mean return"})
          .finish());
}

// A run that diverged had values without bound.
const Measure kGap{"gap", Worst::kHighest}, kDistance{"distance", Worst::kHighest};

std::vector<Check> checks(const Results& results) {
  std::vector<Check> all;
  for (const std::string task : kTasks) {
    const std::string vanilla = setting_name(task, false), twice = setting_name(task, true);
    // Three statements a task: too high, less so with double, and nearer to the truth, which less alone need not be.
    all.push_back(runs_above("on " + task + " vanilla's values are too high", "estimate - realised return",
                             runs(results, kGap, vanilla), 0));
    all.push_back(pairs_below("on " + task + " double's are too high by less", "difference of the overestimation",
                              difference(results, kGap, twice, vanilla)));
    all.push_back(pairs_below("on " + task + " double's are nearer the truth", "difference of the distance from it",
                              difference(results, kDistance, twice, vanilla)));
  }
  return all;
}

Finding figures(const Results& results) {
  Finding finding;
  page::IntervalChart gaps{.title = "Estimate minus realised return",
                           .caption = "Mean over the measurements of the later half of training.",
                           .rows = {},
                           .reference = 0};
  page::Table values{.caption = "Values and returns, discounted, of the later half of training; means over seeds",
                     .columns = {"agent", "estimate", "realised", "difference, interquartile mean"},
                     .rows = {}};
  page::Table returns{
      .caption = "Returns, means over seeds", .columns = {"agent", "over training", "greedy after it"}, .rows = {}};
  for (const char* task : kTasks) {
    add_charts(results, task, finding);
    for (const bool twice : {false, true}) {
      const std::string name = setting_name(task, twice),
                        agent = std::string(task) + (twice ? ", double" : ", vanilla");
      // One run whose values run away moves a mean far: the table has the interquartile mean beside it.
      const stats::Interval gap = finite_mean(results.values(name, "gap"));
      if (std::isfinite(gap.value)) gaps.rows.push_back({agent, gap.value, gap.low, gap.high});
      values.rows.push_back({agent, mean_text(results.values(name, "estimated")),
                             mean_text(results.values(name, "realised")), iqm_text(results.values(name, "gap"))});
      returns.rows.push_back(
          {agent, mean_text(results.values(name, "mean_return")), mean_text(results.values(name, "eval_return"))});
    }
  }
  finding.intervals = {gaps};
  const auto mean = [&](const char* task, bool twice) {
    return plain_mean(results.values(setting_name(task, twice), "gap"));
  };
  finding.measured = "the values of vanilla DQN were above the returns that followed by " + mean("CartPole", false) +
                     " on CartPole and " + mean("Acrobot", false) + " on Acrobot, those of double DQN by " +
                     mean("CartPole", true) + " and " + mean("Acrobot", true) + ".";
  finding.terms = {{"vanilla, double", "The chapter's agent without and with double DQN."},
                   {"realised return", "The discounted rewards that really followed the state, played greedily."}};
  finding.tables = {values, returns};
  finding.notes = {
      "Realised returns are those of the greedy policy at that moment, not of the best one: a policy that fails gives "
      "low returns, and values that lag behind it count as too high.",
      "The two tasks have two and three actions, and the target network is a copy that is at most 100 updates old: "
      "there is little for a maximum to choose from, and double's two networks differ little.",
      "Episodes are played to 1,000 steps, beyond the tasks' limit of 500, and the first 500 states of each count. So "
      "at least 500 steps follow every state of an episode that did not end, and 0.99^500, less than 0.7% of the "
      "value, is missing from its return."};
  return finding;
}

}  // namespace

Experiment overestimation() {
  return {
      .name = "overestimation",
      .section = "Double DQN: Fixing Overestimation",
      .question = "Why does DQN overestimate, and why may double DQN help?",
      .because =
          "Because the maximum over noisy estimates picks the one that is too high by chance, and the target "
          "hands that on to the states before. Double DQN lets one network choose the action and the other say "
          "what it is worth, so that a lucky error is not believed twice; the more alike the two networks are, "
          "the less that helps.",
      .claim = "The values of a vanilla DQN are higher than the returns they stand for, and double DQN's are less so.",
      .design =
          "The chapter's agent with and without double on CartPole-v1 and Acrobot-v1, 50,000 environment steps (20,000 "
          "in the quick version), bootstrapping through the time limit. At 25 (10) moments of training five greedy "
          "episodes are played: the largest action value of each state is compared with the discounted sum of the "
          "rewards that followed, gamma 0.99. The verdict takes the mean of the later half of these moments.",
      .core_minutes = 2.1,
      .quick_core_minutes = 0.18,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
