#include "deepq/train/policy.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/agent/dqn.h"
#include "deepq/core/error.h"
#include "deepq/core/random.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/train/evaluation.h"
#include "deepq/train/session.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

TEST(Policy, TakesFiniteNumbersAlone) {
  Policy policy({}, ObservationSpace::real({3}), 2);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()})
    for (size_t i = 0; i < 3; ++i) {
      std::array<float, 3> observation = {};
      policy.act(observation);
      observation[i] = bad;
      const std::string allowed = "observation[" + std::to_string(i) + "] is " + number_text(static_cast<double>(bad)) +
                                  "; allowed: finite numbers";
      EXPECT_EQ(test::error_of([&] { policy.act(observation); }), allowed);
    }
}

TEST(Policy, TakesWholeRowsAndNoMoreThanItSays) {
  Policy policy({}, ObservationSpace::real({3}), 2);
  const auto error = [&](size_t numbers) {
    const std::vector<float> observations(numbers);
    return test::error_of([&] { policy.values(observations); });
  };
  EXPECT_EQ(error(3 * static_cast<size_t>(policy.most_rows())), "no error");
  EXPECT_EQ(error(4), "the observations have 4 numbers; allowed: up to 16 of 3");
  EXPECT_EQ(error(17 * 3), "the observations have 51 numbers; allowed: up to 16 of 3");
}

RunConfig config_of(const std::vector<std::string>& assignments) {
  RunConfig config;
  config.train.env_steps = 1'000;
  config.network.hidden_sizes = {24, 20};
  for (const std::string& assignment : assignments) set_field(config, assignment);
  return config;
}

// Of a network that has learnt nothing, but is none of zeros.
void expect_rows_of_their_own(const RunConfig& config) {
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  Policy& policy = trainer.policy();
  const auto size = static_cast<size_t>(policy.observation_size()),
             actions = static_cast<size_t>(policy.action_count());
  const auto rows = static_cast<size_t>(policy.most_rows());
  ASSERT_GT(rows, 1u);
  Random random(3);
  std::vector<float> observations(rows * size);
  const int64_t states = policy.observation_space().states();
  for (float& number : observations)
    number = states > 0 ? static_cast<float>(random.below(static_cast<uint64_t>(states)))
                        : static_cast<float>(random.uniform(-1, 1));
  for (size_t i = 0; i < observations.size(); i += 5)
    if (states == 0) observations[i] = 0;  // which products leave out
  const std::span<const double> together = policy.values(observations);
  const std::vector<double> all(together.begin(), together.end());
  for (const size_t count : {size_t{1}, size_t{2}, size_t{7}}) {
    for (size_t i = 0; i + count <= rows; ++i) {
      const std::span<const double> some = policy.values(std::span(observations).subspan(i * size, count * size));
      ASSERT_TRUE(std::ranges::equal(some, std::span(all).subspan(i * actions, count * actions))) << i << " " << count;
    }
  }
}

TEST(Policy, ARowHasTheSameValuesWhateverIsBesideIt) {
  const std::vector<std::string> images = {"env.id=MinAtar/Breakout-v1", "network.conv_channels=6,5",
                                           "network.conv_kernels=3,3", "network.conv_strides=1,2"};
  const std::vector<std::vector<std::string>> kinds = {
      {},
      {"network.dueling=true", "network.noisy=true"},
      {"network.layer_norm=true", "agent.algorithm=pqn", "env.count=16", "pqn.rollout_steps=4"},
      {"value.representation=categorical", "value.v_max=100"},
      {"value.representation=quantile"},
      {"value.representation=implicit"},
      {"env.id=Acrobot-v1", "network.hidden_sizes=300"},
      {"env.id=FrozenLake-v1"},
      {"env.id=Taxi-v4", "agent.algorithm=double_q_learning", "tabular.initial_value=1"},
      images};
  for (const std::vector<std::string>& kind : kinds) {
    for (const char* engine : {"auto", "plain"}) {
      RunConfig config = config_of(kind);
      SCOPED_TRACE(join(kind) + " " + engine);
      set_field(config, std::string("network.engine=") + engine);
      expect_rows_of_their_own(config);
    }
  }
}

// Both by the streams of their own games.
TEST(Policy, ActsForSomeOfItsRows) {
  Trainer trainer(config_of({}), find_env("CartPole-v1"));
  Policy& policy = trainer.policy();
  const auto actions_of = [&](const std::vector<int64_t>& rows) {
    for (int64_t row = 0; row < policy.most_rows(); ++row)
      policy.begin_episode(row, Random(static_cast<uint64_t>(row)));
    const std::vector<float> observations(rows.size() * 4, 0.5f);
    std::vector<int64_t> actions(rows.size()), all;
    for (int step = 0; step < 50; ++step) {
      policy.act(observations, rows, 0.9, actions);
      all.insert(all.end(), actions.begin(), actions.end());
    }
    return all;
  };
  const std::vector<int64_t> both = actions_of({3, 9}), ninth = actions_of({9});
  for (size_t i = 0; i < ninth.size(); ++i) EXPECT_EQ(both[2 * i + 1], ninth[i]) << i;
  EXPECT_NE(ninth, actions_of({3}));
}

