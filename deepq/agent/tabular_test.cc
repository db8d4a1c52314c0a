// One step of each tabular algorithm against Sutton and Barto 2018, sections 6.4 to 6.7, by hand.
#include "deepq/agent/tabular.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "tests/test_support.h"

namespace deepq {
namespace {

constexpr int64_t kStates = 5, kActions = 3;
constexpr double kRate = 0.25, kGamma = 0.9, kEpsilon = 0.4;

TabularSettings settings_of(AlgorithmKind kind, int64_t env_count = 1, uint64_t seed = 0) {
  TabularSettings settings;
  settings.shape = {.observation = ObservationSpace::discrete(kStates), .actions = kActions, .env_count = env_count};
  settings.agent.algorithm = kind;
  settings.agent.gamma = kGamma;
  settings.tabular.learning_rate = kRate;
  settings.exploration.epsilon_start = settings.exploration.epsilon_end = kEpsilon;
  settings.seed = seed;
  return settings;
}

using Table = std::vector<double>;

Table table_of(Tabular& tabular, const std::string& name = "table") {
  Archive archive;
  tabular.serialize(archive);
  const auto bytes = archive.tensors().at(name).bytes;
  Table table(bytes.size() / sizeof(double));
  if (!table.empty()) std::memcpy(table.data(), bytes.data(), bytes.size());
  return table;
}

// Other random numbers in each table.
void fill_tables(Tabular& tabular, uint64_t seed) {
  Archive saved;
  tabular.serialize(saved);
  TensorMap tensors = saved.tensors();
  Random random(seed);
  std::array<Table, 2> tables{table_of(tabular), table_of(tabular, "second_table")};
  for (Table& table : tables)
    for (double& value : table) value = random.uniform(-2, 2);
  tensors.at("table").bytes = std::as_bytes(std::span(tables[0]));
  tensors.at("second_table").bytes = std::as_bytes(std::span(tables[1]));
  Archive loaded(tensors);
  tabular.serialize(loaded);
}

struct Ignored : UpdateListener {
  void on_update(const LearnStats&) override {}
};

struct End {
  bool terminated = false, truncated = false, skipped = false;
};

// One step from state 1 to `next` with reward 1. Returns the action taken.
int64_t step(Tabular& tabular, int64_t state, int64_t next, const End& end = {}) {
  std::array<int64_t, 1> actions{};
  tabular.act(std::array{state}, {}, actions);
  const std::array<double, 1> rewards{1};
  const std::array<uint8_t, 1> terminated{end.terminated}, truncated{end.truncated}, skipped{end.skipped};
  const std::array next_observations{next};
  tabular.observe({.actions = actions,
                   .rewards = rewards,
                   .terminated = terminated,
                   .truncated = truncated,
                   .next_observations = next_observations,
                   .skipped = skipped},
                  {.env_steps = 1});
  Ignored listener;
  tabular.update({.env_steps = 1}, listener);
  return actions[0];
}

size_t at(int64_t state, int64_t action) { return static_cast<size_t>(state * kActions + action); }

double largest(const Table& table, int64_t state) {
  return *std::max_element(&table[at(state, 0)], &table[at(state, 0)] + kActions);
}

int64_t greedy(const Table& table, int64_t state) {
  return std::max_element(&table[at(state, 0)], &table[at(state, 0)] + kActions) - &table[at(state, 0)];
}

// `after` is `before` but for one entry, which has moved towards the target.
void expect_moved(const Table& before, const Table& after, size_t entry, double target) {
  for (size_t i = 0; i < before.size(); ++i) {
    if (i == entry)
      EXPECT_NEAR(after[i], before[i] + kRate * (target - before[i]), 1e-12);
    else
      EXPECT_EQ(after[i], before[i]);
  }
}

TEST(Tabular, QLearningTakesTheLargestValueThatFollows) {
  Tabular tabular(settings_of(AlgorithmKind::kQLearning));
  fill_tables(tabular, 1);
  const Table before = table_of(tabular);
  const int64_t action = step(tabular, 1, 3);
  expect_moved(before, table_of(tabular), at(1, action), 1 + kGamma * largest(before, 3));
  EXPECT_EQ(tabular.updates(), 1);
}

TEST(Tabular, ExpectedSarsaTakesTheBehavioursMean) {
  Tabular tabular(settings_of(AlgorithmKind::kExpectedSarsa));
  fill_tables(tabular, 2);
  const Table before = table_of(tabular);
  const int64_t action = step(tabular, 1, 3);
  double mean = 0;
  for (int64_t a = 0; a < kActions; ++a) mean += before[at(3, a)] / kActions;
  expect_moved(before, table_of(tabular), at(1, action),
               1 + kGamma * ((1 - kEpsilon) * largest(before, 3) + kEpsilon * mean));
}

// The value is that of the action which is then taken, also by an agent that was saved in between.
TEST(Tabular, SarsaTakesTheActionThatItThenTakes) {
  int explored = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Tabular tabular(settings_of(AlgorithmKind::kSarsa, 1, seed)), restored(settings_of(AlgorithmKind::kSarsa));
    fill_tables(tabular, 3);
    const Table before = table_of(tabular);
    const int64_t action = step(tabular, 1, 3);
    const Table after = table_of(tabular);
    Archive saved;
    tabular.serialize(saved);
    Archive loaded(saved.tensors());
    restored.serialize(loaded);
    const int64_t next_action = step(tabular, 3, 2);
    EXPECT_EQ(step(restored, 3, 2), next_action);
    EXPECT_EQ(restored.weights_sha256(), tabular.weights_sha256());
    expect_moved(before, after, at(1, action), 1 + kGamma * before[at(3, next_action)]);
    explored += next_action != greedy(before, 3);
  }
  EXPECT_GT(explored, 2) << "always the greedy one: nothing would be seen";
}

// What was drawn for a state that is not acted in is not taken elsewhere: after an end, and where episodes began anew.
TEST(Tabular, SarsaDrawsAnewWhereAnEpisodeBegins) {
  for (const bool forgotten : {true, false}) {
    std::array<int, kActions> first{};
    for (uint64_t seed = 0; seed < 300; ++seed) {
      Tabular tabular(settings_of(AlgorithmKind::kSarsa, 1, seed));
      Archive saved;
      tabular.serialize(saved);
      TensorMap tensors = saved.tensors();
      Table table(kStates * kActions);
      table[at(3, 1)] = table[at(0, 2)] = 1;  // greedy in state 3: action 1; in state 0: action 2
      tensors.at("table").bytes = std::as_bytes(std::span(table));
      Archive loaded(tensors);
      tabular.serialize(loaded);
      step(tabular, 1, 3, {.truncated = !forgotten});
      if (forgotten) tabular.drop_partial_episodes();
      ++first[static_cast<size_t>(step(tabular, 0, 1))];
    }
    EXPECT_GT(first[2], 180) << "0.733 of 300 are 220";
  }
}

// One of two tables at random learns; its greedy action, the other one's value of it.
TEST(Tabular, DoubleQLearningLetsTheOtherTableJudge) {
  int of_first = 0, with_another_greedy_action = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Tabular tabular(settings_of(AlgorithmKind::kDoubleQLearning, 1, seed));
    fill_tables(tabular, 100 + seed);
    const std::array<Table, 2> before{table_of(tabular), table_of(tabular, "second_table")};
    const int64_t action = step(tabular, 1, 3);
    const std::array<Table, 2> after{table_of(tabular), table_of(tabular, "second_table")};
    const size_t learnt = after[0] != before[0] ? 0 : 1;
    of_first += learnt == 0;
    EXPECT_EQ(after[1 - learnt], before[1 - learnt]);
    expect_moved(before[learnt], after[learnt], at(1, action),
                 1 + kGamma * before[1 - learnt][at(3, greedy(before[learnt], 3))]);
    with_another_greedy_action += greedy(before[0], 3) != greedy(before[1], 3);
  }
  EXPECT_GT(of_first, 8);
  EXPECT_LT(of_first, 32);
  EXPECT_GT(with_another_greedy_action, 15);
}

