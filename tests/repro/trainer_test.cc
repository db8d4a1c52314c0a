// The training loop's promises: no allocation after construction, the cadence of updates, the memory plan, broken
// environments.
#include "deepq/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <limits>
#include <numeric>

#include "deepq/agent/dqn.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/train/run.h"
#include "tests/allocations.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

RunConfig small_config() {
  RunConfig config;
  config.train.env_steps = 3'000;
  config.replay.capacity = 1'000;
  config.eval.final_episodes = 0;
  return config;
}

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
    config.eval.every_env_steps = 0;
    Trainer trainer(config, find_env(config.env.id, config.env_options));
    const int64_t before = test::allocation_count;
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(test::allocation_count, before) << config.preset;
    EXPECT_GT(trainer.algorithm().updates(), 0) << config.preset;
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

// CartPole without a limit of its own, which may go on where it was when it is reset before the pole has fallen. It
// writes down what its steps lead to.
class LimitedFromOutside : public Env {
 public:
  explicit LimitedFromOutside(bool goes_on, std::vector<float>* reached = nullptr)
      : spec_(cartpole_->spec()), goes_on_(goes_on), all_reached_(reached) {
    spec_.max_episode_steps = 0;
  }
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed || fallen_ || !goes_on_) take(cartpole_->reset(seed));
    fallen_ = false;
    return reached_;
  }
  Step step(int64_t action) override {
    Step step = cartpole_->step(action);
    take(step.observation);
    if (all_reached_) all_reached_->insert(all_reached_->end(), reached_.begin(), reached_.end());
    fallen_ = step.terminated;
    step.observation = reached_;
    return step;
  }

 private:
  void take(std::span<const float> observation) { reached_.assign(observation.begin(), observation.end()); }

  std::unique_ptr<Env> cartpole_ = find_env("CartPole-v1")();
  EnvSpec spec_;
  bool goes_on_, fallen_ = true;
  std::vector<float> reached_, *all_reached_;
};

RunConfig with_limit(int64_t limit, bool bootstrap) {
  RunConfig config = small_config();
  config.env.max_episode_steps = limit;
  config.agent.bootstrap_at_truncation = bootstrap;
  return config;
}

TEST(Trainer, ATruncationIsStoredWithTheObservationReachedAndGamma) {
  constexpr int64_t kSteps = 70;  // 10 episodes of 7 steps: too few to fall
  std::vector<float> reached;
  Trainer trainer(with_limit(7, true), [&] { return std::make_unique<LimitedFromOutside>(false, &reached); });
  while (trainer.env_steps() < kSteps) trainer.step();
  ASSERT_EQ(trainer.episodes(), 10);
  std::vector<int64_t> indices(kSteps);
  std::iota(indices.begin(), indices.end(), 0);
  std::vector<float> from(4 * kSteps), to(4 * kSteps), rewards(kSteps), discounts(kSteps);
  std::vector<int32_t> actions(kSteps);
  dynamic_cast<const Dqn&>(trainer.algorithm())
      .gather(indices, {from.data(), to.data(), 4, actions, rewards, discounts});
  EXPECT_EQ(to, reached);
  EXPECT_EQ(discounts, std::vector<float>(kSteps, 0.99f));
}

std::vector<float> values_with_limit(int64_t limit, bool bootstrap) {
  Trainer trainer(with_limit(limit, bootstrap), [] { return std::make_unique<LimitedFromOutside>(true); });
  while (!trainer.done()) trainer.step();
  const auto q = trainer.q_function()(std::vector<float>{0.1f, -0.2f, 0.05f, 0.3f});
  return {q.begin(), q.end()};
}