// By epsilon, as choose.h does row for row; of a noisy network with fresh noise for each row.
TEST(Policy, ExploresAsALearnerDoes) {
  constexpr size_t kRows = 12;
  for (const bool noisy : {false, true}) {
    SCOPED_TRACE(noisy);
    Trainer trainer(config_of({noisy ? "network.noisy=true" : "agent.double=true", "network.noisy_sigma=3"}),
                    find_env("CartPole-v1"));
    Policy& policy = trainer.policy();
    std::vector<float> observations(kRows * 4);
    for (size_t i = 0; i < observations.size(); ++i) observations[i] = std::sin(static_cast<float>(i));
    std::vector<int64_t> greedy(kRows), explored(kRows), expected(kRows);
    policy.act(observations, greedy);
    Random random(7), same(7);
    policy.explore(observations, 0.5, random, explored);
    for (size_t i = 0; i < kRows; ++i) {
      const auto q = policy.values(std::span(observations).subspan(4 * i, 4), noisy ? &same : nullptr);
      expected[i] = epsilon_greedy_action(q, noisy ? 0 : 0.5, same);
    }
    EXPECT_EQ(explored, expected);
    EXPECT_EQ(random.next_u64(), same.next_u64());
    EXPECT_NE(explored, greedy);
    std::vector<int64_t> again(kRows);
    policy.act(observations, again);
    EXPECT_EQ(again, greedy) << "the means again";
    for (size_t i = 0; i < kRows; ++i) EXPECT_EQ(policy.act(std::span(observations).subspan(4 * i, 4)), greedy[i]);
  }
}

// As the lab's probes look at a learner.
TEST(Policy, BecomesEitherNetworkOfALearner) {
  RunConfig config =
      config_of({"target.sync_every_updates=1000000", "train.learning_starts_env_steps=40", "agent.batch_size=16"});
  Trainer trainer(config, find_env("CartPole-v1")), undisturbed(config, find_env("CartPole-v1"));
  Policy policy(config, trainer.policy().observation_space(), 2);
  const std::array<float, 4> observation{0.1f, -0.2f, 0.05f, 0.3f};
  const auto values_of = [&](Policy& asked) {
    const auto q = asked.q_values(observation);
    return std::vector<double>(q.begin(), q.end());
  };
  const std::vector<double> at_first = values_of(trainer.policy());
  for (int64_t i = 0; i < 80; ++i) {
    trainer.step(), undisturbed.step();
    policy.copy_parameters(dynamic_cast<const Dqn&>(trainer.algorithm()).learner().network());
    EXPECT_EQ(values_of(policy), values_of(trainer.policy()));
    policy.copy_parameters(dynamic_cast<const Dqn&>(trainer.algorithm()).learner().target_network());
    EXPECT_EQ(values_of(policy), at_first) << "the target stands still";
  }
  EXPECT_NE(values_of(trainer.policy()), at_first);
  EXPECT_EQ(trainer.algorithm().weights_sha256(), undisturbed.algorithm().weights_sha256());
}

