// Runs of networks with memory: broken off anywhere they go on bit for bit, and evaluations remember game by game.
#include <gtest/gtest.h>

#include <map>

#include "deepq/env/registry.h"
#include "deepq/train/trainer.h"
#include "tests/repro/memory_config.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

Trainer make_trainer(const RunConfig& config) { return Trainer(config, find_env(config.env.id, config.env_options)); }

std::map<std::string, std::vector<std::byte>> state_of(Trainer& trainer) {
  Archive archive;
  trainer.serialize(archive);
  std::map<std::string, std::vector<std::byte>> state;
  for (const auto& [name, tensor] : archive.tensors())
    if (!name.ends_with("seconds")) state[name] = {tensor.bytes.begin(), tensor.bytes.end()};
  return state;
}

TEST(Memory, RunsGoOnAtTwentyRandomSteps) {
  Random random(11);
  for (const auto& [name, config] : test::memory_runs()) {
    SCOPED_TRACE(name);
    Trainer whole = make_trainer(config);
    while (!whole.done()) whole.step();
    EXPECT_GT(whole.algorithm().updates(), 100);
    const auto expected = state_of(whole);
    ASSERT_TRUE(expected.contains("trainer/memory"));
    for (int i = 0; i < 20; ++i) {
      Trainer first = make_trainer(config), second = make_trainer(config);
      const auto steps = 1 + static_cast<int64_t>(random.below(299));
      for (int64_t step = 0; step < steps && !first.done(); ++step) first.step();
      Archive saved;
      first.serialize(saved);
      Archive loaded(saved.tensors());
      second.serialize(loaded);
      while (!second.done()) second.step();
      const auto actual = state_of(second);
      ASSERT_EQ(actual.size(), expected.size());
      for (const auto& [key, bytes] : expected) ASSERT_EQ(actual.at(key), bytes) << key << " after " << steps;
    }
  }
}

TEST(Memory, GamesSideBySideRememberEachTheirOwn) {
  for (const auto& [name, config] : test::memory_runs()) {
    SCOPED_TRACE(name);
    Trainer trainer = make_trainer(config);
    while (!trainer.done()) trainer.step();
    const auto returns = [&](int64_t side_by_side) {
      std::vector<double> of;
      EvaluationPlan plan = evaluation_plan(config, trainer.env_steps(), {.episodes = 24});
      plan.most_side_by_side = side_by_side;
      const EvaluationRecord record = evaluate(trainer.policy(), trainer.evaluation_env(), plan);
      return std::tuple(record.mean_return, record.std_return, record.mean_length);
    };
    EXPECT_EQ(returns(1), returns(16));
  }
}

// What a policy remembers of a game is gone when the next one begins, and is in the values meanwhile.
TEST(Memory, APolicyForgetsBetweenEpisodes) {
  const auto [name, config] = test::memory_runs()[0];
  Trainer trainer = make_trainer(config);
  while (!trainer.done()) trainer.step();
  Policy& policy = trainer.policy();
  ASSERT_EQ(policy.memory_size(), 9);
  const std::vector<float> cue{0, 1, 1}, corridor{1, 0, 1};
  std::array<int64_t, 1> action{};
  const std::array<int64_t, 1> row{3};
  const auto values_at = [&](const std::vector<float>& observation) {
    const auto q = policy.act(ObservationRows(observation), row, 0, action);
    return std::vector<double>(q.begin(), q.end());
  };
  policy.begin_episode(3, Random(1));
  const std::vector<double> first = values_at(cue), then = values_at(corridor);
  const auto alone = policy.q_values(ObservationRows(corridor));
  EXPECT_NE(then, std::vector<double>(alone.begin(), alone.end()));
  EXPECT_NE(values_at(cue), first);
  policy.begin_episode(3, Random(1));
  EXPECT_EQ(values_at(cue), first);
  EXPECT_EQ(values_at(corridor), then);
}

TEST(Memory, ALoadedPolicyActsAsTheOneThatWasSaved) {
  for (const auto& [name, config] : test::memory_runs()) {
    SCOPED_TRACE(name);
    Trainer trainer = make_trainer(config);
    while (!trainer.done()) trainer.step();
    Policy copy(config, trainer.policy().observation_space(), trainer.env_spec().actions());
    Archive saved;
    trainer.algorithm().serialize(saved);
    Archive loaded(saved.tensors());
    copy.serialize(loaded);
    const EvaluationPlan plan = evaluation_plan(config, trainer.env_steps(), {.episodes = 10});
    EXPECT_EQ(evaluate(copy, trainer.evaluation_env(), plan).mean_return,
              evaluate(trainer.policy(), trainer.evaluation_env(), plan).mean_return);
  }
}

TEST(Memory, SettingsThatMakeNoSenseAreRefused) {
  const auto refusal = [](const std::vector<std::string>& set) -> std::string {
    RunConfig config = test::memory_runs()[0].second;
    for (const std::string& one : set) set_field(config, one);
    return test::error_of([&] { validate(config); });
  };
  EXPECT_EQ(refusal({}), "no error");
  EXPECT_EQ(refusal({"agent.algorithm=pqn", "agent.double=false", "agent.n_step=1", "replay.prioritized=false"}),
            "network.recurrent is gru; allowed with agent.algorithm pqn: none (its minibatches are single steps of a "
            "rollout, out of their order)");
  EXPECT_EQ(refusal({"agent.algorithm=q_learning"}),
            "network.recurrent is gru; allowed with a tabular agent.algorithm: none (a table has no network)");
  EXPECT_EQ(refusal({"replay.sequence_overlap=6"}),
            "replay.sequence_overlap is 6; allowed: below replay.sequence_length, which is 6");
  EXPECT_EQ(refusal({"replay.capacity=20"}),
            "agent.batch_size is 6; allowed with network.recurrent: up to the sequences that replay.capacity has room "
            "for, one for every 4 steps (replay.sequence_length less replay.sequence_overlap), which are 5");
  EXPECT_EQ(refusal({"value.rescale=true", "value.representation=categorical"}),
            "value.rescale is true; allowed with value.representation categorical: false (a distribution's atoms and "
            "quantiles are returns as they are)");
  EXPECT_EQ(refusal({"value.rescale=true", "agent.double=false", "agent.n_step=1", "agent.munchausen=true"}),
            "value.rescale is true; allowed with agent.munchausen: false (its scaled log-policy is measured in returns "
            "as they are)");
}

}  // namespace
}  // namespace deepq
