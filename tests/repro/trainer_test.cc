// The training loop's promises: no allocation after construction, the cadence of updates, evaluation that disturbs
// nothing, broken runs.
#include "deepq/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/page/curves.h"
#include "deepq/train/demonstration_writer.h"
#include "tests/allocations.h"
#include "tests/branches_env.h"
#include "tests/repro/memory_config.h"
#include "tests/repro/small_config.h"
#include "tests/scales_env.h"
#include "tests/signs_env.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

using test::pixel_config;
using test::small_config;

TEST(Trainer, StepsAllocateNothing) {
  for (const int64_t envs : {1, 3}) {
    RunConfig config = small_config();
    config.env.count = envs;
    Trainer trainer(config, find_env("CartPole-v1"));
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before);
    EXPECT_GT(trainer.algorithm().updates(), 2'500);
    EXPECT_GT(trainer.episodes(), 10);
  }
}

TEST(Trainer, StepsOnObservationsOfSeveralPartsAllocateNothing) {
  for (const RunConfig& config : test::signs_runs()) {
    Trainer trainer(config, test::kSigns);
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before);
    EXPECT_GT(trainer.algorithm().updates(), 50);
  }
}

TEST(Trainer, StepsThatNormaliseAllocateNothing) {
  for (const auto& [name, config] : test::scales_runs()) {
    if (name == "overlap" || name == "threads") continue;  // of the threads, not of this
    Trainer trainer(config, test::kScales);
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before) << name;
    EXPECT_GT(trainer.algorithm().updates(), 50);
  }
}

TEST(Trainer, StepsWithMemoryAllocateNothing) {
  for (auto [name, config] : test::memory_runs()) {
    config.eval.every_env_steps = 0;
    Trainer trainer(config, find_env(config.env.id, config.env_options));
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before) << name;
    EXPECT_GT(trainer.algorithm().updates(), 100);
  }
}

// Beside what the agent does, and alone; before the first step, too.
TEST(Trainer, UpdatesOnDemonstrationsAllocateNothing) {
  const test::TemporaryFolder folder;
  const EnvFactory env = find_env("CartPole-v1");
  RunConfig config = small_config();
  Policy anyone(config, env()->spec().observation_space, env()->spec().actions());
  record_demonstrations(anyone, env, {.episodes = 5, .epsilon = 1}, folder / "d.npz", [] { return true; });
  config.replay.demonstrations = folder / "d.npz";
  config.agent.cql_alpha = 0.1;
  config.train.env_steps = 500;
  for (const bool offline : {false, true})
    for (const bool prioritized : {false, true}) {
      config.train.offline = offline;
      config.train.pretrain_updates = offline ? 0 : 100;
      config.replay.prioritized = prioritized;
      Trainer trainer(config, env);
      const int64_t before = test::allocation_count;
      while (!trainer.done()) trainer.step();
      EXPECT_EQ(test::allocation_count, before);
      EXPECT_GT(trainer.algorithm().updates(), 400);
    }
}

TEST(Trainer, StepsOnSeveralAxesAllocateNothing) {
  for (const auto masks : {test::BranchesEnv::Masks::kNo, test::BranchesEnv::Masks::kYes})
    for (const auto& [name, config] : test::branches_runs()) {
      Trainer trainer(config, test::branches({3, 4}, masks));
      const int64_t before = test::allocation_count;
      while (!trainer.done()) trainer.step();
      EXPECT_EQ(test::allocation_count, before) << name;
      EXPECT_GT(trainer.algorithm().updates(), 50);
    }
}

// Three worlds that always end together, and windows of 100, which is no multiple of 3: the part of the three that a
// window holds counts by their mean, whichever of them stands first.
TEST(Trainer, EpisodesThatEndTogetherHaveNoOrderInAWindow) {
  struct Episodes : Observer {
    void on_episode(const EpisodeRecord& record) override {
      steps.push_back(static_cast<double>(record.env_steps));
      returns.push_back(record.episode_return);
    }
    std::vector<double> steps, returns;
  } episodes;
  RunConfig config = small_config();
  config.env.count = 3;
  Trainer trainer(config, [] { return std::make_unique<test::IdentityEnv>(); });
  trainer.add_observer(episodes);
  while (trainer.episodes() < 120) trainer.step();
  const std::vector<double> shared = page::share_ties(episodes.steps, episodes.returns);
  EXPECT_NE(shared, episodes.returns);
  EXPECT_DOUBLE_EQ(trainer.returns().last_mean(), page::running_mean(shared, 100).back());
  EXPECT_NE(trainer.returns().last_mean(), page::running_mean(episodes.returns, 100).back());
  EXPECT_DOUBLE_EQ(trainer.returns().best_mean(), page::best_window_mean(shared, 100));
}

