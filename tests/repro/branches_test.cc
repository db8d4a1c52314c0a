// Runs with actions on several axes: each axis is learnt, alone and with what combines with it; they go on as the
// unbroken run.
#include <gtest/gtest.h>

#include <cmath>

#include "deepq/train/run.h"
#include "deepq/train/session.h"
#include "tests/branches_env.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::branches;
using test::BranchesEnv;
using Axes = std::vector<int64_t>;

// The part of the axes on which a trained agent is right.
double part_learnt(RunConfig config, const Axes& axes, BranchesEnv::Masks masks = BranchesEnv::Masks::kNo,
                   int64_t env_steps = 4'000) {
  config.train.env_steps = env_steps;
  config.agent.gamma = 0;
  config.agent.optimizer.learning_rate = 3e-3;
  Trainer trainer(config, branches(axes, masks));
  while (!trainer.done()) trainer.step();
  BranchesEnv world(axes, masks);
  auto observation = world.reset(5);
  double right = 0;
  constexpr int kSteps = 200;
  for (int i = 0; i < kSteps; ++i) {
    std::vector<uint64_t> legal(world.legal_actions().words().begin(), world.legal_actions().words().end());
    ObservationRows rows(observation);
    if (!legal.empty()) rows = rows.where_legal(legal, world.spec().actions().values());
    const int64_t action = trainer.policy().act(rows);
    EXPECT_TRUE(legal.empty() || is_legal(world.spec().actions(), action, LegalActions(legal)));
    right += world.right_part(action);
    observation = world.step(action).observation;
  }
  return right / kSteps;
}

void explore_for(RunConfig& config, int64_t env_steps) {
  config.exploration.schedule = EpsilonSchedule::kLinear;
  config.exploration.epsilon_end = 0.2;
  config.exploration.anneal_env_steps = env_steps;
}

TEST(Branches, AreLearntWithWhatCombines) {
  for (const auto& [name, config] : test::branches_runs()) {
    EXPECT_GT(part_learnt(config, {3, 4}), 0.95) << name;
  }
}

