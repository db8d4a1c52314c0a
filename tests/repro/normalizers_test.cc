// Runs whose observations and rewards are normalised: they learn with every variant what they do not learn without, go
// on as the unbroken run, and evaluations leave their statistics alone.
#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/train/run.h"
#include "deepq/train/session.h"
#include "tests/scales_env.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::kScales;
using test::ScalesEnv;

double part_learnt(const RunConfig& config) {
  Trainer trainer(config, kScales);
  while (!trainer.done()) trainer.step();
  ScalesEnv world;
  auto observation = world.reset(5);
  constexpr int kSteps = 200;
  int right = 0;
  for (int i = 0; i < kSteps; ++i) {
    const int64_t action = trainer.policy().act(observation);
    right += action == world.right();
    observation = world.step(action).observation;
  }
  return static_cast<double>(right) / kSteps;
}

TEST(Normalizers, NumbersOfTheWrongSizeAreLearntFromWithEveryVariant) {
  for (const auto& [name, config] : test::scales_runs()) EXPECT_GT(part_learnt(config), 0.95) << name;
  RunConfig without = test::scales_run();
  without.network.normalize_observations = without.agent.normalize_rewards = false;
  EXPECT_LT(part_learnt(without), 0.8);
}

TEST(Normalizers, ARunGoesOnAsTheUnbrokenOneFromAnyStep) {
  const test::TemporaryFolder folder;
  Random random(11);
  int number = 0;
  for (auto& [name, config] : test::scales_runs()) {
    RunConfig shorter = config;
    shorter.train.env_steps = 400;
    shorter.eval.every_env_steps = 100;  // whose states a resumed run must not need
    const std::string whole = start_run(shorter, {}, kScales).weights_sha256;
    for (int i = 0; i < (name == "plain" ? 8 : 1); ++i) {
      const std::string path = folder / ("run-" + std::to_string(number++));
      test::StopAt once(1 + static_cast<int64_t>(random.below(390)));
      start_run(shorter, {.folder = path, .stop = &once.stop, .observers = {&once}}, kScales);
      EXPECT_EQ(resume_run({.folder = path}, kScales).weights_sha256, whole) << name << " " << path;
    }
  }
}

TEST(Normalizers, EvaluationsChangeNoRun) {
  for (const auto& [name, config] : test::scales_runs()) {
    RunConfig quiet = config;
    quiet.train.env_steps = 400;
    RunConfig evaluated = quiet;
    evaluated.eval.every_env_steps = 50;
    evaluated.eval.final_episodes = 5;
    EXPECT_EQ(start_run(quiet, {}, kScales).weights_sha256, start_run(evaluated, {}, kScales).weights_sha256) << name;
  }
}

TEST(Normalizers, ALoadedAgentSeesAsTheTrainedOneDid) {
  const test::TemporaryFolder folder;
  for (const auto& [name, config] : test::scales_runs()) {
    Session session(config, kScales);
    session.learn(200, {});
    session.save(folder / name);
    Policy loaded = Policy::load(folder / name);
    ScalesEnv world;
    const auto observation = world.reset(3);
    const auto q = session.trainer().policy().q_values(observation);
    const std::vector<double> wanted(q.begin(), q.end());
    EXPECT_TRUE(std::ranges::equal(loaded.q_values(observation), wanted)) << name;
  }
}

// The best agent of a run keeps the statistics that it was the best with.
TEST(Normalizers, TheBestAgentHasItsOwn) {
  const test::TemporaryFolder folder;
  RunConfig config = test::scales_run();
  config.train.env_steps = 600;
  config.eval.every_env_steps = 200;
  config.eval.keep_best = true;
  start_run(config, {.folder = folder / "run"}, kScales);
  Policy best = Policy::load(folder / "run");
  EXPECT_TRUE(best.is_best());
  ScalesEnv world;
  const auto observation = world.reset(3);
  EXPECT_TRUE(std::isfinite(best.q_values(observation)[0]));
}

TEST(Normalizers, AreRefusedOfATable) {
  RunConfig config;
  config.env.id = "FrozenLake-v1";
  config.agent.algorithm = AlgorithmKind::kQLearning;
  config.train.env_steps = 100;
  config.network.normalize_observations = true;
  EXPECT_EQ(test::error_of([&] { validate(config); }),
            "network.normalize_observations is true; allowed with a tabular agent.algorithm: false (states are no "
            "numbers to normalise)");
  config.network.normalize_observations = false;
  config.agent.normalize_rewards = true;
  EXPECT_EQ(test::error_of([&] { validate(config); }),
            "agent.normalize_rewards is true; allowed with a tabular agent.algorithm: false (a table learns alike from "
            "rewards of any scale)");
}

}  // namespace
}  // namespace deepq
