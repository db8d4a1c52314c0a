// Baird's star with each leg of the triad removed in turn, and the naive deep agent with and without replay and target
// network: how often its values pass what any return can be (soft divergence: van Hasselt et al. 2018, "Deep
// Reinforcement Learning and the Deadly Triad"), and how badly it learns.
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"
#include "deepq/lab/worlds/baird.h"

namespace deepq::lab {
namespace {

constexpr double kDivergedFactor = 10;

JobResult star(const BairdSettings& settings, const Job& job) {
  const BairdRun run = run_baird(settings, static_cast<uint64_t>(job.seed));
  JobResult result;
  Curve& error = result.curves["error"];
  for (size_t i = 0; i < run.error.size(); ++i) {
    // The points are evenly spread: the last one is the last step.
    error.x.push_back(static_cast<double>(settings.steps * static_cast<int64_t>(i + 1)) /
                      static_cast<double>(run.error.size()));
    error.y.push_back(run.error[i]);
  }
  result.values["error"] = run.error.back();
  result.values["grew"] = run.error.back() > kDivergedFactor * run.first_error ? 1 : 0;
  return result;
}

// The agent of the chapter before its two remedies: it learns from the newest transition alone, and its targets are its
// own present values.
RunConfig deep(const std::string& env, bool naive, bool quick) {
  RunConfig config = configure("chapter", {"env.id=" + env, "agent.bootstrap_at_truncation=true"});
  config.train.env_steps = quick ? 10'000 : 40'000;
  config.eval.final_episodes = 20;
  if (naive) {
    config.agent.batch_size = 1;  // the newest transition alone, and targets of the present network
    config.replay.capacity = 1;
    config.target.sync_every_updates = 1;
  }
  return config;
}

struct DeepTask {
  const char *name, *env;
};
constexpr DeepTask kDeepTasks[] = {{"CartPole", "CartPole-v1"}, {"Acrobot", "Acrobot-v1"}};
const Measure kBeyondBound{"beyond_bound", Worst::kHappened};
constexpr double kLargestReward = 1;  // of both tasks, in absolute value

double bound(const RunConfig& config) { return kLargestReward / (1 - config.agent.gamma); }

Setting deep_setting(const DeepTask& task, bool naive, bool quick) {
  const RunConfig config = deep(task.env, naive, quick);
  return {std::string(naive ? "naive-" : "dqn-") + task.name,
          [config](const Job& job) {
            JobResult result = train({.config = config}, job);
            // max_abs_q is of all batches of the run: one value beyond the bound is soft divergence.
            result.values["beyond_bound"] = result.values["max_abs_q"] > bound(config) ? 1 : 0;
            return result;
          },
          to_toml(config)};
}

// Why a leg's run cannot grow, whatever the behaviour does; empty: it depends on what it does.
struct Leg {
  const char *setting, *text;
  BairdSettings settings;
  const char* certain = "";
};
const Leg kLegs[] = {
    {"star-all-three", "with all three legs", {}},
    {"star-table",
     "without function approximation",
     {.approximation = false},
     "a state's value moves a part of the way to another state's, and so none passes the largest of the first ones"},
    {"star-true-return",
     "without bootstrapping",
     {.bootstrapping = false},
     "each update takes the weights nearer to the true ones, as the step size of 0.01 times the importance ratio of "
     "at most 7 times the features' squared length of 5 is below 2"},
    {"star-on-policy", "without off-policy learning", {.off_policy = false}}};

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Leg& leg : kLegs) all.push_back({leg.setting, [&leg](const Job& job) { return star(leg.settings, job); }});
  for (const DeepTask& task : kDeepTasks) {
    for (const bool naive : {true, false}) all.push_back(deep_setting(task, naive, quick));
  }
  return all;
}

page::Chart star_chart(const Results& results) {
  std::vector<Line> lines;
  for (const Leg& leg : kLegs) lines.push_back({leg.setting, leg.text});
  page::ChartBuilder chart =
      lines_chart(results, "error", "Baird's star: error of the values", lines, {"error", "update"});
  chart.set_wide();
  chart.set("tall", true);
  chart.set("log_y", true);
  chart.caption(
      "Root mean square over the seven states, whose true values are 0, on a log scale; mean over seeds with its "
      "interval.");
  return std::move(chart).finish();
}

