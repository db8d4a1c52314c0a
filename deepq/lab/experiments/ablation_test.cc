#include <gtest/gtest.h>

#include <map>

#include "deepq/config/run_config.h"
#include "deepq/lab/fake_results.h"

namespace deepq::lab {
namespace {

// Returns of 100 for DQN, and by `other` for all other agents.
Finding conclude_with(const std::function<double(const std::string& setting)>& other) {
  return fake_finding("ablation", fake_job({"mean_return", "last_return", "eval_return"}, {"return"},
                                           [=](const std::string& setting, const std::string&) {
                                             return setting.starts_with("both") ? 100 : other(setting);
                                           }));
}

bool is_less(const std::string& setting) {
  return setting.starts_with("neither") || setting.starts_with("replay") || setting.starts_with("target");
}

TEST(Ablation, HoldsWhenEveryPartHelps) {
  const Finding finding = conclude_with([](const std::string& setting) { return is_less(setting) ? 50 : 150; });
  EXPECT_EQ(finding.checks.size(), 18u);
  EXPECT_EQ(verdict(finding.checks), Verdict::kHolds);
}

TEST(Ablation, FailsWhenEveryPartHarms) {
  EXPECT_EQ(verdict(conclude_with([](const std::string& setting) { return is_less(setting) ? 150 : 50; }).checks),
            Verdict::kFails);
}

// Each statement is about the two agents that it names.
TEST(Ablation, AStatementReadsItsOwnAgents) {
  const Finding finding = conclude_with(
      [](const std::string& setting) { return setting == "n-step-CartPole" ? 150 : 100 - is_less(setting); });
  int held = 0;
  for (const Check& check : finding.checks) {
    if (check.interval.value < 40) continue;
    ++held;
    EXPECT_EQ(check.statement, "on CartPole DQN with 3-step returns beats DQN");
  }
  EXPECT_EQ(held, 1);
}

TEST(Ablation, EveryAgentIsInTheTablesOfBothTasks) {
  const Finding finding =
      conclude_with([](const std::string& setting) { return setting.ends_with("Acrobot") ? 7 : 50; });
  ASSERT_EQ(finding.tables.size(), 2u);
  for (const page::Table& table : finding.tables) {
    EXPECT_EQ(table.rows.size(), 11u);
    EXPECT_EQ(table.columns.size(), 3u);
    EXPECT_EQ(table.rows[0][0], "neither");
  }
  EXPECT_EQ(finding.tables[0].rows[0][1].substr(0, 2), "50");
  EXPECT_EQ(finding.tables[1].rows[0][1].substr(0, 1), "7");
  ASSERT_EQ(finding.multiples.size(), 4u);
  for (const Multiples& multiples : finding.multiples) EXPECT_EQ(multiples.charts.size(), 5u) << "all but DQN itself";
}

// Each agent has the parts that its name says and no others.
TEST(Ablation, EveryAgentIsWhatItsNameSays) {
  struct Memory {
    int64_t capacity, batch_size, sync_every_updates;
  };
  const std::map<std::string, Memory> without = {{"neither", {1, 1, 1}},       {"neither-64", {64, 64, 1}},
                                                 {"replay", {10'000, 64, 1}},  {"target", {1, 1, 100}},
                                                 {"target-64", {64, 64, 100}}, {"both", {10'000, 64, 100}}};
  int seen = 0;
  for (const bool quick : {false, true}) {
    for (const Setting& setting : find_experiment("ablation").settings(quick)) {
      const std::string part = setting.name.substr(0, setting.name.rfind('-'));
      SCOPED_TRACE(setting.name);
      const RunConfig config = from_toml(setting.config, setting.name);
      const auto found = without.find(part);
      const Memory memory = found == without.end() ? without.at("both") : found->second;
      EXPECT_EQ(config.replay.capacity, memory.capacity);
      EXPECT_EQ(config.agent.batch_size, memory.batch_size);
      EXPECT_EQ(config.target.sync_every_updates, memory.sync_every_updates);
      EXPECT_EQ(config.agent.double_q, part == "double" || part == "all");
      EXPECT_EQ(config.network.dueling, part == "dueling" || part == "all");
      EXPECT_EQ(config.replay.prioritized, part == "prioritized" || part == "all");
      EXPECT_EQ(config.agent.n_step, part == "n-step" || part == "all" ? 3 : 1);
      ++seen;
    }
  }
  EXPECT_EQ(seen, 2 * 2 * 11);
}

}  // namespace
}  // namespace deepq::lab