// It acts, and is judged, by both tables together.
TEST(Tabular, DoubleQLearningActsByTheMeanOfBothTables) {
  TabularSettings settings = settings_of(AlgorithmKind::kDoubleQLearning);
  settings.exploration.epsilon_start = settings.exploration.epsilon_end = 0;
  Tabular tabular(settings);
  fill_tables(tabular, 4);
  const Table first = table_of(tabular), second = table_of(tabular, "second_table");
  for (int64_t state = 0; state < kStates; ++state) {
    Table mean(kStates * kActions);
    for (size_t i = 0; i < mean.size(); ++i) mean[i] = (first[i] + second[i]) / 2;
    std::array<int64_t, 1> actions{};
    tabular.act(std::array{state}, {}, actions);
    EXPECT_EQ(actions[0], greedy(mean, state));
    const auto values = tabular.q_values(std::array{state});
    for (int64_t a = 0; a < kActions; ++a)
      EXPECT_NEAR(values[static_cast<size_t>(a)], mean[at(state, a)], 1e-6) << state;
  }
}

TEST(Tabular, AnEndAndASkippedRowAreWhatTheyAreToEveryAlgorithm) {
  for (const AlgorithmKind kind : {AlgorithmKind::kQLearning, AlgorithmKind::kSarsa, AlgorithmKind::kExpectedSarsa,
                                   AlgorithmKind::kDoubleQLearning}) {
    SCOPED_TRACE(name_of(kind));
    for (const bool bootstrap : {true, false}) {
      TabularSettings settings = settings_of(kind);
      settings.agent.bootstrap_at_truncation = bootstrap;
      for (const End& end : {End{.terminated = true}, End{.truncated = true}, End{.skipped = true}}) {
        Tabular tabular(settings);
        fill_tables(tabular, 5);
        const Table before = table_of(tabular), second = table_of(tabular, "second_table");
        const int64_t action = step(tabular, 1, 3, end);
        const bool of_second = !second.empty() && table_of(tabular, "second_table") != second;
        const Table& old = of_second ? second : before;
        const double now = table_of(tabular, of_second ? "second_table" : "table")[at(1, action)];
        const double to_the_end = old[at(1, action)] + kRate * (1 - old[at(1, action)]);
        EXPECT_EQ(tabular.updates(), end.skipped ? 0 : 1);
        if (end.skipped)
          EXPECT_EQ(now, old[at(1, action)]);
        else if (end.terminated || !bootstrap)
          EXPECT_NEAR(now, to_the_end, 1e-12);
        else
          EXPECT_GT(std::abs(now - to_the_end), 1e-3);
      }
    }
  }
}

