// Dueling against plain networks as the number of redundant actions grows: evaluating a policy in the corridor of Wang
// et al. 2016, section 4.1, and learning CartPole with actions of many names.
#include <array>
#include <cmath>

#include "deepq/env/registry.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"
#include "deepq/lab/worlds/corridor.h"
#include "deepq/lab/worlds/repeated_actions.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

constexpr std::array<int64_t, 3> kCorridorActions = {5, 10, 20};
constexpr std::array<int64_t, 3> kCartPoleNames = {1, 4, 16};  // of each of the two actions
struct Policy {
  const char* name;
  double epsilon;
};
constexpr Policy kPolicies[] = {{"0.001", 0.001}, {"0.1", 0.1}};

std::string kind(bool dueling) { return dueling ? "dueling" : "plain"; }
std::string corridor_name(const Policy& policy, int64_t actions, bool dueling) {
  return "corridor-" + kind(dueling) + "-" + std::to_string(actions) + "-epsilon-" + policy.name;
}
std::string cartpole_name(int64_t names, bool dueling) {
  return "cartpole-" + kind(dueling) + "-" + std::to_string(2 * names);
}

// The streams share all layers but the last hidden one, whose units they divide between them: as many hidden units as
// the plain network has.
NetworkConfig network(int64_t units, bool dueling) {
  return {.hidden_sizes = {units, dueling ? units / 2 : units}, .dueling = dueling};
}

JobResult corridor(const CorridorSettings& settings, const Job& job) {
  job.check_stop();
  const CorridorRun run = evaluate_in_corridor(settings, static_cast<uint64_t>(job.seed));
  JobResult result;
  const size_t half = run.error.size() / 2;
  double later = 0;  // mean of the later half of the run
  for (size_t i = 0; i < run.error.size(); ++i) {
    // In logarithms: errors fall through powers of ten, and a mean of them would be that of the largest.
    const double logarithm = std::log10(run.error[i]);
    result.curves["error"].x.push_back(static_cast<double>(settings.updates * static_cast<int64_t>(i + 1)) /
                                       static_cast<double>(run.error.size()));
    result.curves["error"].y.push_back(run.error[i]);
    if (i >= half) later += logarithm / static_cast<double>(run.error.size() - half);
  }
  result.values["score"] = -later;  // more is better, as with a return
  result.values["error"] = std::pow(10, later);
  return result;
}

RunConfig cartpole_config(bool dueling, bool quick) {
  RunConfig config = configure("chapter", {"agent.bootstrap_at_truncation=true"});
  config.network = network(64, dueling);
  config.train.env_steps = quick ? 12'000 : 40'000;
  config.eval.final_episodes = 20;
  return config;
}

JobResult cartpole(int64_t names, bool dueling, const Job& job) {
  const RunConfig config = cartpole_config(dueling, job.quick);
  JobResult result = train({.config = config, .env = repeat_actions(find_env(config.env.id), names)}, job);
  result.values["score"] = result.values["mean_return"];
  return result;
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const bool dueling : {false, true}) {
    for (const Policy& policy : kPolicies) {
      for (const int64_t actions : kCorridorActions) {
        // 50-50 units as in the paper's experiment.
        const CorridorSettings settings{.network = network(50, dueling),
                                        .actions = actions,
                                        .epsilon = policy.epsilon,
                                        .updates = quick ? 10'000 : 40'000};
        all.push_back(
            {corridor_name(policy, actions, dueling), [settings](const Job& job) { return corridor(settings, job); }});
      }
    }
    for (const int64_t names : kCartPoleNames)
      // The number of names is no key, but another job: it goes into the text that identifies it.
      all.push_back({cartpole_name(names, dueling), [=](const Job& job) { return cartpole(names, dueling, job); },
                     to_toml(cartpole_config(dueling, quick)) + std::to_string(names)});
  }
  return all;
}

// Dueling's score less plain's.
BySeed gain(const Results& results, const std::string& dueling, const std::string& plain) {
  return difference(results, {"score"}, dueling, plain);
}

using NameOf = std::function<std::string(int64_t size, bool dueling)>;

// The gain at the second size less that at the first.
BySeed growth(const Results& results, const NameOf& name, int64_t from, int64_t to) {
  std::vector<Source> scores;
  for (const int64_t size : {from, to})
    // x: plain and dueling of the first size, then of the second.
    for (const bool dueling : {false, true}) scores.push_back({name(size, dueling), "score"});
  return combine(results, Worst::kLowest, scores,
                 [](std::span<const double> x) { return (x[3] - x[2]) - (x[1] - x[0]); });
}

struct Part {
  bool corridor;
  std::string text;
  std::array<int64_t, 3> sizes;
  NameOf name;

  const char* unit() const { return corridor ? "powers of ten of the squared error" : "return over training"; }
  std::string actions(int64_t size) const { return std::to_string(corridor ? size : 2 * size) + " actions"; }
};

std::vector<Part> parts() {
  std::vector<Part> all;
  for (const Policy& policy : kPolicies)
    all.push_back({true, std::string("in the corridor, epsilon ") + policy.name, kCorridorActions,
                   [&policy](int64_t size, bool dueling) { return corridor_name(policy, size, dueling); }});
  all.push_back({false, "on CartPole", kCartPoleNames, cartpole_name});
  return all;
}