std::vector<Check> checks(const Results& results) {
  std::vector<Check> all;
  const auto grew = [&](const Leg& leg) { return runs(results, {"grew", Worst::kHappened}, leg.setting); };
  for (const Leg& leg : kLegs) {
    if (*leg.certain != 0) continue;  // what cannot come out otherwise is no test
    const std::string statement = std::string("Baird's star ") + leg.text;
    const std::string quantity = "fraction of runs that diverged";
    // The first leg is all three, which must diverge; of the others none may.
    all.push_back(leg.setting == kLegs[0].setting ? most_runs(statement + " diverges", quantity, grew(leg))
                                                  : few_runs(statement + " does not", quantity, grew(leg)));
  }
  for (const DeepTask& task : kDeepTasks)
    all.push_back(pairs_above(
        std::string("on ") + task.name + " the deep agent learns worse without replay and target network",
        "difference of the mean return over training",
        difference(results, {"mean_return"}, std::string("dqn-") + task.name, std::string("naive-") + task.name)));
  return all;
}

std::string measured(const Results& results) {
  const auto grew = [&](const Leg& leg) {
    return runs_with(runs(results, {"grew", Worst::kHappened}, leg.setting).values);
  };
  const auto mean = [&](const char* setting) { return plain_mean(results.values(setting, "mean_return")); };
  // The two legs whose outcome is not certain beforehand.
  return "on Baird's star all three together diverged in " + grew(kLegs[0]) + " runs, without off-policy learning in " +
         grew(kLegs[3]) +
         "; on CartPole an agent without replay and target network had a mean return over training of " +
         mean("naive-CartPole") + ", with both of " + mean("dqn-CartPole") + ".";
}

Finding figures(const Results& results) {
  Finding finding;
  finding.measured = measured(results);
  finding.terms = {{"Baird's star",
                    "Seven states, a linear network whose features overlap, and rewards of 0: a small world in which "
                    "Q-learning's kind "
                    "of update runs away (Baird 1995)."},
                   {"diverged", "The error of the values ends above ten times what it was at first."},
                   {"soft divergence", "Values beyond any return that there can be, which training survives."}};
  for (const Leg& leg : kLegs)
    if (*leg.certain != 0)
      finding.facts.push_back(std::string("Baird's star ") + leg.text + " cannot diverge: " + leg.certain + ".");
  page::IntervalChart beyond{.title = "Deep agents: fraction of runs with soft divergence",
                             .caption = "Largest |Q| in any batch beyond r_max / (1 - gamma) = 100.",
                             .rows = {}};
  page::Table table{.caption = "Deep agents, means over seeds",
                    .columns = {"agent", "return over training", "greedy return after it", "largest |Q|"},
                    .rows = {}};
  // Without the two remedies and with them, task by task; divergence is counted and not averaged.
  for (const DeepTask& task : kDeepTasks) {
    const std::string naive = std::string("naive-") + task.name, dqn = std::string("dqn-") + task.name;
    for (const std::string& name : {naive, dqn}) {
      const std::string agent =
          std::string(task.name) + (name == naive ? ", without replay and target network" : ", with both: DQN");
      const stats::Interval fraction = fraction_interval(runs(results, kBeyondBound, name).values);
      beyond.rows.push_back({agent, fraction.value, fraction.low, fraction.high});
      table.rows.push_back({agent, mean_text(results.values(name, "mean_return")),
                            mean_text(results.values(name, "eval_return")),
                            mean_text(results.values(name, "max_abs_q"))});
    }
  }
  finding.charts = {star_chart(results)};
  finding.intervals = {beyond};
  finding.tables = {table};
  return finding;
}

}  // namespace

Experiment deadly_triad() {
  return {
      .name = "deadly-triad",
      .section = "The Deadly Triad: Why Naive Deep Q-Learning Fails",
      .question = "Why does naive deep Q-learning fail?",
      .because =
          "Because an update of one state's value also moves the values that later targets are made of "
          "(function approximation, bootstrapping), and data of another policy come back too rarely to the "
          "states that would correct them (off-policy learning): an error can then feed itself and grow without "
          "end. Take away any of the three, and the circle is broken.",
      .claim = "Function approximation, bootstrapping and off-policy learning together can diverge; any two are fine.",
      .design =
          "Baird's star, 10,000 updates of semi-gradient TD(0) of step size 0.01 at gamma 0.99, with all three "
          "legs and with each removed in turn; a run has diverged when the error of its values ends above ten "
          "times what it was at first. And the deep agent of the chapter with and without replay and target "
          "network, whose values no return can pass: there it is counted how often they do.",
      .core_minutes = 1,
      .quick_core_minutes = 0.05,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
