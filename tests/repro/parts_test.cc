// Runs on observations of several parts: they learn from all of them and go on as the unbroken run.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "deepq/train/run.h"
#include "deepq/train/session.h"
#include "tests/signs_env.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::SignsEnv;

TEST(Parts, ARunGoesOnAsTheUnbrokenOneFromAnyStep) {
  const test::TemporaryFolder folder;
  Random random(11);
  int number = 0;
  for (const RunConfig& config : test::signs_runs()) {
    const std::string whole = start_run(config, {}, test::kSigns).weights_sha256;
    for (int i = 0; i < 5; ++i) {
      const std::string path = folder / ("run-" + std::to_string(number++));
      test::StopAt once(1 + static_cast<int64_t>(random.below(590)));
      start_run(config, {.folder = path, .stop = &once.stop, .observers = {&once}}, test::kSigns);
      EXPECT_EQ(resume_run({.folder = path}, test::kSigns).weights_sha256, whole) << path;
    }
  }
}

// A network that did not see one of the parts could not be right more often than two in three times.
TEST(Parts, AllOfThemAreLearntFrom) {
  RunConfig config = test::signs_runs()[0];
  config.train.env_steps = 8'000;
  config.agent.optimizer.learning_rate = 3e-3;
  Trainer trainer(config, test::kSigns);
  while (!trainer.done()) trainer.step();
  SignsEnv world;
  auto observation = world.reset(5);
  int right = 0;
  for (int i = 0; i < 300; ++i) {
    const int64_t action = trainer.policy().act(observation);
    right += action == world.right();
    observation = world.step(action).observation;
  }
  EXPECT_GT(right, 270);
}

TEST(Parts, ALoadedAgentSeesThemAsTheTrainedOneDid) {
  const test::TemporaryFolder folder;
  for (const RunConfig& config : test::signs_runs()) {
    Session session(config, test::kSigns);
    session.learn(200, {});
    session.save(folder / "agent");
    Policy loaded = Policy::load(folder / "agent");
    SignsEnv world;
    auto observation = world.reset(3);
    for (int i = 0; i < 20; ++i) {
      const auto wanted = session.trainer().policy().q_values(observation);
      const std::vector<double> kept(wanted.begin(), wanted.end());
      EXPECT_TRUE(std::ranges::equal(loaded.q_values(observation), kept));
      observation = world.step(0).observation;
    }
  }
}

TEST(Parts, AnAgentOfOthersIsRefused) {
  struct Renamed : SignsEnv {
    Renamed() {
      std::vector<ObservationLeaf> leaves = SignsEnv::spec().observation_space.leaves();
      leaves[1].name = "angle";
      own = SignsEnv::spec();
      own.observation_space = ObservationSpace(leaves);
    }
    const EnvSpec& spec() const override { return own; }
    EnvSpec own;
  };
  const test::TemporaryFolder folder;
  RunConfig config = test::signs_runs()[0];
  config.train.env_steps = 100;
  start_run(config, {.folder = folder / "run"}, test::kSigns);
  const EnvFactory renamed = [] { return std::make_unique<Renamed>(); };
  EXPECT_NE(test::error_of([&] {
              resume_run({.folder = folder / "run"}, renamed);
            }).find("part 1 of its observations is 'turn'; allowed: 'angle'"),
            std::string::npos)
      << test::error_of([&] { resume_run({.folder = folder / "run"}, renamed); });
}

}  // namespace
}  // namespace deepq
