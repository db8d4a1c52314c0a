// The maximisation bias where the truth is known: bare noise, the world of Sutton and Barto's figure 6.5 with a table
// backed up by the maximum, by the minimum and by double estimates, and the same world for deepq's own agents.
#include <cmath>
#include <numeric>

#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lab_assets.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"
#include "deepq/lab/worlds/maximization_bias.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr int64_t kArms[] = {1, 2, 5, 10, 20, 50, 100};

// Half of the exploring actions go left.
double optimal_fraction() { return BiasSettings{}.epsilon / 2; }

struct Form {
  Backup backup;
  const char *name, *text;
};
constexpr Form kForms[] = {
    {Backup::kMax, "max", "maximum"}, {Backup::kMin, "min", "minimum"}, {Backup::kDouble, "double", "double"}};

double mean_of(int64_t runs, const Job& job, const std::function<double()>& run) {
  double sum = 0;
  for (int64_t i = 0; i < runs; ++i) {
    sum += run();
    // One job is thousands of short runs: none of them asks itself.
    job.check_stop();
  }
  return sum / static_cast<double>(runs);
}

// What the backup of n quantities that are all 0 is on average, for each n.
JobResult noise(const Form& form, const Job& job) {
  Random random = random_stream(static_cast<uint64_t>(job.seed), Stream::kExperiment);
  JobResult result;
  for (const int64_t arms : kArms) {
    const double bias =
        mean_of(job.quick ? 2'000 : 10'000, job, [&] { return backed_up_noise(form.backup, arms, random); });
    result.curves["bias"].x.push_back(static_cast<double>(arms));
    result.curves["bias"].y.push_back(bias);
    // Ten arms are those of the world that the other parts play.
    if (arms == kActionsInB) result.values["bias"] = bias;
  }
  return result;
}