TEST(Policy, OfBytesIsThatOfTheFile) {
  const test::TemporaryFolder folder;
  Session session(config_of({"agent.double=true"}), find_env("CartPole-v1"));
  session.save(folder / "agent.safetensors");
  std::ifstream file(folder / "agent.safetensors", std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  Policy loaded = Policy::load(folder / "agent.safetensors");
  Policy read = [&] {
    const std::vector<char> for_now = bytes;
    return Policy::from_bytes(std::as_bytes(std::span(for_now)), "what came over the wire");
  }();
  const std::array<float, 4> observation{0.1f, -0.2f, 0.05f, 0.3f};
  EXPECT_TRUE(std::ranges::equal(read.q_values(observation), loaded.q_values(observation)));
  EXPECT_TRUE(std::ranges::equal(read.q_values(observation), session.trainer().policy().q_values(observation)));
  EXPECT_EQ(read.trained_in().id, "CartPole-v1");
  EXPECT_EQ(read.epsilon(), 1.0);
  EXPECT_TRUE(read.config().agent.double_q);
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_EQ(
      test::error_of([&] { Policy::from_bytes(std::as_bytes(std::span(bytes)), "it"); }).find("it cannot be used: "),
      0u);
}

// A network that has learnt nothing has its own favourites, legal or not; the world throws at the first illegal action.
TEST(Policy, ChoosesAmongTheLegal) {
  for (const std::string assignment : {"network.noisy=false", "network.noisy=true", "agent.algorithm=pqn"}) {
    RunConfig config = config_of({"env.id=ConnectFour-v0", assignment});
    Trainer trainer(config, find_env("ConnectFour-v0"));
    int64_t steps = 0, refused = 0;
    const EvaluationPlan plan{.episodes = 40, .epsilon = 0.3};
    play(trainer.policy(), find_env("ConnectFour-v0"), plan, [&](const PlayedStep& step) {
      refused += greedy_action(step.q_values) != step.action;
      return ++steps > 0;
    });
    EXPECT_GT(steps, 100) << assignment;
    EXPECT_GT(refused, 20) << "some favourites were illegal, or not taken by chance";

    SyncVectorEnv world(find_env("ConnectFour-v0"), 1, 3);
    std::vector<int64_t> actions(1);
    Random random(1);
    for (int step = 0; step < 200; ++step) {
      if (step % 2 == 0)
        trainer.policy().act(world.observations(), actions);
      else
        trainer.policy().explore(world.observations(), 0.5, random, actions);
      ASSERT_NO_THROW(world.step(actions)) << assignment;
    }
  }
}

// Plain numbers with bits beside them, and without: for the network's favourite is illegal there.
TEST(Policy, ChoosesWhereItIsSaidWhatIsLegal) {
  for (const char* assignment : {"network.noisy=false", "network.noisy=true"}) {
    Trainer trainer(config_of({"env.id=TicTacToe-v0", assignment}), find_env("TicTacToe-v0"));
    Policy& policy = trainer.policy();
    const std::vector<float> numbers(3 * 18);
    const std::array<uint64_t, 3> words{1 << 3, 1 << 7, 1 << 8};
    const ObservationRows given = ObservationRows(numbers).where_legal(words, 9);
    const std::array<int64_t, 3> rows{0, 1, 2};
    std::array<int64_t, 3> actions{};
    const std::array<int64_t, 3> only{3, 7, 8};
    Random random(1);
    policy.act(given, actions);
    EXPECT_EQ(actions, only);
    policy.act(given, rows, 0.5, actions = {});
    EXPECT_EQ(actions, only);
    policy.explore(given, 0.5, random, actions = {});
    EXPECT_EQ(actions, only);
    EXPECT_EQ(policy.act(ObservationRows(std::span(numbers).first(18)).where_legal(std::span(words).first(1), 9)), 3);

    const std::string unsaid = "the observations do not say which actions are legal, and the agent chooses among those";
    EXPECT_EQ(test::error_of([&] { policy.act(numbers, actions); }), unsaid);
    EXPECT_EQ(test::error_of([&] { policy.act(numbers, rows, 0.5, actions); }), unsaid);
    EXPECT_EQ(test::error_of([&] { policy.explore(numbers, 0.5, random, actions); }), unsaid);
    EXPECT_EQ(test::error_of([&] { policy.act(std::span(numbers).first(18)); }), unsaid);
    const std::array<uint64_t, 3> second_has_none{1, 0, 1};
    EXPECT_EQ(test::error_of([&] { policy.act(given.where_legal(second_has_none, 9), actions); }),
              "no action is legal in observation 1; allowed: one or more");
    const std::array<uint64_t, 6> too_many{1, 0, 1, 0, 1, 0};
    EXPECT_EQ(test::error_of([&] { policy.act(given.where_legal(too_many, 70), actions); }),
              "legal actions are given in 2 words of bits; allowed: 1, for 9 actions");
  }
}

// Whose environment says nothing of it: whoever asks may.
TEST(Policy, AnyAgentChoosesAmongThose) {
  Policy policy({}, ObservationSpace::real({3}), 2);
  const std::array<float, 3> observation{};
  for (const uint64_t only : {1, 2}) {
    const std::array<uint64_t, 1> word{only};
    EXPECT_EQ(policy.act(ObservationRows(observation).where_legal(word, 2)), static_cast<int64_t>(only) - 1);
  }
}

TEST(Policy, OfAWorldWithLegalActionsIsOfNoOther) {
  Session session(config_of({"env.id=TicTacToe-v0"}), find_env("TicTacToe-v0"));
  const test::TemporaryFolder folder;
  session.save(folder / "agent.safetensors");
  const Policy loaded = Policy::load(folder / "agent.safetensors");
  EXPECT_EQ(loaded.observation_space().legal_actions(), 9);
  EXPECT_TRUE(loaded.observation_space().takes_same(find_env("TicTacToe-v0")()->spec().observation_space));
  EXPECT_FALSE(loaded.observation_space().takes_same(ObservationSpace::bytes({3, 3, 2})));
}

}  // namespace
}  // namespace deepq
