// How much is learnt from the same environment steps when each is replayed more often (Fedus et al. 2020, "Revisiting
// Fundamentals of Experience Replay": the replay ratio), and what that is worth against a table, which uses each
// transition once.
#include "deepq/env/registry.h"
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/probes/replay_table.h"
#include "deepq/lab/probes/solve_watch.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"

namespace deepq::lab {
namespace {

struct Variant {
  const char *name, *text;
  std::vector<std::string> assignments;
};

const std::vector<Variant>& ratios() {
  static const std::vector<Variant> kRatios = {{"ratio-1-16", "1/16", {"train.update_every_env_steps=16"}},
                                               {"ratio-1-4", "1/4", {"train.update_every_env_steps=4"}},
                                               {"ratio-1", "1", {}},
                                               {"ratio-4", "4", {"train.updates_per_round=4"}},
                                               {"ratio-8", "8", {"train.updates_per_round=8"}}};
  return kRatios;
}

const char* const kTableReplay = "grid-table-replay";

const std::vector<Variant>& learners() {
  // A replay of 63: with the step's own update a table learns from 64 entries a step, as many as DQN has in a batch.
  static const std::vector<Variant> kLearners = {
      {"grid-table", "table, rate 0.1", {"agent.algorithm=q_learning", "tabular.learning_rate=0.1"}},
      {"grid-table-1", "table, rate 1", {"agent.algorithm=q_learning", "tabular.learning_rate=1.0"}},
      {kTableReplay, "table, rate 0.1, replay of 63", {}},
      {"grid-dqn", "DQN, replay of 64", {}},
      {"grid-dqn-newest", "DQN, the newest 64", {"replay.capacity=64"}}};
  return kLearners;
}

constexpr double kShortest = -13;  // 14 steps from corner to corner, -1 for each but the last

JobResult run_learner(const RunConfig& config, const Job& job) {
  SolveWatch watch(find_env(config.env.id, config.env_options), kShortest, config.train.env_steps);
  const auto probe = [&](Trainer& trainer, int64_t env_steps, JobResult&) { watch.see(env_steps, trainer.policy()); };
  JobResult result = train({.config = config,
                            .probes = config.train.env_steps / SolveWatch::kEveryEnvSteps,
                            .probe = probe,
                            .final_evaluation = false},
                           job);
  watch.write(result);
  return result;
}

JobResult run_table_with_replay(const RunConfig& config, const Job& job) {
  const EnvFactory env = find_env(config.env.id, config.env_options);
  SolveWatch watch(env, kShortest, config.train.env_steps);
  // The config gives epsilon, world and length; how it learns is the table's own (replay_table.h).
  run_replay_table({.epsilon = config.exploration.epsilon_end, .env_steps = config.train.env_steps}, env,
                   static_cast<uint64_t>(job.seed), [&](int64_t env_steps, Policy& policy) {
                     watch.see(env_steps, policy);
                     // This loop is not train(), which looks for a stop by itself.
                     if (env_steps % 500 == 0) job.check_stop();
                   });
  JobResult result;
  watch.write(result);
  return result;
}

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const Variant& ratio : ratios()) {
    // Exploration by environment steps: by updates, as the chapter has it, would differ between the ratios.
    RunConfig config = configure("chapter", {"exploration.schedule=linear", "exploration.anneal_env_steps=4000",
                                             "agent.bootstrap_at_truncation=true", "eval.final_episodes=20"});
    for (const std::string& assignment : ratio.assignments) set_field(config, assignment);
    config.train.env_steps = quick ? 8'000 : 20'000;
    all.push_back({ratio.name, [config](const Job& job) { return train({.config = config}, job); }, to_toml(config)});
  }
  for (const Variant& learner : learners()) {
    RunConfig config = configure(
        // Epsilon is constant: what differs is how much is learnt from a step, and not how much is explored.
        "chapter", {"env.id=GridWorld-v0", "grid_world.rows=8", "grid_world.columns=8", "grid_world.starts=[0]",
                    "grid_world.step_reward=-1.0", "grid_world.goal_reward=0.0", "agent.bootstrap_at_truncation=true",
                    "exploration.epsilon_start=0.1", "exploration.epsilon_end=0.1"});
    for (const std::string& assignment : learner.assignments) set_field(config, assignment);
    config.train.env_steps = quick ? 8'000 : 20'000;
    // A table with replay is none of deepq's algorithms: it has a loop of its own (replay_table.h).
    const auto run = learner.name == kTableReplay ? run_table_with_replay : run_learner;
    all.push_back({learner.name, [config, run](const Job& job) { return run(config, job); }, to_toml(config)});
  }
  return all;
}

std::vector<Check> checks(const Results& results) {
  const auto more = [&](const std::string& statement, const char* setting, const char* other) {
    return pairs_above(statement, "difference of the mean return over training",
                       difference(results, {"mean_return"}, setting, other));
  };
  // A run that never solved it took all its steps, and one that diverged the most of any.
  const auto sooner = [&](const std::string& statement, const char* setting, const char* other) {
    return pairs_below(statement, "difference of the environment steps to solve it",
                       difference(results, {"steps_to_solve", Worst::kHighest}, setting, other));
  };
  // First that more updates help at all, then, on the grid, what replay does and what the network does.
  return {more("on CartPole an update for each step learns more than one for 16 steps", "ratio-1", "ratio-1-16"),
          more("on CartPole 8 updates for each step learn more than one", "ratio-8", "ratio-1"),
          sooner("on the grid replay makes a table need fewer steps", kTableReplay, "grid-table"),
          sooner("on the grid replay makes DQN need fewer steps than the newest 64", "grid-dqn", "grid-dqn-newest"),
          sooner("on the grid DQN needs fewer steps than a table of rate 0.1", "grid-dqn", "grid-table"),
          sooner("on the grid DQN needs fewer steps than a table of rate 1", "grid-dqn", "grid-table-1")};
}