// What is stored at a limit that is bootstrapped through is what would be stored without it. So where the world goes on
// after it, every bit of the run is the same.
TEST(Trainer, ALimitThatTheWorldGoesOnAfterChangesNothing) {
  const std::vector<float> unlimited = values_with_limit(0, true);
  EXPECT_EQ(values_with_limit(7, true), unlimited);
  EXPECT_NE(values_with_limit(7, false), unlimited);
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
    std::ranges::copy(inner_.observations(), observations_.begin());
    std::ranges::copy(inner_.next_observations(), next_observations_.begin());
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

TEST(Trainer, EvaluationHasItsOwnTimeLimitWhereAsked) {
  struct : Observer {
    void on_evaluation(const EvaluationRecord& record) override { longest = std::max(longest, record.mean_length); }
    double longest = 0;
  } lengths;
  for (const int64_t limit : {0, 8}) {
    RunConfig config = with_limit(7, true);
    config.eval.every_env_steps = 500;
    config.eval.max_episode_steps = limit;
    lengths.longest = 0;
    Trainer trainer(config, [] { return std::make_unique<LimitedFromOutside>(false); });
    trainer.add_observer(lengths);
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(lengths.longest, limit > 0 ? 8 : 7);  // too few to fall
  }
}

TEST(Trainer, StopsWhenSolvedAndNotBefore) {
  RunConfig config = small_config();
  config.train.env_steps = 20'000;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  config.eval = {.every_env_steps = 500, .episodes = 5, .stop_when_solved = true, .solved_mean_return = 1};
  Trainer trainer(config, [] { return std::make_unique<test::ChainEnv>(3, 20); });
  while (!trainer.done()) trainer.step();
  EXPECT_TRUE(trainer.solved());
  EXPECT_LT(trainer.env_steps(), 20'000);
  EXPECT_EQ(trainer.env_steps() % 500, 0);
  config.eval.solved_mean_return = 1.5;  // more than there is
  Trainer never(config, [] { return std::make_unique<test::ChainEnv>(3, 20); });
  while (!never.done()) never.step();
  EXPECT_FALSE(never.solved());
  EXPECT_EQ(never.env_steps(), 20'000);
}

// Both ends of the mask: with bootstrapping a cut-off chain still has its value; without, the time limit is learnt as
// the end.
TEST(Trainer, TruncationIsAnEndOnlyWhenAskedFor) {
  for (const bool bootstrap : {true, false}) {
    RunConfig config = small_config();
    config.agent.bootstrap_at_truncation = bootstrap;
    config.agent.batch_size = 8;
    Trainer trainer(config, [] { return std::make_unique<test::IdentityEnv>(3, 5); });
    while (!trainer.done()) trainer.step();
    Archive archive;
    trainer.serialize(archive);
    const TensorView& records = archive.tensors().at("trainer/replay/records");
    int ends = 0;
    for (int64_t i = 0; i < records.shape[0]; ++i)
      ends += reinterpret_cast<const float*>(records.bytes.data())[i * records.shape[1] + 2] == 0;
    EXPECT_EQ(ends, bootstrap ? 0 : records.shape[0] / 5);
  }
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

RunConfig pixel_config() {
  RunConfig config = small_config();
  config.train.env_steps = 900;
  config.env.count = 2;
  config.replay.capacity = 300;
  config.agent.batch_size = 8;
  config.network.hidden_sizes = {16};
  config.network.input_divisor = 255;
  return config;
}

// What the replay hands out is the same whether it keeps stacks or single frames: so is the whole run.
TEST(Trainer, KeepingSingleFramesChangesNothing) {
  for (const bool prioritized : {false, true})
    for (const int64_t n_step : {1, 3})
      for (const bool repeat_first : {false, true}) {
        std::vector<std::string> weights;
        for (const bool stacked : {false, true}) {
          RunConfig config = pixel_config();
          config.replay.prioritized = prioritized;
          config.replay.capacity = 1'000;  // short episodes leave fewer of a full replay, see FrameStore
          config.agent.n_step = n_step;
          Trainer trainer(config, [=] {
            return std::make_unique<test::PixelChainEnv>(
                test::PixelChainEnv::Screen{.repeat_first = repeat_first, .stacked = stacked}, 120);
          });
          while (!trainer.done()) trainer.step();
          Archive archive;
          trainer.serialize(archive);
          EXPECT_EQ(archive.tensors().contains("trainer/replay/frames"), stacked);
          weights.push_back(trainer.algorithm().weights_sha256());
        }
        EXPECT_EQ(weights[0], weights[1]) << prioritized << " " << n_step << " " << repeat_first;
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

TEST(Trainer, ThePlanStatesTheFramesOfAFullReplay) {
  RunConfig config = pixel_config();
  config.train.env_steps = 0;
  config.train.episodes = 10;
  config.replay.capacity = 1'000'000;
  const test::PixelChainEnv atari({.stack = 4, .height = 84, .width = 84});
  const auto replay = plan_memory(config, atari.spec()).parts.front();
  EXPECT_EQ(replay.first, "replay");
  EXPECT_LE(replay.second, 7'300'000'000);
  EXPECT_GE(replay.second, 7'056'000'000);
}

TEST(Trainer, TheLargestCapacityIsTheLastThatFits) {
  RunConfig config = pixel_config();
  config.train.env_steps = 0;
  config.train.episodes = 10;
  config.replay.capacity = 1'000'000;
  const EnvSpec atari = test::PixelChainEnv({.stack = 4, .height = 84, .width = 84}).spec();
  constexpr int64_t kBytes = 1'000'000'000, kPages = 2'000'000;  // the program itself grows now and then
  const int64_t fits = largest_capacity(config, atari, kBytes);
  config.replay.capacity = fits;
  EXPECT_NEAR(static_cast<double>(plan_memory(config, atari).total()), kBytes, kPages);
  EXPECT_EQ(largest_capacity(config, atari, int64_t{1} << 60), fits) << "no more than was asked for";
  EXPECT_EQ(largest_capacity(config, atari, 1000), 0);
}

}  // namespace
}  // namespace deepq
