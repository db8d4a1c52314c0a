// Runs on stacks of frames: the same with single frames kept, and the memory plan.
#include <gtest/gtest.h>

#include "deepq/train/run.h"
#include "deepq/train/trainer.h"
#include "tests/repro/small_config.h"
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