page::Table table(const std::string& caption, const Results& results, const std::vector<Variant>& variants,
                  const std::vector<std::string>& columns, const std::vector<const char*>& values) {
  page::Table table{.caption = caption, .columns = columns, .rows = {}};
  for (const Variant& variant : variants) {
    table.rows.push_back({variant.text});
    for (const char* value : values) table.rows.back().push_back(mean_text(results.values(variant.name, value)));
  }
  return table;
}

std::vector<Line> lines(const std::vector<Variant>& variants, const std::string& after = "") {
  std::vector<Line> lines;
  for (const Variant& variant : variants)
    lines.push_back({variant.name,
                     variant.name == std::string("ratio-1") ? "1 update a step, the chapter's" : variant.text + after});
  return lines;
}

std::string measured(const Results& results) {
  const auto mean = [&](const char* setting, const char* value) { return plain_mean(results.values(setting, value)); };
  return "the grid was solved after " + mean("grid-table", "steps_to_solve") + " steps by a table, after " +
         mean(kTableReplay, "steps_to_solve") + " by the same table with replay and after " +
         mean("grid-dqn", "steps_to_solve") + " by DQN; on CartPole the return over training was " +
         mean("ratio-1-16", "mean_return") + " with an update for 16 steps, " + mean("ratio-1", "mean_return") +
         " with one for each and " + mean("ratio-8", "mean_return") + " with 8 for each.";
}

Finding figures(const Results& results) {
  const std::vector<Line> by_ratio = lines(ratios(), " updates a step"), by_learner = lines(learners());
  Finding finding;
  finding.intervals = {
      {.title = "CartPole: return over training",
       .caption = "Mean over all episodes, each weighted by its length.",
       .rows = mean_rows(results, "mean_return", by_ratio)},
      {.title = "Grid of 8 x 8: environment steps to solve it",
       .caption = "The first of 5 evaluations in a row that take the shortest way; all steps of the run "
                  "where there are none.",
       .rows = mean_rows(results, "steps_to_solve", by_learner),
       .log_scale = true}};
  finding.measured = measured(results);
  finding.terms = {{"updates a step", "How often the agent learns from a batch of replay for each step in the world."},
                   {"to solve", "Until the first of 5 evaluations in a row that take the shortest way."}};
  // Grey in each small chart: ratio 1, which is the chapter's own, and DQN with its replay.
  finding.multiples = {multiples(results, {.curve = "return",
                                           .title = "CartPole: return by updates a step",
                                           .reference = by_ratio[2],
                                           .lines = by_ratio,
                                           .axes = {"mean return"}}),
                       multiples(results, {.curve = "greedy",
                                           .title = "Grid: greedy return",
                                           .reference = by_learner[3],
                                           .lines = by_learner,
                                           .axes = {"greedy return"}})};
  finding.tables = {table("CartPole, by updates a step; means over seeds", results, ratios(),
                          {"updates a step", "last 100 episodes", "greedy return at the end", "seconds of training"},
                          {"last_return", "eval_return", "seconds"}),
                    table("Grid of 8 x 8; means over seeds", results, learners(),
                          {"learner", "solved, fraction of runs"}, {"solved"})};
  finding.notes = {
      "Where a run was not solved, its steps to solve are those of the whole run: less than the truth.",
      "The target network is copied every 100 updates, so more updates a step also copy it more often. Step sizes are "
      "the same for all ratios; seconds are of this machine, several runs side by side.",
      "The table of rate 1 is as fast as one without memory can be here: nothing on this grid is random."};
  return finding;
}

}  // namespace

Experiment replay_ratio() {
  return {
      .name = "replay-ratio",
      .section = "Exercises: conceptual question 4",
      .question = "Why does replay make DQN more sample-efficient than tabular Q-learning?",
      .because =
          "Because a transition that is kept can be learnt from many times, where tabular Q-learning uses each "
          "once and throws it away. Every time it is replayed, news of a reward moves on by a step, and no step "
          "in the world is needed for it.",
      .claim =
          "Replay learns more from the same environment steps, the more often each is replayed, and so DQN needs "
          "fewer of them than tabular Q-learning.",
      .design =
          "The chapter's agent on CartPole-v1, bootstrapping at truncation, 20,000 environment steps (quick: 8,000), "
          "with 1/16, 1/4, 1, 4 and 8 updates a step; epsilon falls to 0.01 within 4,000 steps for all. And on a grid "
          "of 8 x 8 (corner to corner, -1 a step, time limit 100, epsilon 0.1, as many steps) tabular Q-learning with "
          "rates 0.1 and 1, the same table with 63 replayed updates more for each step, DQN, and DQN with the newest "
          "64 transitions in place of replay. Measured: on CartPole the return over training; on the grid the "
          "environment steps to solve it, until the first of 5 evaluations in a row, one every 100 steps, in which the "
          "greedy policy takes the shortest way.",
      .core_minutes = 2.5,
      .quick_core_minutes = 0.25,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