TEST(Tabular, ASavedOneGoesOnAsTheUnbrokenOne) {
  for (const AlgorithmKind kind : {AlgorithmKind::kQLearning, AlgorithmKind::kSarsa, AlgorithmKind::kExpectedSarsa,
                                   AlgorithmKind::kDoubleQLearning}) {
    SCOPED_TRACE(name_of(kind));
    Tabular whole(settings_of(kind, 1, 1)), restored(settings_of(kind, 1, 2));
    for (int64_t i = 0; i < 20; ++i) step(whole, i % kStates, (3 * i + 1) % kStates);
    Archive saved;
    whole.serialize(saved);
    Archive loaded(saved.tensors());
    restored.serialize(loaded);
    for (int64_t i = 0; i < 40; ++i) {
      EXPECT_EQ(step(whole, i % kStates, (2 * i + 1) % kStates), step(restored, i % kStates, (2 * i + 1) % kStates));
      EXPECT_EQ(restored.weights_sha256(), whole.weights_sha256());
    }
    EXPECT_EQ(restored.updates(), 60);
  }
}

// Numbers of states stay integers: floats take 2^24 + 1 for 2^24, and 2^24 + 3 for 2^24 + 4.
TEST(Tabular, StatesBeyondTheFloatsHaveEntriesOfTheirOwn) {
  constexpr int64_t kFloats = int64_t{1} << 24;
  TabularSettings settings = settings_of(AlgorithmKind::kQLearning);
  settings.shape.observation = ObservationSpace::discrete(kFloats + 10);
  settings.shape.actions = 1;  // 134 MB
  Tabular tabular(settings);
  for (const int64_t state : {kFloats + 1, kFloats + 3, kFloats + 3}) step(tabular, state, 0);
  const double once = kRate, twice = once + kRate * (1 - once);
  const std::array<int64_t, 6> states{kFloats, kFloats + 1, kFloats + 2, kFloats + 3, kFloats + 4, kFloats + 9};
  const std::span<const double> values = tabular.q_values(states);
  EXPECT_EQ(std::vector<double>(values.begin(), values.end()), (std::vector<double>{0, once, 0, twice, 0, 0}));
  EXPECT_EQ(test::error_of([&] { step(tabular, kFloats + 10, 0); }),
            "the observation is 16777226; allowed: 0 to 16777225");
}

TEST(Tabular, ATableBeyondAllMemoryIsRefused) {
  TabularSettings settings = settings_of(AlgorithmKind::kDoubleQLearning);
  settings.shape.observation = ObservationSpace::discrete(int64_t{1} << 40);
  settings.shape.actions = int64_t{1} << 20;
  EXPECT_GE(Tabular::bytes(settings), int64_t{1} << 60);
  EXPECT_EQ(
      test::error_of([&] { const Tabular tabular(settings); }),
      "a table of 1099511627776 states and 1048576 actions has 8 bytes for each pair; allowed: what this machine has "
      "memory for");
}

TEST(Tabular, TheStepSizeFallsWithTheRun) {
  TabularSettings settings = settings_of(AlgorithmKind::kQLearning);
  settings.agent.optimizer.final_learning_rate_fraction = 0.2;
  settings.agent.optimizer.learning_rate = 123;  // is the networks'
  const Tabular tabular(settings);
  EXPECT_DOUBLE_EQ(tabular.learning_rate({0, 0}), kRate);
  EXPECT_DOUBLE_EQ(tabular.learning_rate({0, 0.5}), 0.6 * kRate);
  EXPECT_DOUBLE_EQ(tabular.learning_rate({0, 1}), 0.2 * kRate);
}

TEST(Tabular, EveryEntryBeginsWithTheInitialValue) {
  TabularSettings settings = settings_of(AlgorithmKind::kDoubleQLearning);
  settings.tabular.initial_value = 2.5;
  Tabular tabular(settings);
  EXPECT_EQ(table_of(tabular), Table(kStates * kActions, 2.5));
  EXPECT_EQ(table_of(tabular, "second_table"), Table(kStates * kActions, 2.5));
  EXPECT_EQ(tabular.parameter_count(), 2 * kStates * kActions);
}

}  // namespace
}  // namespace deepq