// Every algorithm and variant that a preset names, and a table.
TEST(Trainer, NoPresetAllocatesWhileItTrains) {
  std::vector<RunConfig> configs;
  for (const std::string& name : preset_names())
    if (is_env_id(preset(name).env.id)) configs.push_back(preset(name));
  RunConfig table;
  table.env.id = "FrozenLake-v1";
  table.agent.algorithm = AlgorithmKind::kSarsa;
  configs.push_back(table);
  for (RunConfig& config : configs) {
    config.train.episodes = 0;
    config.train.env_steps = config.agent.algorithm == AlgorithmKind::kPqn ? 4'200 : 600;  // a whole rollout
    config.train.learning_starts_env_steps = std::min<int64_t>(config.train.learning_starts_env_steps, 300);
    config.eval.every_env_steps = 0, config.eval.keep_best = false;
    Trainer trainer(config, find_env(config.env.id, config.env_options));
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before) << config.preset;
    EXPECT_GT(trainer.algorithm().updates(), 0) << config.preset;
  }
}

// Frames that run out, for the episodes are short, included.
TEST(Trainer, ConvolutionsOnSingleFramesAllocateNothing) {
  for (const bool prioritized : {false, true}) {
    RunConfig config = pixel_config();
    config.replay.prioritized = prioritized;
    config.agent.n_step = 2;
    config.network.conv_channels = {4, 4};
    config.network.conv_kernels = {3, 2};
    config.network.conv_strides = {2, 1};
    Trainer trainer(config,
                    [] { return std::make_unique<test::PixelChainEnv>(test::PixelChainEnv::Screen{.width = 5}, 2); });
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before);
    EXPECT_GT(trainer.algorithm().updates(), 800);
    Archive archive;
    trainer.serialize(archive);
    EXPECT_LT(archive.tensors().at("trainer/replay/records").shape[0], config.replay.capacity);
  }
}

TEST(Trainer, TheChaptersCadence) {
  RunConfig config = preset("chapter");
  Trainer trainer(config, find_env("CartPole-v1"));
  while (trainer.env_steps() < 800) {
    trainer.step();
    // Training starts when the buffer holds one batch; then one update per environment step.
    ASSERT_EQ(trainer.algorithm().updates(), std::max<int64_t>(0, trainer.env_steps() - 63));
  }
  EXPECT_NEAR(trainer.epsilon(), std::max(0.01, std::pow(0.995, 800 - 63)), 1e-12);
}

