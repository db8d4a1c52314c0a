// Runs on stacks of frames: the same with single frames kept, and the memory plan.
#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/record/checkpoint.h"
#include "deepq/train/make_algorithm.h"
#include "deepq/train/policy.h"
#include "deepq/train/run.h"
#include "deepq/train/trainer.h"
#include "tests/repro/small_config.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

using test::pixel_config;

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

// Every episode is one step: an observation and the next one, no frame of which is ever seen again.
TEST(Trainer, EpisodesOfOneStepAreLearntFromWhereTheReplayHoldsOneBatch) {
  for (const bool prioritized : {false, true}) {
    RunConfig config = pixel_config();
    config.replay.prioritized = prioritized;
    config.env.count = 1;
    config.replay.capacity = config.agent.batch_size = 32;
    config.train.env_steps = 100;
    Trainer trainer(config, [] { return std::make_unique<test::PixelChainEnv>(test::PixelChainEnv::Screen{}, 1); });
    while (!trainer.done()) trainer.step();
    EXPECT_GE(trainer.algorithm().updates(), 100 - config.agent.batch_size) << prioritized;
  }
}

// The same pictures, which PixelChainEnv gives as {channels, height, width}, with the channels last.
class ChannelsLast : public Env {
 public:
  explicit ChannelsLast(const test::PixelChainEnv::Screen& screen) : env_(screen), spec_(env_.spec()) {
    auto& shape = spec_.observation_space.leaf().shape;
    std::rotate(shape.begin(), shape.begin() + 1, shape.end());
    picture_.resize(static_cast<size_t>(spec_.observation_size()));
  }

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override { return turned(env_.reset(seed)); }
  Step step(int64_t action) override {
    Step step = env_.step(action);
    step.observation = turned(step.observation);
    return step;
  }
  bool serialize(Archive& archive) override { return env_.serialize(archive); }

 private:
  std::span<const float> turned(std::span<const float> from) {
    const auto channels = static_cast<size_t>(spec_.observation_space.shape()[2]);
    const size_t pixels = from.size() / channels;
    for (size_t c = 0; c < channels; ++c)
      for (size_t p = 0; p < pixels; ++p) picture_[p * channels + c] = from[c * pixels + p];
    return picture_;
  }

  test::PixelChainEnv env_;
  EnvSpec spec_;
  std::vector<float> picture_;
};

constexpr test::PixelChainEnv::Screen kPictures{.stacked = false};
const EnvFactory kFirst = [] { return std::make_unique<test::PixelChainEnv>(kPictures); };
const EnvFactory kLast = [] { return std::make_unique<ChannelsLast>(kPictures); };

RunConfig picture_config() {
  RunConfig config = pixel_config();
  config.network.conv_channels = {4};
  config.network.conv_kernels = {3};
  config.network.conv_strides = {1};
  return config;
}

std::string weights_of(const RunConfig& config, const EnvFactory& env) {
  Trainer trainer(config, env);
  while (!trainer.done()) trainer.step();
  return trainer.algorithm().weights_sha256();
}

TEST(Pictures, WithChannelsFirstOrLastAreLearntAlike) {
  RunConfig config = picture_config();
  const std::string weights = weights_of(config, kLast);
  EXPECT_EQ(weights_of(config, kFirst), weights);
  config.env.image_channels = EnvConfig::ImageChannels::kLast;
  EXPECT_EQ(weights_of(config, kLast), weights);
  EXPECT_NE(weights_of(config, kFirst), weights) << "3 x 6 pixels of 8 channels";
  config.env.image_channels = EnvConfig::ImageChannels::kFirst;
  EXPECT_EQ(weights_of(config, kFirst), weights);
}

TEST(Pictures, TheSmallerOfFirstAndLastDimensionHoldsTheChannels) {
  RunConfig config;
  const auto first = [&](std::vector<int64_t> shape) {
    const EnvSpec env{.id = "A", .observation_space = ObservationSpace::real(std::move(shape)), .action_count = 2};
    return algorithm_shape(config, env).observation.leaf().has_channels_first();
  };
  EXPECT_TRUE(first({3, 32, 48}));
  EXPECT_TRUE(first({4, 84, 84}));
  EXPECT_TRUE(first({1, 2, 2}));
  EXPECT_FALSE(first({32, 48, 3}));
  EXPECT_FALSE(first({10, 10, 10}));
  EXPECT_FALSE(first({84, 84, 1}));
  EXPECT_FALSE(first({3, 48}));
  config.env.image_channels = EnvConfig::ImageChannels::kFirst;
  EXPECT_TRUE(first({10, 10, 4}));
  config.env.image_channels = EnvConfig::ImageChannels::kLast;
  EXPECT_FALSE(first({3, 32, 48}));
}

TEST(Pictures, OfStacksOfFramesHaveTheirChannelsFirst) {
  RunConfig config = picture_config();
  config.env.image_channels = EnvConfig::ImageChannels::kLast;
  EXPECT_EQ(
      test::error_of([&] {
        Trainer(config, [] { return std::make_unique<test::PixelChainEnv>(test::PixelChainEnv::Screen{}); });
      }),
      "env.image_channels is last; allowed for PixelChain-v0, whose observations are stacks of frames: auto, first");
}

// The agent alone, too; and nothing is restored the other way round.
TEST(Pictures, ACheckpointKnowsItsChannels) {
  const test::TemporaryFolder folder;
  RunConfig config = picture_config();
  start_run(config, {.folder = folder / "run"}, kFirst);
  Policy agent = Policy::load(folder / "run");
  EXPECT_TRUE(agent.observation_space().leaf().has_channels_first());
  Trainer same(config, kFirst);
  std::vector<std::string> set_aside;
  const CheckpointFile checkpoint = newest_checkpoint(folder / "run/checkpoints", set_aside);
  Archive archive(checkpoint.tensors());
  same.serialize(archive);
  const auto world = kFirst();  // which keeps the picture
  const auto picture = world->reset(1);
  EXPECT_TRUE(std::ranges::equal(agent.q_values(picture), same.policy().q_values(picture)));
  config.env.image_channels = EnvConfig::ImageChannels::kLast;
  Trainer other(config, kFirst);
  EXPECT_EQ(test::error_of([&] {
              Archive again(checkpoint.tensors());
              other.serialize(again);
            }),
            "the channels of its pictures are first; allowed: with env.image_channels first");
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