JobResult figure(const Form& form, const Job& job) {
  Random random = random_stream(static_cast<uint64_t>(job.seed), Stream::kExperiment);
  const int64_t runs = job.quick ? 200 : 1'000;
  const BiasSettings greedy{.backup = form.backup};
  std::vector<double> left(static_cast<size_t>(greedy.episodes));
  for (int64_t i = 0; i < runs; ++i) {
    // The first half of the progress; the loop below is the other one.
    const BiasRun run = run_maximization_bias(greedy, random);
    for (size_t e = 0; e < left.size(); ++e) left[e] += run.went_left[e] / static_cast<double>(runs);
    job.report(static_cast<double>(i) / static_cast<double>(2 * runs));
  }
  JobResult result;
  for (size_t e = 0; e < left.size(); ++e) result.curves["left"].x.push_back(static_cast<double>(e + 1));
  result.values["left_fraction"] = std::accumulate(left.begin(), left.end(), 0.0) / static_cast<double>(left.size());
  result.curves["left"].y = std::move(left);
  for (int64_t i = 0; i < runs; ++i) {
    // Uniform actions: all backups see the same data, so the estimates differ by the backup alone.
    const BiasRun run = run_maximization_bias({.backup = form.backup, .epsilon = 1, .episodes = 2'000}, random);
    result.values["error"] += (run.going_left - kTrueValueOfB) / static_cast<double>(runs);
    result.values["lowest"] += (run.lowest_in_b - kTrueValueOfB) / static_cast<double>(runs);
    result.values["highest"] += (run.highest_in_b - kTrueValueOfB) / static_cast<double>(runs);
    job.report(static_cast<double>(runs + i) / static_cast<double>(2 * runs));
  }
  return result;
}

struct Agent {
  const char *name, *text, *setting, *double_setting;  // the latter two: how the config is changed
  bool table, small_replay;
};
constexpr Agent kAgents[] = {
    {"table", "deepq's table", "agent.algorithm=q_learning", "agent.algorithm=double_q_learning", true, false},
    {"dqn", "the chapter's network", "agent.double=false", "agent.double=true", false, false},
    {"dqn-small-replay", "a network with a small replay", "agent.double=false", "agent.double=true", false, true}};

RunConfig config_of(const Agent& agent, bool twice, double epsilon, int64_t episodes) {
  RunConfig config = configure("chapter", {"agent.gamma=1", "exploration.schedule=linear", "eval.final_episodes=0",
                                           "tabular.learning_rate=0.1", twice ? agent.double_setting : agent.setting});
  config.exploration.epsilon_start = config.exploration.epsilon_end = epsilon;
  config.train.episodes = episodes;
  if (agent.small_replay) {  // so that the two networks learn from different parts of the data
    config.replay.capacity = 300;
    config.target.sync_every_updates = 300;
  }
  return config;
}

// Error of going left, the mean over the actions that do.
double error_after(RunConfig config, int64_t seed) {
  config.train.seed = seed;
  Trainer trainer(config, [] { return std::make_unique<MaximizationBias>(); });
  while (!trainer.done()) trainer.step();
  const auto q = trainer.policy().q_values(std::array{int64_t{0}});
  double sum = 0, count = 0;
  for (size_t a = 0; a < q.size(); ++a) {
    // A's ten actions go left and right in turn: five estimates of one value.
    if (!MaximizationBias::goes_left(static_cast<int64_t>(a))) continue;
    sum += q[a];
    ++count;
  }
  return sum / count - kTrueValueOfB;
}

JobResult agent_run(const Agent& agent, bool twice, const Job& job) {
  // Networks take longer: fewer runs, whose mean is one seed's number.
  const int64_t runs = agent.table ? (job.quick ? 40 : 200) : (job.quick ? 10 : 40);
  // Seeds of their own for each job: job.seed * runs to job.seed * runs + runs - 1.
  int64_t seed = job.seed * runs, done = 0;
  const RunConfig uniform = config_of(agent, twice, 1, 2'000);
  JobResult result;
  result.values["error"] = mean_of(runs, job, [&] {
    job.report(static_cast<double>(done++) / static_cast<double>(runs));
    return error_after(uniform, seed++);
  });
  return result;
}

std::string doubled(const Agent& agent) { return std::string(agent.name) + "-double"; }

std::string config_text(const Agent& agent, bool twice) { return to_toml(config_of(agent, twice, 1, 2'000)); }

std::vector<Setting> settings(bool) {
  std::vector<Setting> all;
  // Six settings of bare noise and the book's world, six of deepq's agents: each without double and with it.
  for (const Form& form : kForms) {
    all.push_back({std::string("noise-") + form.name, [&form](const Job& job) { return noise(form, job); }});
    all.push_back({std::string("figure-") + form.name, [&form](const Job& job) { return figure(form, job); }});
  }
  for (const Agent& agent : kAgents) {
    all.push_back(
        {agent.name, [&agent](const Job& job) { return agent_run(agent, false, job); }, config_text(agent, false)});
    all.push_back(
        {doubled(agent), [&agent](const Job& job) { return agent_run(agent, true, job); }, config_text(agent, true)});
  }
  return all;
}

// How far double is off, as a fraction of how far the maximum is, seed by seed.
BySeed left_over(const Results& results, const std::string& kind, const std::string& value) {
  return combine(results, Worst::kHighest, {{kind + "-double", value}, {kind + "-max", value}},
                 [](std::span<const double> x) { return std::abs(x[0]) / std::abs(x[1]); });
}

std::string bias_text(const Results& results, const Form& form) {
  return mean_text(results.values(std::string("noise-") + form.name, "bias"));
}

// What order statistics say of normal numbers.
std::vector<std::string> facts(const Results& results) {
  return {"The maximum of ten noisy estimates of 0 is on average above 0: 1.5388 of their standard deviations, here " +
              bias_text(results, kForms[0]) + ".",
          "Their minimum is as far below it: here " + bias_text(results, kForms[1]) + ".",
          "A double estimate is right on average, since what is chosen is independent of what evaluates it: here " +
              bias_text(results, kForms[2]) + ".",
          "The lowest of ten noisy estimates errs downwards: in B by " +
              mean_text(results.values("figure-max", "lowest")) + ". It does no harm where the maximum is taken."};
}

std::vector<Check> checks(const Results& results) {
  const Measure left{"left_fraction", Worst::kHighest}, error{"error", Worst::kHighest};
  std::vector<Check> all = {
      runs_above("Q-learning goes left more than exploring makes it", "fraction of the first 300 episodes",
                 runs(results, left, "figure-max"), optimal_fraction()),
      runs_above("backed up by the maximum, going left looks too good", "estimate - truth",
                 runs(results, error, "figure-max"), 0),
      runs_below("backed up by the minimum, going left looks too bad", "estimate - truth",
                 runs(results, error, "figure-min"), 0),
      runs_below("double estimates remove the error", "what is left of it as a fraction of the maximum's",
                 left_over(results, "figure", "error"), 0.1),
      pairs_below("double estimates go left less", "difference of the fraction of the first 300 episodes",
                  difference(results, left, "figure-double", "figure-max"))};
  for (const Agent& agent : kAgents)
    all.push_back(pairs_below(std::string("with ") + agent.text + " double estimates less",
                              "difference of the estimates of going left",
                              difference(results, error, doubled(agent), agent.name)));
  return all;
}

// One line for each backup, of the settings of this kind.
page::ChartBuilder form_chart(const Results& results, const std::string& kind, const std::string& curve,
                              const std::string& title, const Axes& axes) {
  std::vector<Line> lines;
  for (const Form& form : kForms) lines.push_back({kind + "-" + form.name, form.text});
  page::ChartBuilder chart = lines_chart(results, curve, title, lines, axes);
  chart.set_wide();
  return chart;
}

std::string measured(const Results& results) {
  const auto mean = [&](const char* form, const char* value) {
    return plain_mean(results.values(std::string("figure-") + form, value));
  };
  return "in the world drawn below, going left is worth -0.1; the estimate was off by " + mean("max", "error") +
         " with the maximum, by " + mean("min", "error") + " with the minimum and by " + mean("double", "error") +
         " with double estimates. In the first 300 episodes the fraction in which Q-learning went left was " +
         mean("max", "left_fraction") + ", with double estimates " + mean("double", "left_fraction") +
         "; exploring alone makes it " + page::brief_text(optimal_fraction()) + ".";
}

Finding figures(const Results& results) {
  page::ChartBuilder left =
      form_chart(results, "figure", "left", "Fraction of the runs that go left", {"fraction of runs", "episode"});
  left.caption("Exploration alone gives " + page::brief_text(100 * optimal_fraction()) +
               "%. Mean over seeds with its interval; epsilon " + page::brief_text(BiasSettings{}.epsilon) + ".");
  left.set("tall", true);
  page::ChartBuilder bias =
      form_chart(results, "noise", "bias", "Bare noise: what the backup of n quantities that are all 0 is on average",
                 {"bias", "n"});
  bias.set("log_x", true);
  bias.caption("Each quantity is the mean of ten samples of standard deviation 1; n is on a log scale.");
  // The page: what it says, then errors and tables, the three backups of the book's world before deepq's own agents.
  Finding finding;
  finding.measured = measured(results);
  finding.picture =
      "<figure class=\"picture\">" + lab_asset("two_states.svg") +
      "<figcaption>The world of Sutton and Barto 2018, figure 6.5. Going left from A is worth -0.1 and going "
      "right 0, so right is the better choice; but of B's ten noisy rewards one always looks good, and while "
      "it does, left seems worth going.</figcaption></figure>\n";
  finding.terms = {{"going left",
                    "What the noise talks the learner into: the worse of the two actions in A, since it leads "
                    "to B. Exploring alone takes it in " +
                        page::brief_text(100 * optimal_fraction()) + "% of the episodes."},
                   {"double estimates", "Two tables: one chooses the best action, the other says what it is worth."}};
  finding.facts = facts(results);
  finding.charts = {std::move(left).finish(), std::move(bias).finish()};
  page::IntervalChart errors{.title = "Estimate of going left minus its true value of -0.1",
                             .caption = "After 2,000 episodes of uniformly random actions.",
                             .rows = {},
                             .reference = 0};
  page::Table table{
      .caption = "Means over seeds, after 2,000 episodes of uniformly random actions; estimates minus -0.1",
      .columns = {"backup", "lowest in B", "highest in B", "fraction left, 300 episodes"},
      .rows = {}};
  for (const Form& form : kForms) {
    const std::string name = std::string("figure-") + form.name;
    const stats::Interval error = finite_mean(results.values(name, "error"));
    if (std::isfinite(error.value)) errors.rows.push_back({form.text, error.value, error.low, error.high});
    // Lowest and highest action of B: noise errs both ways, and the maximum picks one of them.
    table.rows.push_back({form.text, mean_text(results.values(name, "lowest")),
                          mean_text(results.values(name, "highest")),
                          mean_text(results.values(name, "left_fraction"))});
  }
  for (const Agent& agent : kAgents) {
    for (const bool twice : {false, true}) {
      // Agents have no estimates of single actions of B: a row of the intervals only.
      const stats::Interval error = finite_mean(results.values(twice ? doubled(agent) : agent.name, "error"));
      if (std::isfinite(error.value))
        errors.rows.push_back(
            {std::string(agent.text) + (twice ? ", double" : ""), error.value, error.low, error.high});
    }
  }
  finding.intervals = {errors};
  finding.tables = {table};
  finding.notes = {
      "Noise puts as many estimates below the truth as above it. A maximum never picks the low ones, so they do not "
      "spread to other states; they would if the policy chose by the minimum.",
      "The two networks of double DQN are copies of one. Where its replay holds everything, both have learnt from the "
      "same rewards, the choice and the evaluation share their noise, and little is left for double to remove.",
      "deepq's agents have one number of actions for all states: for them A's ten actions go left and right in turn."};
  return finding;
}

}  // namespace

Experiment max_bias() {
  return {
      .name = "max-bias",
      .section = "Exercises: conceptual question 3",
      .question = "Why does the maximum overestimate, and why not take the minimum?",
      .because =
          "Because noise puts as many estimates too high as too low, and a maximum always picks a high one, so "
          "that errors upwards are handed on to other states and errors downwards are not. To choose by the "
          "minimum does the same the other way round: as wrong, only too low. Right on average is to let one "
          "estimate choose and another, independent one say what the choice is worth.",
      .claim =
          "A maximum over noisy estimates is too high, a minimum is too low only where the policy chooses by it, "
          "and double estimates remove the error.",
      .design =
          "Bare noise, and the world of Sutton and Barto 2018, figure 6.5, where going left is worth -0.1 and leads to "
          "ten actions whose rewards have standard deviation 1. A table (step size 0.1, gamma 1) is backed up by the "
          "maximum, "
          "by "
          "the minimum and by double estimates. Measured: how often the first 300 episodes at epsilon 0.1 go left "
          "(mean of 1,000 runs for each seed, 200 in the quick version), and how far the estimate of going left is "
          "from -0.1 after 2,000 episodes of uniformly random actions, so that all learn from the same. The latter "
          "also for deepq's Q-learning and double Q-learning (200 or 40 runs) and for DQN with and without double (40 "
          "or 10 runs): the chapter's agent, whose replay holds everything, and one with a replay of 300 and a target "
          "copied every 300 updates.",
      .core_minutes = 4.2,
      .quick_core_minutes = 0.25,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