TEST(Trainer, TheReplayRatioDoesNotDependOnTheNumberOfEnvironments) {
  for (const int64_t envs : {1, 4, 7}) {
    RunConfig config = small_config();
    config.env.count = envs;
    config.train.learning_starts_env_steps = 200;
    config.train.update_every_env_steps = 10;
    config.train.updates_per_round = 3;
    Trainer trainer(config, find_env("CartPole-v1"));
    while (!trainer.done()) trainer.step();
    EXPECT_NEAR(static_cast<double>(trainer.algorithm().updates()), (3'000 - 200) / 10 * 3, 6) << envs;
  }
}

// Counts what the trainer tells.
struct Counter : Observer {
  void on_metrics(const MetricsRecord& record) override {
    ++metrics;
    EXPECT_EQ(record.updates % 100, 0);
  }
  void on_evaluation(const EvaluationRecord& record) override {
    ++evaluations;
    EXPECT_EQ(record.env_steps % 500, 0);
  }
  int metrics = 0, evaluations = 0;
};

// Moves in a thread of its own between send() and receive(), as Atari's environments do.
class ThreadedEnv final : public VectorEnv {
 public:
  explicit ThreadedEnv(int64_t count) : inner_(find_env("CartPole-v1"), count, 0) {
    spec_ = inner_.spec();
    make_room(static_cast<size_t>(count));
    take();
  }

  void receive() override {
    moving_.get();
    take();
  }
  void serialize(Archive& archive) override { inner_.serialize(archive); }

 private:
  void begin_step() override {
    moving_ = std::async(std::launch::async, [this] { inner_.step(actions_); });
  }
  void take() {
    std::ranges::copy(inner_.observations().bytes(), observations_.begin());
    std::ranges::copy(inner_.next_observations().bytes(), next_observations_.begin());
    std::ranges::copy(inner_.rewards(), rewards_.begin());
    std::ranges::copy(inner_.terminated(), terminated_.begin());
    std::ranges::copy(inner_.truncated(), truncated_.begin());
  }

  SyncVectorEnv inner_;
  std::future<void> moving_;
};

TEST(Trainer, OverlapIsTheSameRunWhetherEnvironmentsMoveMeanwhileOrNot) {
  RunConfig config = small_config();
  config.env.count = 2;
  const auto weights = [&](std::unique_ptr<VectorEnv> envs) {
    Trainer trainer(config, find_env("CartPole-v1"), std::move(envs));
    while (!trainer.done()) trainer.step();
    return std::pair(trainer.algorithm().updates(), trainer.algorithm().weights_sha256());
  };
  const auto in_turn = weights(nullptr);
  config.train.overlap = true;
  const auto overlapped = weights(nullptr);
  EXPECT_EQ(weights(std::make_unique<ThreadedEnv>(2)), overlapped);
  EXPECT_NE(overlapped.second, in_turn.second);
  EXPECT_EQ(overlapped.first + 2, in_turn.first) << "the last step's updates are still to be done";
}

TEST(Trainer, EvaluationDisturbsNothing) {
  std::vector<std::string> weights;
  for (const int64_t every : {0, 500}) {
    RunConfig config = small_config();
    config.eval.every_env_steps = every;
    Counter counter;
    Trainer trainer(config, find_env("CartPole-v1"));
    trainer.add_observer(counter);
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(counter.evaluations, every ? 6 : 0);
    EXPECT_EQ(counter.metrics, (3'000 - 63) / 100);
    weights.push_back(trainer.algorithm().weights_sha256());
  }
  EXPECT_EQ(weights[0], weights[1]);
}

TEST(Trainer, StopsWhenSolvedAndNotBefore) {
  RunConfig config = small_config();
  config.train.env_steps = 20'000;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  config.eval = {.every_env_steps = 500, .episodes = 5, .stop_when_solved = true, .solved_mean_return = 1};
  Trainer trainer(config, [] { return std::make_unique<test::ChainEnv>(3, 20); });
  while (!trainer.done()) trainer.step();
  EXPECT_EQ(trainer.early_stop(), "solved");
  EXPECT_LT(trainer.env_steps(), 20'000);
  EXPECT_EQ(trainer.env_steps() % 500, 0);
  config.eval.solved_mean_return = 1.5;  // more than there is
  Trainer never(config, [] { return std::make_unique<test::ChainEnv>(3, 20); });
  while (!never.done()) never.step();
  EXPECT_EQ(never.early_stop(), "");
  EXPECT_EQ(never.env_steps(), 20'000);
}

class EasyIdentityEnv : public test::IdentityEnv {
 public:
  EasyIdentityEnv() { spec_.solved_return = 6; }
};

// Training passes the threshold of 6 of 10; evaluations at random do not.
TEST(Trainer, IsSolvedAtTheEnvironmentsOwnThresholdUnlessAnotherIsSet) {
  RunConfig config = small_config();
  config.train.env_steps = 4'000;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  const auto solved_with = [&](const EvalConfig& eval) {
    config.eval = eval;
    Trainer trainer(config, [] { return std::make_unique<EasyIdentityEnv>(); });
    while (!trainer.done()) trainer.step();
    EXPECT_GT(trainer.returns().first_episode_solved(), 0);
    return trainer.early_stop() == "solved";
  };
  EvalConfig eval{.every_env_steps = 500, .episodes = 20, .stop_when_solved = true};
  EXPECT_TRUE(solved_with(eval));
  eval.epsilon = 1;
  EXPECT_FALSE(solved_with(eval));
  eval.solved_mean_return = 1;
  EXPECT_TRUE(solved_with(eval));
}

// No threshold is no threshold of 0.
TEST(Trainer, AnEnvironmentWithoutAThresholdIsSolvedAtOneThatIsSet) {
  RunConfig config = small_config();
  config.env.id = "MinAtar/Breakout-v1";
  config.network.hidden_sizes = {4};
  config.train.env_steps = 200;
  config.eval = {.every_env_steps = 100, .episodes = 1, .stop_when_solved = true};
  const auto breakout = find_env(config.env.id);
  EXPECT_EQ(test::error_of([&] { Trainer(config, breakout); }),
            "eval.stop_when_solved is true and MinAtar/Breakout-v1 has no threshold of its own; allowed: with "
            "eval.solved_mean_return");
  config.eval.solved_mean_return = 1000;
  Trainer trainer(config, breakout);
  while (!trainer.done()) trainer.step();
  EXPECT_EQ(trainer.early_stop(), "");
}

// Says that its observations are bytes; the one after its fourth step is not.
class NoBytesEnv : public test::IdentityEnv {
 public:
  NoBytesEnv() { spec_.observation_space.leaf().kind = ObservationKind::kBytes; }
  Step step(int64_t action) override {
    const Step result = IdentityEnv::step(action);
    if (++steps_ == 4) observation_[0] = 0.5f;
    return result;
  }

 private:
  int64_t steps_ = 0;
};

TEST(Trainer, AnObservationThatIsNoByteIsRefusedWhereItComesIn) {
  RunConfig config = small_config();
  config.agent.algorithm = AlgorithmKind::kPqn;
  config.pqn = {.rollout_steps = 8, .epochs = 1, .minibatches = 2};
  Trainer trainer(config, [] { return std::make_unique<NoBytesEnv>(); });
  EXPECT_EQ(
      test::error_of([&] {
        while (!trainer.done()) trainer.step();
      }),
      "environment 'Identity-v0', copy 0, step 4 (4 of its episode): number 0 of a byte observation is 0.5; allowed: "
      "whole numbers from 0 to 255");
}

TEST(Trainer, ADivergingRunStopsAndNamesTheStep) {
  RunConfig config = small_config();
  config.agent.optimizer.kind = OptimizerKind::kRmsProp;
  config.agent.optimizer.learning_rate = 1e30;
  Trainer trainer(config, find_env("CartPole-v1"));
  const std::string message = test::error_of([&] {
    while (!trainer.done()) trainer.step();
  });
  EXPECT_NE(message.find("environment step "), std::string::npos) << message;
  EXPECT_NE(message.find("must be finite"), std::string::npos) << message;
}

}  // namespace
}  // namespace deepq
