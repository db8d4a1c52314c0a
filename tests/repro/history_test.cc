// Runs that see what came before (env.frame_stack, env.last_action, env.last_reward): they learn what cannot be learnt
// from one observation, and go on as the unbroken run.
#include <gtest/gtest.h>

#include "deepq/env/registry.h"
#include "deepq/train/run.h"
#include "deepq/train/session.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

// Two steps an episode. The first says which action is right in the second: by the observation, by the reward of
// action 0, or it is the other one than that taken then.
class TwoStepsEnv : public Env {
 public:
  enum class Cue { kObservation, kReward, kAction };

  explicit TwoStepsEnv(Cue cue) : cue_(cue) {}
  const EnvSpec& spec() const override {
    static const EnvSpec kSpec{.id = "TwoSteps-v0",
                               .observation_space = ObservationSpace::real({2}),
                               .action_count = 2,
                               .max_episode_steps = 2,
                               .side_by_side = true};
    return kSpec;
  }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed) random_ = Random(*seed);
    right_ = static_cast<int64_t>(random_.below(2));
    observation_ = {cue_ == Cue::kObservation ? static_cast<float>(right_) : 0.5f, 0};
    return observation_;
  }
  Step step(int64_t action) override {
    if (observation_[1] == 1) return {observation_, action == right_ ? 1.0 : 0.0, true, false};
    observation_ = {0.5f, 1};
    if (cue_ == Cue::kAction) right_ = 1 - action;
    return {observation_, cue_ == Cue::kReward ? 0.1 * static_cast<double>(right_) : 0.0, false, false};
  }
  bool serialize(Archive& archive) override {
    random_.serialize(archive);
    archive.value("right", right_, {0, 1});
    archive.array("observation", observation_);
    return true;
  }

 private:
  Cue cue_;
  Random random_;
  int64_t right_ = 0;
  std::array<float, 2> observation_{};
};

using Cue = TwoStepsEnv::Cue;

EnvFactory two_steps(Cue cue) {
  return [cue] { return std::make_unique<TwoStepsEnv>(cue); };
}

RunConfig config_of(int64_t frame_stack, bool last_action, bool last_reward) {
  RunConfig config;
  config.env = {.id = "TwoSteps-v0",
                .count = 2,
                .frame_stack = frame_stack,
                .last_action = last_action,
                .last_reward = last_reward};
  config.network.hidden_sizes = {32};
  config.agent.batch_size = 32;
  config.agent.optimizer.learning_rate = 3e-3;
  config.train.learning_starts_env_steps = 200;
  config.train.env_steps = 3'000;
  config.exploration = {.schedule = EpsilonSchedule::kLinear, .epsilon_end = 0.1, .anneal_env_steps = 1'000};
  config.eval.final_episodes = 200;
  config.checkpoint.every_env_steps = 0;
  return config;
}

double learnt(Cue cue, const RunConfig& config) { return start_run(config, {}, two_steps(cue)).eval_mean_return; }

// Whoever does not know is right in half of the cases.
TEST(History, IsLearntFrom) {
  EXPECT_GT(learnt(Cue::kObservation, config_of(2, false, false)), 0.99);
  EXPECT_LT(learnt(Cue::kObservation, config_of(1, true, true)), 0.65);
  EXPECT_GT(learnt(Cue::kReward, config_of(1, false, true)), 1.04);
  EXPECT_LT(learnt(Cue::kReward, config_of(2, true, false)), 0.75);
  EXPECT_GT(learnt(Cue::kAction, config_of(1, true, false)), 0.99);
}

// Who only knows the present cannot do otherwise than before: one action for both steps or the other.
TEST(History, OfActionsIsNotInObservations) {
  RunConfig config = config_of(2, false, false);
  config.eval.epsilon = 0.5;  // what was done then is not to be told by what a greedy policy does
  const double without = learnt(Cue::kAction, config);
  config.env.last_action = true;
  EXPECT_GT(learnt(Cue::kAction, config), without + 0.15);
}

TEST(History, ARunGoesOnAsTheUnbrokenOneFromAnyStep) {
  const test::TemporaryFolder folder;
  Random random(4);
  RunConfig config = config_of(3, true, true);
  config.train.env_steps = 600;
  for (const AlgorithmKind kind : {AlgorithmKind::kDqn, AlgorithmKind::kPqn}) {
    config.agent.algorithm = kind;
    const std::string whole = start_run(config, {}, two_steps(Cue::kAction)).weights_sha256;
    for (int i = 0; i < 5; ++i) {
      const std::string path = folder / ("run-" + std::to_string(static_cast<int>(kind)) + std::to_string(i));
      test::StopAt once(1 + static_cast<int64_t>(random.below(590)));
      start_run(config, {.folder = path, .stop = &once.stop, .observers = {&once}}, two_steps(Cue::kAction));
      EXPECT_EQ(resume_run({.folder = path}, two_steps(Cue::kAction)).weights_sha256, whole) << path;
    }
  }
}

TEST(History, IsThatOfALoadedAgentsWorldToo) {
  const test::TemporaryFolder folder;
  RunConfig config = config_of(2, false, true);
  config.train.env_steps = 1'500;
  const RunSummary run = start_run(config, {.folder = folder / "run"}, two_steps(Cue::kObservation));
  EXPECT_EQ(evaluate_run(folder / "run", {}, two_steps(Cue::kObservation)).mean_return, run.eval_mean_return);
  EXPECT_EQ(Policy::load(folder / "run").observation_size(), 6);
}

// As the program has them, by id, and as an object: the same run, whose checkpoints fit each other.
TEST(History, OfAnIdAndOfAnObjectIsTheSame) {
  const test::TemporaryFolder folder;
  RunConfig config = config_of(4, true, false);
  config.env.id = "CartPole-v1";
  config.train.env_steps = 400;
  const RunSummary by_id = start_run(config, {.folder = folder / "run"});
  EXPECT_EQ(start_run(config, {}, find_env("CartPole-v1")).weights_sha256, by_id.weights_sha256);
  EXPECT_EQ(resume_run({.folder = folder / "run", .env_steps = 600}, find_env("CartPole-v1")).env_steps, 600);
}

TEST(History, IsNothingForATable) {
  RunConfig config = config_of(2, false, false);
  config.env.id = "FrozenLake-v1";
  config.agent.algorithm = AlgorithmKind::kQLearning;
  EXPECT_EQ(
      test::error_of([&] { validate(config); }),
      "env.frame_stack is 2; allowed with a tabular agent.algorithm: 1 (a table has a row for each state, and not "
      "for each history)");
}

}  // namespace
}  // namespace deepq
