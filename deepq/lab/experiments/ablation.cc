// The chapter's agent taken apart and added to: without replay and target network, with one of them, with both, and
// from there with double, dueling, prioritised replay, three-step returns, and all four (after Hessel et al. 2018,
// "Rainbow", which takes parts away from the whole).
#include "deepq/lab/experiments/experiments.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/outcomes.h"
#include "deepq/lab/text.h"
#include "deepq/lab/training.h"

namespace deepq::lab {
namespace {

struct Part {
  const char *name, *text;
  std::vector<std::string> assignments;
};

const std::vector<Part>& parts() {
  static const std::vector<Part> kParts = {
      // A ring of one transition is no replay; a copy after each update is no target network.
      {"neither", "neither", {"replay.capacity=1", "agent.batch_size=1", "target.sync_every_updates=1"}},
      {"neither-64", "neither, the newest 64", {"replay.capacity=64", "target.sync_every_updates=1"}},
      {"replay", "replay only", {"target.sync_every_updates=1"}},
      {"target", "target network only", {"replay.capacity=1", "agent.batch_size=1"}},
      {"target-64", "target network only, the newest 64", {"replay.capacity=64"}},
      {"both", "both: the chapter's DQN", {}},
      {"double", "both, double", {"agent.double=true"}},
      {"dueling", "both, dueling", {"network.dueling=true"}},
      {"prioritized", "both, prioritized", {"replay.prioritized=true"}},
      {"n-step", "both, 3-step returns", {"agent.n_step=3"}},
      {"all",
       "both, and all four",
       {"agent.double=true", "network.dueling=true", "replay.prioritized=true", "agent.n_step=3"}},
  };
  return kParts;
}
constexpr size_t kCore = 6;  // the first so many are without extensions

struct AblationTask {
  const char *name, *env;
  int64_t env_steps, quick_env_steps;
};
constexpr AblationTask kTasks[] = {{"CartPole", "CartPole-v1", 40'000, 10'000},
                                   {"Acrobot", "Acrobot-v1", 20'000, 6'000}};

std::string setting_name(const AblationTask& task, const std::string& part) { return part + "-" + task.name; }

std::vector<Setting> settings(bool quick) {
  std::vector<Setting> all;
  for (const AblationTask& task : kTasks) {
    for (const Part& part : parts()) {
      RunConfig config = configure("chapter", part.assignments);
      config.env.id = task.env;
      config.agent.bootstrap_at_truncation = true;
      config.train.env_steps = quick ? task.quick_env_steps : task.env_steps;
      // Greedy episodes for the table alone: what decides is the return over training.
      config.eval.final_episodes = 20;
      all.push_back({setting_name(task, part.name), [config](const Job& job) { return train({.config = config}, job); },
                     to_toml(config)});
    }
  }
  return all;
}

std::vector<Line> lines(const AblationTask& task, const std::vector<std::string>& names) {
  std::vector<Line> all;
  for (const Part& part : parts()) {
    for (const std::string& name : names) {
      if (name == part.name) all.push_back({setting_name(task, name), part.text});
    }
  }
  return all;
}

void add_checks(const Results& results, const AblationTask& task, std::vector<Check>& checks) {
  const auto better = [&](const std::string& statement, const std::string& more, const std::string& less) {
    checks.push_back(
        pairs_above(std::string("on ") + task.name + " " + statement, "difference of the mean return over training",
                    difference(results, {"mean_return"}, setting_name(task, more), setting_name(task, less))));
  };
  better("replay and target network together beat neither", "both", "neither");
  better("adding the target network to replay helps", "both", "replay");
  better("adding replay to the target network helps", "both", "target");
  better("replay beats the newest 64", "both", "target-64");
  // Each extension against the whole without it.
  for (size_t i = kCore; i < parts().size(); ++i) {
    const std::string name = parts()[i].name;
    better("DQN with " +
               (name == "all"      ? "all four extensions"
                : name == "n-step" ? "3-step returns"
                                   : name) +
               " beats DQN",
           name, "both");
  }
}

std::vector<Check> checks(const Results& results) {
  std::vector<Check> all;
  for (const AblationTask& task : kTasks) add_checks(results, task, all);
  return all;
}

void add_figures(const Results& results, const AblationTask& task, Finding& finding) {
  const std::string on = std::string(" on ") + task.name;
  std::vector<std::string> names;
  for (const Part& part : parts()) names.push_back(part.name);
  finding.intervals.push_back({.title = "Return over training" + on,
                               .caption = "Mean over all episodes, each weighted by its length; mean over seeds.",
                               .rows = mean_rows(results, "mean_return", lines(task, names))});
  const Line dqn{setting_name(task, "both"), "the chapter's DQN"};
  for (const auto& [title, part_names] :
       {std::pair<std::string, std::vector<std::string>>{"Without replay, without target network",
                                                         {"neither", "neither-64", "replay", "target", "target-64"}},
        {"With extensions", {"double", "dueling", "prioritized", "n-step", "all"}}})
    // Each agent beside the chapter's, in a small chart of its own.
    finding.multiples.push_back(multiples(results, {.curve = "return",
                                                    .title = title + on,
                                                    .reference = dqn,
                                                    .lines = lines(task, part_names),
                                                    .axes = {"mean return"}}));
}

page::Table table(const Results& results, const AblationTask& task) {
  page::Table table{.caption = std::string("Returns on ") + task.name + ", means over seeds",
                    .columns = {"agent", "last 100 episodes", "greedy at the end"},
                    .rows = {}};
  for (const Part& part : parts()) {
    table.rows.push_back({part.text});
    // Beside the return over training: how well it ended.
    for (const char* value : {"last_return", "eval_return"})
      table.rows.back().push_back(mean_text(results.values(setting_name(task, part.name), value)));
  }
  return table;
}

std::string measured(const Results& results, const AblationTask& task) {
  const auto mean = [&](const char* part) {
    return plain_mean(results.values(setting_name(task, part), "mean_return"));
  };
  return std::string("on ") + task.name + " the return over training was " + mean("neither") + " with neither, " +
         mean("replay") + " with replay only, " + mean("target") + " with the target network only, " + mean("both") +
         " with both and " + mean("all") + " with all four extensions";
}

Finding figures(const Results& results) {
  Finding finding;
  for (const AblationTask& task : kTasks) add_figures(results, task, finding);
  for (const AblationTask& task : kTasks) finding.tables.push_back(table(results, task));
  finding.measured = measured(results, kTasks[0]) + "; " + measured(results, kTasks[1]) + ".";
  finding.terms = {
      {"the newest 64", "A buffer of one batch: every update sees the 64 newest transitions instead of 64 of 10,000."},
      {"3-step returns", "Targets of three rewards and the value after them, in place of one reward."}};
  finding.notes = {
      "An agent without replay learns once from each transition, by itself; DQN's updates average 64. "
      "\"The newest 64\" is a buffer of one batch: as many transitions in each update, but only the newest; what is "
      "above it is replay's own.",
      "Settings are the chapter's, none tuned for an extension: a part that does not help here may help where its "
      "own settings are chosen."};
  return finding;
}

}  // namespace

Experiment ablation() {
  return {
      .name = "ablation",
      .section = "Advanced Variants: Beyond Vanilla DQN",
      .question = "Why does DQN need its parts?",
      .because =
          "Because each part is the answer to another trouble: replay to consecutive samples that are alike, "
          "the target network to targets that move, double to maxima that are too high, dueling to actions that "
          "hardly matter, priorities to updates that teach nothing, n-step returns to rewards whose news "
          "travels slowly. Where a task hardly has the trouble, its answer has little to show.",
      .claim =
          "Replay and target network each improve deep Q-learning, and double, dueling, prioritised replay "
          "and n-step returns improve it further.",
      .design =
          "The chapter's agent (64-64, Adam 1e-3, batches of 64, a buffer of 10,000, a hard copy every 100 updates, "
          "one update for each step), bootstrapping at truncation, on CartPole-v1 for 40,000 environment steps and "
          "Acrobot-v1 for 20,000 (quick: 10,000 and 6,000). Without replay it learns from the newest transition "
          "alone; without a target network the targets are its present values. Extensions are added to the whole "
          "one at a time, then all: double, dueling, prioritised (alpha 0.6, beta 0.4 to 1), 3-step returns. "
          "Measured: the return over training, of the last 100 episodes, and of 20 greedy episodes at the end.",
      .core_minutes = 6,
      .quick_core_minutes = 0.4,
      .settings = settings,
      .checks = checks,
      .figures = figures};
}

}  // namespace deepq::lab