page::Chart chart(const Results& results, const Part& part) {
  std::vector<Line> lines;
  // Fewest and most actions: four lines, not six.
  for (const int64_t size : {part.sizes.front(), part.sizes.back()})
    for (const bool dueling : {false, true})
      lines.push_back({part.name(size, dueling), kind(dueling) + ", " + part.actions(size)});
  page::ChartBuilder chart =
      part.corridor
          ? lines_chart(results, "error", "Squared error " + part.text, lines, {"squared error", "update"})
          : lines_chart(results, "return", "Return of the episodes of training " + part.text, lines, {"mean return"});
  chart.set_wide();
  if (part.corridor) chart.set("log_y", true);
  chart.caption(std::string("Mean over seeds with its interval; the fewest and the most actions") +
                (part.corridor ? "; a log scale." : "."));
  return std::move(chart).finish();
}

std::vector<Check> checks_of(const Results& results, const Part& part) {
  const int64_t first = part.sizes.front(), last = part.sizes.back();
  return {
      pairs_above(part.text + " with " + part.actions(last) + " dueling is better",
                  std::string("gain in ") + part.unit(), gain(results, part.name(last, true), part.name(last, false))),
      pairs_above(part.text + " dueling gains more with " + part.actions(last) + " than with " + part.actions(first),
                  std::string("growth of the gain in ") + part.unit(), growth(results, part.name, first, last))};
}

std::vector<Check> checks(const Results& results) {
  std::vector<Check> all;
  for (const Part& part : parts())
    for (const Check& check : checks_of(results, part)) all.push_back(check);
  return all;
}

Finding figures(const Results& results) {
  Finding finding;
  page::Table table{.caption =
                        "Means over seeds. In the corridor the squared error, summed over cells and actions, as "
                        "the geometric mean of the later half of the run; on CartPole the return over training.",
                    .columns = {"task", "actions", "plain", "dueling"},
                    .rows = {}};
  for (const Part& part : parts()) {
    finding.charts.push_back(chart(results, part));
    page::IntervalChart gains{.title = "Dueling's gain " + part.text,
                              .caption = std::string("In ") + part.unit() + ".",
                              .rows = {},
                              .reference = 0};
    const char* const value = part.corridor ? "error" : "mean_return";
    for (const int64_t size : part.sizes) {
      const std::string plain = part.name(size, false), dueling = part.name(size, true);
      const stats::Interval of_size = finite_mean(gain(results, dueling, plain).values);
      if (std::isfinite(of_size.value))
        gains.rows.push_back({part.actions(size), of_size.value, of_size.low, of_size.high});
      table.rows.push_back({part.text, part.actions(size), mean_text(results.values(plain, value)),
                            mean_text(results.values(dueling, value))});
      // The sentence tells of the most actions, where the claim expects the most.
      if (size == part.sizes.back())
        finding.measured += (finding.measured.empty() ? "with the most actions dueling gained " : ", ") +
                            page::brief_text(of_size.value) + " " + part.text + " (in " + part.unit() + ")";
    }
    finding.intervals.push_back(gains);
  }
  finding.measured += ".";
  finding.terms = {{"plain, dueling",
                    "One stream of hidden units for all values, or two of half the size: one for the "
                    "state's value, one for the actions' advantages."},
                   {"the corridor", "A world of 70 cells where most actions do nothing (Wang et al. 2016)."},
                   {"gain in powers of ten", "1: dueling's squared error is a tenth of the plain network's."}};
  finding.tables = {table};
  finding.notes = {
      "With epsilon 0.001, the paper's, all but one action of a cell are hardly ever tried: what is measured there is "
      "mostly how a network generalises to actions that it does not see."};
  return finding;
}

}  // namespace

Experiment dueling() {
  return {
      .name = "dueling",
      .section = "Dueling DQN: Separating Value and Advantage",
      .question = "Why separate value and advantage?",
      .because =
          "Because in many states it hardly matters what is done: a dueling network learns how good a state is "
          "from whatever was done there, and has only the differences between the actions to learn one by one. "
          "The more actions do the same, the more each visit should teach about all of them.",
      .claim = "A dueling network is better than a plain one, and the more so the more actions do the same.",
      .design =
          "The corridor of Wang et al. 2016, section 4.1 (70 cells; up, down, left, right and 1, 6 or 16 actions that "
          "do "
          "nothing): the values of an epsilon-greedy policy, epsilon 0.001 as there and 0.1, are learnt by TD(0) with "
          "networks of 50-50 hidden units, plain and dueling (two streams of 25), in 40,000 updates of batch 32 "
          "(10,000 "
          "in the quick version), Adam with step size 0.001, gamma 0.99, cells one-hot, reward 1 at the end; batch, "
          "optimiser, gamma and the encoding are not in the paper. Measured: the sum of squared errors against the "
          "true values of all cells and actions. And the chapter's agent (64-64; dueling 64 and two streams of 32) on "
          "CartPole-v1 where each action goes by 1, 4 or 16 names, 40,000 (12,000) environment steps, bootstrapping "
          "through the time limit. Measured: the mean return over training.",
      .core_minutes = 7.5,
      .quick_core_minutes = 0.55,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
