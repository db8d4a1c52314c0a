// What DQN, PQN and tables have in common: each environment explores by itself, and an update learns from the right
// targets, counted by hand over all ways in which a step can end.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "deepq/agent/dqn.h"
#include "deepq/agent/pqn.h"
#include "deepq/agent/tabular.h"

namespace deepq {
namespace {

constexpr int64_t kStates = 7, kRows = 8;  // environment steps that one update learns from

struct Settings {
  AgentConfig agent = {};
  ExplorationConfig exploration = {};
  int64_t action_count = 3;
};

// Two environments whose observations are states 0 ... 6. Learns from 8 steps at once (a table from each by itself) and
// so slowly that no value changes.
std::unique_ptr<Algorithm> make_slow(AlgorithmKind kind, Settings settings) {
  settings.agent.algorithm = kind;
  settings.agent.batch_size = kRows;
  settings.agent.optimizer.learning_rate = 1e-30;
  const AlgorithmShape shape{
      .observation = ObservationSpace::discrete(kStates), .actions = settings.action_count, .env_count = 2};
  NetworkConfig network;
  network.hidden_sizes = {8};
  if (kind == AlgorithmKind::kDqn) {
    DqnConfig config;
    config.shape = shape;
    config.network = network;
    config.agent = settings.agent;
    config.exploration = settings.exploration;
    config.replay.capacity = 64;
    config.update_every_env_steps = kRows;
    return std::make_unique<Dqn>(config);
  }
  if (kind == AlgorithmKind::kPqn)
    return std::make_unique<Pqn>(
        PqnSettings{.shape = shape,
                    .network = network,
                    .agent = settings.agent,
                    .pqn = {.rollout_steps = kRows / 2, .epochs = 1, .minibatches = 1, .lambda = 0},
                    .exploration = settings.exploration});
  return std::make_unique<Tabular>(TabularSettings{.shape = shape,
                                                   .agent = settings.agent,
                                                   .tabular = {.learning_rate = 1e-30},
                                                   .exploration = settings.exploration});
}

// Writes `change(old value)` over every number of the tensors that are named, and loads the whole again.
template <class T, class Change>
void change_tensors(Algorithm& algorithm, const std::vector<std::string>& names, const Change& change) {
  Archive saved;
  algorithm.serialize(saved);
  TensorMap tensors = saved.tensors();
  std::vector<std::vector<T>> changed;
  for (const std::string& name : names) {
    TensorView& tensor = tensors.at(name);
    std::vector<T>& values = changed.emplace_back(tensor.bytes.size() / sizeof(T));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    for (T& value : values) value = change(value);
    tensor.bytes = std::as_bytes(std::span(values));
  }
  Archive loaded(tensors);
  algorithm.serialize(loaded);
}

// Values around `level`, different for each state and action.
void shift_values(Algorithm& algorithm, AlgorithmKind kind, double level) {
  Random random(5);
  if (kind == AlgorithmKind::kDqn)
    change_tensors<float>(algorithm, {"online/1/bias", "target/1/bias"},
                          [&](float value) { return value + static_cast<float>(level); });
  else if (kind == AlgorithmKind::kPqn)
    change_tensors<float>(algorithm, {"online/1/bias"}, [&](float value) { return value + static_cast<float>(level); });
  else
    change_tensors<double>(algorithm, {"table"}, [&](double) { return level + random.uniform(-1, 1); });
}

std::vector<double> values_of(Algorithm& algorithm, int64_t state) {
  const auto values = algorithm.q_values(std::vector{state});
  return {values.begin(), values.end()};
}

double largest_of(Algorithm& algorithm, int64_t state) {
  const std::vector<double> values = values_of(algorithm, state);
  return *std::max_element(values.begin(), values.end());
}

class Algorithms : public testing::TestWithParam<AlgorithmKind> {};

// With epsilon a half, the two explore together in a quarter of all steps and not in a half of them.
TEST_P(Algorithms, EveryEnvironmentHasACoinOfItsOwn) {
  Settings settings{.action_count = 50};
  settings.exploration.epsilon_start = settings.exploration.epsilon_end = 0.5;
  const auto algorithm = make_slow(GetParam(), settings);
  shift_values(*algorithm, GetParam(), 0);
  const std::vector<double> values = values_of(*algorithm, 2);
  const int64_t greedy = std::max_element(values.begin(), values.end()) - values.begin();
  constexpr int kSteps = 4000;
  int first = 0, second = 0, both = 0, same = 0;
  for (int step = 0; step < kSteps; ++step) {
    std::vector<int64_t> actions(2);
    algorithm->act(std::vector<int64_t>{2, 2}, {}, actions);
    first += actions[0] != greedy;
    second += actions[1] != greedy;
    both += actions[0] != greedy && actions[1] != greedy;
    same += actions[0] == actions[1] && actions[0] != greedy;
  }
  const double fraction = 0.5 * 49 / 50;  // a random action may be the greedy one
  EXPECT_NEAR(first, fraction * kSteps, 160);
  EXPECT_NEAR(second, fraction * kSteps, 160);
  EXPECT_NEAR(both, fraction * fraction * kSteps, 140);  // five standard deviations
  EXPECT_LT(same, 50) << "nor are their random actions the same";
}

// One step of one environment.
struct Row {
  int64_t state, next;
  double reward;
  bool terminated = false, truncated = false, life_lost = false;
};

// Four steps of two environments: all kinds of ends, after each of which the environment goes on elsewhere.
const std::vector<std::array<Row, 2>> kSteps = {
    {Row{.state = 0, .next = 1, .reward = 3}, Row{.state = 3, .next = 4, .reward = -1, .terminated = true}},
    {Row{.state = 1, .next = 2, .reward = 0.5, .truncated = true}, Row{.state = 6, .next = 5, .reward = 2}},
    {Row{.state = 4, .next = 3, .reward = 1}, Row{.state = 5, .next = 0, .reward = -4, .life_lost = true}},
    {Row{.state = 3, .next = 6, .reward = 0}, Row{.state = 0, .next = 2, .reward = 1, .truncated = true}}};

// What the updates told, put together.
struct Told : UpdateListener {
  void on_update(const LearnStats& stats) override {
    ++updates;
    loss += stats.loss;
    mean_q += stats.mean_q;
    max_abs_q = std::max(max_abs_q, stats.max_abs_q);
    if (algorithm) td_errors.insert(td_errors.end(), algorithm->td_errors().begin(), algorithm->td_errors().end());
  }
  const Algorithm* algorithm = nullptr;
  int updates = 0;
  double loss = 0, mean_q = 0, max_abs_q = 0;
  std::vector<double> td_errors;
};

// Plays kSteps; `expected` is what their updates must tell, from the values before.
Told play(Algorithm& algorithm, const AgentConfig& agent, Told& expected) {
  Told told;
  told.algorithm = &algorithm;
  int64_t env_steps = 0;
  for (const auto& rows : kSteps) {
    std::vector<int64_t> actions(2);
    algorithm.act(std::vector{rows[0].state, rows[1].state}, {env_steps, 0}, actions);
    std::vector<double> rewards;
    std::vector<uint8_t> terminated, truncated, life_lost;
    std::vector<int64_t> next;
    for (size_t i = 0; i < 2; ++i) {
      const Row& row = rows[i];
      rewards.push_back(row.reward);
      terminated.push_back(row.terminated);
      truncated.push_back(row.truncated);
      life_lost.push_back(row.life_lost);
      next.push_back(row.next);
      const bool end = row.terminated || row.life_lost || (row.truncated && !agent.bootstrap_at_truncation);
      const double q = values_of(algorithm, row.state)[static_cast<size_t>(actions[i])];
      const double clipped =
          agent.reward_clip > 0 ? std::clamp(row.reward, -agent.reward_clip, agent.reward_clip) : row.reward;
      const double error = agent.reward_scale * clipped + (end ? 0 : agent.gamma * largest_of(algorithm, row.next)) - q;
      expected.loss += error * error / kRows;
      expected.mean_q += q / kRows;
      expected.max_abs_q = std::max(expected.max_abs_q, std::abs(q));
      expected.td_errors.push_back(std::abs(error));
    }
    env_steps += 2;
    algorithm.observe({.actions = actions,
                       .rewards = rewards,
                       .terminated = terminated,
                       .truncated = truncated,
                       .next_observations = next,
                       .life_lost = life_lost},
                      {env_steps, 0});
    algorithm.update({env_steps, 0, env_steps - 2}, told);
  }
  told.loss /= told.updates;
  told.mean_q /= told.updates;
  for (Told* both : {&told, &expected}) std::ranges::sort(both->td_errors);  // a batch has an order of its own
  return told;
}

// All values below zero in one of the cases: the largest |Q| is then that of the lowest.
TEST_P(Algorithms, AnUpdateLearnsFromItsStepsTargetsAndTellsSo) {
  for (const bool bootstrap : {true, false}) {
    for (const double level : {-3.0, 0.2, 4.0}) {
      SCOPED_TRACE(testing::Message() << "bootstrap " << bootstrap << ", values about " << level);
      Settings settings;
      settings.agent.gamma = 0.9;
      settings.agent.bootstrap_at_truncation = bootstrap;
      settings.agent.reward_clip = level > 1 ? 1.5 : 0;
      settings.agent.reward_scale = level > 1 ? 0.5 : 1;
      const auto algorithm = make_slow(GetParam(), settings);
      shift_values(*algorithm, GetParam(), level);
      Told expected;
      const Told told = play(*algorithm, settings.agent, expected);
      EXPECT_EQ(told.updates, GetParam() == AlgorithmKind::kQLearning ? 8 : 1);
      EXPECT_NEAR(told.loss, expected.loss, 1e-5 * expected.loss);
      EXPECT_NEAR(told.mean_q, expected.mean_q, 1e-5);
      EXPECT_NEAR(told.max_abs_q, expected.max_abs_q, 1e-5);
      ASSERT_EQ(told.td_errors.size(), expected.td_errors.size());
      for (size_t i = 0; i < told.td_errors.size(); ++i)
        EXPECT_NEAR(told.td_errors[i], expected.td_errors[i], 1e-5) << i;
    }
  }
}

// Both count the steps of all environments together.
TEST_P(Algorithms, SchedulesFollowTheRun) {
  Settings settings;
  settings.agent.optimizer.final_learning_rate_fraction = 0.2;
  settings.exploration = {
      .schedule = EpsilonSchedule::kLinear, .epsilon_start = 0.9, .epsilon_end = 0.1, .anneal_env_steps = 100};
  const auto algorithm = make_slow(GetParam(), settings);
  const double first = algorithm->learning_rate({0, 0});
  EXPECT_NEAR(algorithm->learning_rate({0, 0.5}) / first, 0.6, 1e-12);
  EXPECT_NEAR(algorithm->learning_rate({0, 1}) / first, 0.2, 1e-12);
  const bool begins_at_once = GetParam() != AlgorithmKind::kDqn;  // DQN's is counted from its first update on
  EXPECT_NEAR(algorithm->epsilon({0, 0}), 0.9, 1e-12);
  EXPECT_NEAR(algorithm->epsilon({25, 0}), begins_at_once ? 0.7 : 0.9, 1e-12);
  EXPECT_NEAR(algorithm->epsilon({100, 0}), begins_at_once ? 0.1 : 0.9, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(All, Algorithms,
                         testing::Values(AlgorithmKind::kDqn, AlgorithmKind::kPqn, AlgorithmKind::kQLearning),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

}  // namespace
}  // namespace deepq