// What no table and no network of a value for each combination could hold.
TEST(Branches, TenAxesOfElevenAreLearnt) {
  const Axes axes(10, 11);
  RunConfig config = test::branches_run();
  config.network.hidden_sizes = {64};
  explore_for(config, 45'000);
  config.exploration.epsilon_end = 0.5;
  EXPECT_GT(part_learnt(config, axes, BranchesEnv::Masks::kNo, 60'000), 0.85) << "by chance 0.09";
  config.agent.flatten_actions = true;
  EXPECT_EQ(test::error_of([&] { Trainer(config, branches(axes)); }),
            "the 11x11x11x11x11x11x11x11x11x11 actions are 25937424601 combinations, each an action of its own here; "
            "allowed: up to 1048576, or agent.algorithm dqn with agent.flatten_actions false");
}

// The product's agents are right as often, within what their seeds differ by.
TEST(Branches, AreAsGoodAsTheirProduct) {
  std::vector<double> differences;
  for (int64_t seed = 0; seed < 5; ++seed) {
    RunConfig config = test::branches_run();
    config.train.seed = seed;
    const double apart = part_learnt(config, {3, 4});
    config.agent.flatten_actions = true;
    differences.push_back(apart - part_learnt(config, {3, 4}));
  }
  double mean = 0, squares = 0;
  for (const double one : differences) mean += one / 5;
  for (const double one : differences) squares += (one - mean) * (one - mean) / 4;
  EXPECT_LE(std::abs(mean), 0.02 + 2.776 * std::sqrt(squares / 5)) << "Student's t, 4 degrees of freedom";
}

TEST(Branches, AreChosenAmongTheLegalOfEachAxis) {
  for (const auto& [name, config] : test::branches_runs()) {
    if (name != "plain" && name != "dueling") continue;
    EXPECT_GT(part_learnt(config, {3, 4, 2}, BranchesEnv::Masks::kYes), 0.95) << name;
  }
  RunConfig config = test::branches_run();
  config.agent.flatten_actions = true;
  EXPECT_EQ(test::error_of([&] {
              Trainer(config, branches({3, 4}, BranchesEnv::Masks::kYes));
            }),
            "agent.flatten_actions is true, and Branches-v0 says which choices are legal, not which combinations; "
            "allowed: false");
}

TEST(Branches, OfATableAndOfPqnAreTheirProduct) {
  RunConfig config = test::branches_run();
  config.agent.algorithm = AlgorithmKind::kQLearning;
  explore_for(config, 8'000);
  EXPECT_GT(part_learnt(config, {3, 4}, BranchesEnv::Masks::kNo, 8'000), 0.95);
  config = test::branches_run();
  config.agent.algorithm = AlgorithmKind::kPqn;
  config.agent.flatten_actions = true;
  config.pqn.rollout_steps = 16;
  config.pqn.minibatches = 1;
  explore_for(config, 8'000);
  EXPECT_GT(part_learnt(config, {3, 4}, BranchesEnv::Masks::kNo, 8'000), 0.9);
}

TEST(Branches, OfWhatKnowsNoAxesAreRefused) {
  const auto refusal = [](void (*change)(RunConfig&)) {
    RunConfig config = test::branches_run();
    change(config);
    return test::error_of([&] { Trainer(config, branches({3, 4})); });
  };
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.algorithm = AlgorithmKind::kPqn; }),
            "agent.algorithm is pqn with 3x4 actions: its returns follow one value of a state; allowed: "
            "agent.flatten_actions=true");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.munchausen = true; }),
            "agent.munchausen is true with 3x4 actions: its policy is one over all actions; allowed: "
            "agent.flatten_actions=true");
  EXPECT_EQ(refusal([](RunConfig& c) { c.agent.value.representation = Representation::kQuantile; }),
            "value.representation is quantile with 3x4 actions: the target is a mean of expected values; allowed: "
            "agent.flatten_actions=true");
}

TEST(Branches, ARunGoesOnAsTheUnbrokenOneFromAnyStep) {
  const test::TemporaryFolder folder;
  Random random(12);
  int number = 0;
  for (const Axes& axes : {Axes{3, 4}, Axes(10, 11)})
    for (const auto& [name, config] : test::branches_runs())
      for (const auto masks : {BranchesEnv::Masks::kNo, BranchesEnv::Masks::kYes}) {
        if (name != "plain" && name != "all") continue;
        const EnvFactory env = branches(axes, masks);
        const std::string whole = start_run(config, {}, env).weights_sha256;
        for (int i = 0; i < 3; ++i) {
          const std::string path = folder / ("run-" + std::to_string(number++));
          test::StopAt once(1 + static_cast<int64_t>(random.below(590)));
          start_run(config, {.folder = path, .stop = &once.stop, .observers = {&once}}, env);
          EXPECT_EQ(resume_run({.folder = path}, env).weights_sha256, whole) << path << " " << name;
        }
      }
}

// Their number alone does not tell that the axes are others.
TEST(Branches, AnAgentOfOtherAxesIsRefused) {
  const test::TemporaryFolder folder;
  RunConfig config = test::branches_run();
  config.train.env_steps = 100;
  start_run(config, {.folder = folder / "run"}, branches({3, 4}));
  const std::string error = test::error_of([&] { resume_run({.folder = folder / "run"}, branches({4, 3})); });
  EXPECT_NE(error.find("it has 3x4 actions; allowed: 4x3 actions"), std::string::npos) << error;
}

TEST(Branches, ALoadedAgentKnowsItsAxes) {
  const test::TemporaryFolder folder;
  RunConfig config = test::branches_run();
  config.train.env_steps = 100;
  start_run(config, {.folder = folder / "run"}, branches({3, 4}));
  Policy agent = Policy::load(folder / "run");
  EXPECT_EQ(agent.actions(), ActionSpace({3, 4}));
  EXPECT_EQ(agent.trained_in().action_axes, (Axes{3, 4}));
  EXPECT_EQ(agent.q_values(std::vector<float>{2}).size(), 7u);
}

}  // namespace
}  // namespace deepq
